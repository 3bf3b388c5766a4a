// Between a table of records and what a generator learns: codes and ranks, and the way back.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/network/record_layout.hpp"
#include "engine/runtime/device.hpp"
#include "engine/runtime/owned.hpp"
#include "engine/table/schema.hpp"
#include "engine/table/text_table.hpp"

namespace agon {

struct CodingOptions {
  bool relative = true;      ///< code a column by another that it copies, bounds or follows
  bool extrapolate = false;  ///< numbers may be drawn between and beyond the table's own
  bool exact_bounds =
      false;  ///< numbers reach to the table's least and greatest, though single rows have them
  /// As CTGAN has it (Xu et al., "Modeling tabular data using conditional GAN", 2019): a number is its place
  /// in one mode of a mixture of normal distributions, and nothing is said of how columns depend on each
  /// other; `relative` is of no effect. The layout's heads choose by gumbel, its numbers have link tanh.
  bool modes = false;
  bool conditions = false;  ///< the layout has conditions, on every column that is a choice of levels
};

/// Codes of drawn records: what a generator's scores say.
struct DrawnRows {
  std::int64_t rows = 0;
  std::vector<std::uint16_t> codes;  ///< (rows, heads): the level of each head
  std::vector<float> ranks;          ///< (rows, numbers), in [0, 1]
};

/// A column of the records that are drawn.
struct DrawnColumn {
  enum class Holds : std::uint8_t {
    levels,   ///< one of `levels`, or no value
    numbers,  ///< numbers of a range; of `levels` at times
    names,    ///< made anew for each record
    copies,   ///< what another column has
  };
  ColumnSchema schema;
  Holds holds = Holds::levels;
  std::vector<std::string> levels;  ///< as they are spelled; no value is none of them
};

/// A column of the rows that networks read.
struct RowColumn {
  std::string name;         ///< "sex = F", "age, hat 3"
  std::int64_t column = 0;  ///< that it says something of, in Coding::schema(); -1: of what was asked for
};

/// How each column is coded; fitted to a table once, kept in checkpoints.
class Coding {
 public:
  /// Of the columns that are not ignored, identifiers or text. Throws DataError where nothing is left to
  /// learn.
  static Coding fit(const TextTable& table, const Schema& schema, const Device& device,
                    const CodingOptions& options = {});
  Coding(Coding&&) noexcept;
  Coding& operator=(Coding&&) noexcept;
  ~Coding();

  const Schema& schema() const;
  const CodingOptions& options() const;
  /// What the networks need to know.
  const RecordLayout& layout() const;
  /// Rows of a table of the same columns, the fitted one or held-out ones. What the fitted table has not,
  /// a level or a value, is coded as the nearest that it has.
  CodedRows encode(const TextTable& table) const;
  /// Records in the table's own units, spelling and order of columns. `first` numbers the first row, so that
  /// identifiers go on from one piece of a draw to the next; `seed` is theirs.
  /// Throws DataError on codes and ranks of another layout.
  TextTable decode(const DrawnRows& drawn, std::uint64_t seed, std::int64_t first = 0) const;
  /// The columns of what decode() makes.
  std::vector<DrawnColumn> drawn_columns() const;
  /// Shares of each head's levels in the fitted table, (layout().levels()).
  const std::vector<float>& shares() const;

  /// What was found: "education-num is determined by education", "dnrday <= slos in every row", one a line.
  std::vector<std::string> relations() const;
  /// In words, for each column, how it is coded: "rank with 2 point masses, relative to slos".
  std::vector<std::string> description() const;
  /// Of the rows that networks read, (layout().width()).
  std::vector<RowColumn> row_columns() const;

  /// As JSON, for checkpoints; every number survives exactly. Reading throws DataError "<source>: ...".
  std::string to_json() const;
  static Coding from_json(std::string_view json, std::string_view source);

 private:
  struct Implementation;
  explicit Coding(std::unique_ptr<Implementation> implementation);
  Owned<const Implementation> implementation_;
};

}  // namespace agon
