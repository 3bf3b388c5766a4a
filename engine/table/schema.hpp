// What a table's columns mean: inferred from all rows, or written by the user.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/table/text_table.hpp"

namespace agon {

enum class ColumnKind : std::uint8_t {
  continuous,  ///< numbers with a step or without
  count,       ///< whole numbers >= 0 of a quantity
  code,        ///< few-valued numbers, in order
  category,    ///< few-valued text
  boolean,     ///< two values
  date,        ///< a number of days since 1970-01-01
  time,        ///< seconds since midnight
  date_time,   ///< seconds since 1970-01-01 00:00
  identifier,  ///< names a record; made anew in the original's pattern
  constant,
  text,  ///< many-valued, free: not learnt
};

/// How a column's numbers are spelled.
struct NumberFormat {
  int decimals = 0;          ///< values are multiples of 10^-decimals; 18: as many as a number needs
  int printed_decimals = 0;  ///< most digits behind the point in the file; 18: as many as a number needs
  int fewest_decimals = 0;   ///< fewest of them: zeros at the end are written down to here
  double step = 0;  ///< values are whole multiples of it, from some offset on; 0: no coarser than decimals
  double offset = 0;
  char mark = '.';                ///< between whole digits and decimals
  char group = '\0';              ///< between thousands; '\0': none
  std::string before{}, after{};  ///< words of a unit: "12 mg" has after = " mg"

  friend bool operator==(const NumberFormat&, const NumberFormat&) = default;
};

struct ColumnSchema {
  std::string name;
  ColumnKind kind = ColumnKind::continuous;
  NumberFormat number{};               ///< of numbers
  std::string format{};                ///< of dates and times, as strftime has it: "%Y-%m-%d"
  std::vector<std::string> missing{};  ///< spellings that stand for no value: "", "NA"; the commonest first
  std::vector<std::string> marks{};    ///< spellings among numbers that are levels of their own: "<0.5"
  std::vector<double> sentinels{};     ///< numbers that seem to stand for no value: -999. Levels of their own
  bool rare_marks = false;             ///< what else stands among numbers or dates is a mark, too: a rare one
  bool keep_rare = false;              ///< levels rarer than the schema's threshold are learnt, not pooled
  bool ignored = false;                ///< neither learnt nor drawn

  bool is_number() const { return kind <= ColumnKind::code; }
  bool is_moment() const { return kind >= ColumnKind::date && kind <= ColumnKind::date_time; }

  friend bool operator==(const ColumnSchema&, const ColumnSchema&) = default;
};

struct Schema {
  std::vector<ColumnSchema> columns;  ///< in the table's order
  std::int64_t rarest = 5;  ///< rows that a level must have, or it is pooled: a rare level is a person
  std::vector<std::string> constraints{};  ///< of every record drawn: "dbp < sbp"

  friend bool operator==(const Schema&, const Schema&) = default;
};

/// Something that the user should know of before training.
struct Finding {
  enum class Weight : std::uint8_t { note, warning, error };
  Weight weight = Weight::note;
  std::string column;  ///< empty: of the table
  std::string what;    ///< "-999 in 41 rows (8.2%) looks like a code for no value"
  std::string remedy;  ///< "list it under missing in the schema"; may be empty
};

/// "column 'age': ...; remedy"
std::string line_of(const Finding& finding);

/// Which spellings findings may name: those that as many rows have as a level must, or any, also one
/// person's. Spellings in errors are named in any case: they must be mended.
enum class Examples : std::uint8_t { shared, any };

/// From all rows. A missing marker is one of the usual spellings (empty, NA, N/A, NULL, NaN, ., .., -, ?,
/// n.a., #N/A, #DIV/0!, ...) that are not themselves levels.
struct Inferred {
  Schema schema;
  std::vector<Finding> findings;
};
Inferred infer_schema(const TextTable& table, Examples examples = Examples::shared);

/// For what leaves the machine: marks that fewer than `rarest` rows of the table have are listed no longer,
/// and read by `rare_marks`; but where a column keeps rare levels.
Schema without_rare_marks(Schema schema, const TextTable& table);

/// What of a schema does not fit the table: unknown columns, columns that are left out, cells that are not of
/// the column's kind, each with what was found.
std::vector<Finding> check_schema(const Schema& schema, const TextTable& table);

/// A column's spellings, read as its schema says.
struct ReadColumn {
  enum class Cell : std::uint8_t { value, missing, mark };
  std::vector<Cell> cell;     ///< of each spelling
  std::vector<double> value;  ///< likewise: of numbers, dates and times; NaN where it is none
};

/// Throws DataError with the column and the spelling where one is neither a value of the column's kind, nor
/// missing, nor a mark. Of categories, identifiers and text every spelling that is not missing is a value.
ReadColumn read_column(const TextColumn& column, const ColumnSchema& schema);

/// The way back of a number, a date or a time, in the column's own spelling.
std::string spell(double value, const ColumnSchema& schema);

/// "continuous", "ordered code", ...
std::string_view to_string(ColumnKind kind);
/// Throws ConfigurationError that lists the kinds.
ColumnKind parse_kind(std::string_view name);

/// As JSON, for checkpoints. Reading throws DataError "<source>: ...".
std::string schema_to_json(const Schema& schema);
Schema schema_from_json(std::string_view text, std::string_view source);

}  // namespace agon
