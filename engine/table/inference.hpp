// The steps of infer_schema: each looks at one column's distinct spellings.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/table/number_text.hpp"
#include "engine/table/schema.hpp"

namespace agon {

/// A distinct spelling without blanks around it, and the rows that have it. Two levels may share a text where
/// blanks differ.
struct Level {
  std::string_view text;
  std::int64_t rows = 0;
};

struct ColumnLevels {
  const TextColumn* column = nullptr;
  std::vector<Level> present;  ///< in the column's order
  std::vector<Level> absent;   ///< missing markers, each text once, the commonest first
  std::int64_t rows = 0;
  std::int64_t present_rows = 0;
  std::int64_t odd_blanks = 0;  ///< rows with a no-break space at an end

  std::int64_t absent_rows() const { return rows - present_rows; }
};
ColumnLevels levels_of(const TextColumn& column, std::int64_t rows);

/// How a column's spellings that could be numbers are marked. All are numbers of rows.
struct NumberVotes {
  std::int64_t numbers = 0;
  std::int64_t limits = 0;                                ///< "<0.5", not among the numbers
  std::int64_t point = 0, comma = 0;                      ///< unmistakable decimal marks
  std::int64_t ambiguous_point = 0, ambiguous_comma = 0;  ///< "1.234", "1,234"
  std::int64_t grouped = 0;
  char group = '\0';             ///< the first mark between thousands that was found
  std::string before, after;     ///< the commonest words of a unit
  std::int64_t units = 0;        ///< rows with any
  std::int64_t usual_units = 0;  ///< rows with the commonest
  std::int64_t foreign_minus = 0;
};
NumberVotes vote_on_numbers(const ColumnLevels& levels);

/// The format of dates or times that reads the most rows.
struct MomentGuess {
  std::string format;  ///< empty: none reads any
  ColumnKind kind = ColumnKind::date;
  std::int64_t rows = 0;     ///< that it reads
  std::int64_t no_such = 0;  ///< of its form, but of no calendar or clock
  std::string turned;        ///< reads as many rows with day and month the other way round; empty: none

  /// Whether the day stands ahead of the month, where both are numbers and the year is last.
  bool day_first() const { return format.starts_with("%d/%m") || format.starts_with("%d-%m"); }
  bool month_first() const { return format.starts_with("%m/%d") || format.starts_with("%m-%d"); }
};
MomentGuess guess_moments(const ColumnLevels& levels);

/// What other columns of the table say where a column by itself is ambiguous.
struct TableHabits {
  bool decimal_point = false;                   ///< some column has unmistakable ones
  bool decimal_comma = false;                   ///< more columns have these
  bool day_first = false, month_first = false;  ///< of dates with slashes
};

/// Every step fills `schema` and `findings` where the column is of its kind, and says so.
struct ColumnFindings {
  ColumnSchema schema;
  std::vector<Finding> findings;
  std::int64_t fewest = 1;  ///< rows that a spelling must have to be named as an example

  void add(Finding::Weight weight, std::string what, std::string remedy = {}) {
    findings.push_back({weight, schema.name, std::move(what), std::move(remedy)});
  }
};

bool infer_numbers(const ColumnLevels& levels, const NumberVotes& votes, const TableHabits& habits,
                   ColumnFindings& out);
bool infer_moments(const ColumnLevels& levels, const MomentGuess& guess, const TableHabits& habits,
                   ColumnFindings& out);
void infer_words(const ColumnLevels& levels, ColumnFindings& out);

/// A column's numbers, each spelling's.
struct NumberColumn {
  std::vector<double> values;
  std::vector<std::int64_t> rows;
  std::vector<std::int8_t> printed_decimals;
  std::vector<Level> others;  ///< spellings that are no numbers of the format
  std::int64_t number_rows = 0, other_rows = 0;
  std::int64_t vanished = 0, too_large = 0;  ///< rows
  std::int64_t leading_zeros = 0;            ///< rows with "007"
  bool equal_width = true;                   ///< of all spellings
  bool plain_digits = true;                  ///< no spelling has anything but digits
};

/// Sets the kind among continuous, count and code (or identifier), decimals, step and sentinels.
void infer_number_kind(const ColumnLevels& levels, NumberColumn& numbers, ColumnFindings& out);

/// "<0.5", "> 100 mg": the number behind the sign; empty where the text is no limit.
std::string_view number_of_limit(std::string_view text);

/// Values of `numbers` that seem to stand for no value, ascending: an isolated extreme that is repeated.
std::vector<double> find_sentinels(const NumberColumn& numbers);

/// How much a name sounds like a record's: "mrn" surely, "case" perhaps.
enum class NameOfRecord : std::uint8_t { no, perhaps, surely };
NameOfRecord sounds_like_record(std::string_view name);

/// Whether spellings that all differ follow one pattern, as "P-00123" does.
bool is_pattern(const ColumnLevels& levels);

/// Findings that any kind of column may have: mostly missing, rare levels, odd blanks.
void add_common_findings(const ColumnLevels& levels, std::int64_t rarest, ColumnFindings& out);

/// Few rows, and rows that stand there more than once.
void add_table_findings(const TextTable& table, std::vector<Finding>& findings);

}  // namespace agon
