#include "host/evaluate/tables/column_reader.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "engine/table/cell_text.hpp"
#include "engine/table/column_values.hpp"

namespace agon::host {
namespace {

constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();
constexpr std::int32_t kNoLevel = ComparedCells::kNone, kIsNumber = ComparedCells::kNumber;

/// A level that is being counted.
struct CountedLevel {
  std::string_view text;
  std::int64_t rows = 0;
};

void sort_commonest_first(std::vector<CountedLevel>& levels) {
  std::ranges::sort(levels, [](const CountedLevel& a, const CountedLevel& b) {
    return a.rows != b.rows ? a.rows > b.rows : a.text < b.text;
  });
}

/// The distinct trimmed texts of the spellings that rows have and that stand for a value.
std::vector<CountedLevel> present_texts(const TextColumn& column, const CellReader& reader) {
  std::vector<CountedLevel> found;
  const std::vector<std::int64_t> counts = column.counts();
  for (std::size_t s = 0; s < counts.size(); ++s) {
    double value = 0;
    if (counts[s] > 0 && reader.read(column.spellings[s], value) == CellReader::Cell::value)
      found.push_back({trimmed(column.spellings[s]), counts[s]});
  }
  sort_commonest_first(found);
  return found;
}

/// Reads the numbers or moments of another table in their own form.
class OwnForm {
 public:
  OwnForm(const TextColumn& column, const ColumnSchema& real) : real_(real) {
    TextTable alone;
    alone.rows = std::ssize(column.cells);
    alone.columns.push_back(column);
    schema_ = infer_schema(alone).schema.columns[0];
    const bool moments = schema_.is_moment() && real.is_moment();
    const bool clock = schema_.kind == ColumnKind::time, real_clock = real.kind == ColumnKind::time;
    if ((moments && clock == real_clock) || (schema_.is_number() && real.is_number()))
      reader_.emplace(schema_);
  }

  /// In the real column's unit; NaN where the spelling is none.
  double read(std::string_view spelling) const {
    constexpr double kSecondsOfDay = 86400;
    double value = kNotANumber;
    if (!reader_ || reader_->read(spelling, value) != CellReader::Cell::value) return kNotANumber;
    if (schema_.kind == real_.kind || real_.is_number()) return value;
    return real_.kind == ColumnKind::date ? value / kSecondsOfDay : value * kSecondsOfDay;
  }

 private:
  const ColumnSchema& real_;
  ColumnSchema schema_;
  std::optional<CellReader> reader_;
};

}  // namespace

ComparedColumnReader::ComparedColumnReader(const TextColumn& real, const ColumnSchema& schema,
                                           const Device& device)
    : schema_(schema),
      reader_(schema),
      numeric_(schema.is_number() || schema.is_moment()),
      nominal_(schema.kind == ColumnKind::boolean) {
  if (numeric_)
    read_real_numbers(real, device);
  else
    read_real_levels(real);
}

void ComparedColumnReader::read_real_numbers(const TextColumn& real, const Device& device) {
  const ColumnValues values = read_values(real, schema_, device);
  std::vector<CountedLevel> odd;
  std::vector<std::size_t> meaning;
  for (const MeantValue& meant : values.meant) {
    const bool sentinel = meant.cell == ReadColumn::Cell::value && is_sentinel(meant.value, schema_);
    if (sentinel || meant.cell == ReadColumn::Cell::mark)
      odd.push_back({trimmed(meant.spelling), meant.rows});
  }
  sort_commonest_first(odd);
  for (const CountedLevel& level : odd) {
    double value = kNotANumber;
    reader_.read(level.text, value);
    odd_level(value, level.text);
  }
  real_levels_ = static_cast<std::int32_t>(odd_.size());
  std::int64_t misfits = 0;
  real_ = read(real, misfits);
}

void ComparedColumnReader::read_real_levels(const TextColumn& real) {
  // Of a category, "250.0" and "250.00" may be two codes; of two values they are one.
  const bool by_meaning = schema_.kind != ColumnKind::category;
  LevelsByMeaning found(schema_.kind == ColumnKind::boolean);
  std::vector<CountedLevel> levels;
  for (const CountedLevel& text : present_texts(real, reader_)) {
    std::int32_t level = by_meaning ? found.find(text.text) : found.spelled(text.text);
    if (level == LevelsByMeaning::kNew) {
      level = found.add(text.text);
      levels.push_back({text.text, 0});
    }
    levels[static_cast<std::size_t>(level)].rows += text.rows;
  }
  sort_commonest_first(levels);
  for (const CountedLevel& level : levels) nominal_.add(level.text);
  real_levels_ = static_cast<std::int32_t>(levels.size());
  std::int64_t misfits = 0;
  real_ = read(real, misfits);
}

/// The level among numbers of this sentinel, or, where that is NaN, of this mark; a new one where there is
/// none.
std::int32_t ComparedColumnReader::odd_level(double sentinel, std::string_view text) {
  for (std::size_t i = 0; i < odd_.size(); ++i)
    if (std::isnan(sentinel) ? std::isnan(odd_numbers_[i]) && odd_[i] == text : odd_numbers_[i] == sentinel)
      return static_cast<std::int32_t>(i);
  odd_.emplace_back(text);
  odd_numbers_.push_back(sentinel);
  return static_cast<std::int32_t>(odd_.size() - 1);
}

ComparedCells ComparedColumnReader::read(const TextColumn& column, std::int64_t& misfits) {
  const std::vector<std::int64_t> counts = column.counts();
  std::vector<std::int32_t> level(counts.size(), kNoLevel);
  std::vector<double> value(counts.size(), kNotANumber);
  std::optional<OwnForm> own;
  misfits = 0;
  for (std::size_t s = 0; s < counts.size(); ++s) {
    if (counts[s] == 0) continue;
    const std::string_view text = trimmed(column.spellings[s]);
    double number = kNotANumber;
    CellReader::Cell cell = reader_.read(text, number);
    if (cell == CellReader::Cell::missing) continue;
    if (!numeric_) {
      level[s] = nominal_.find(text);
      if (level[s] == LevelsByMeaning::kNew && !is_missing_marker(text)) level[s] = nominal_.add(text);
      continue;
    }
    if (cell == CellReader::Cell::misfit && is_missing_marker(text)) continue;
    if (cell == CellReader::Cell::misfit) {
      if (!own) own.emplace(column, schema_);
      number = own->read(text);
      if (!std::isnan(number)) cell = CellReader::Cell::value;
    }
    if (cell == CellReader::Cell::misfit) {
      misfits += counts[s];
    } else if (cell == CellReader::Cell::mark || is_sentinel(number, schema_)) {
      level[s] = odd_level(number, text);
    } else {
      level[s] = kIsNumber;
      value[s] = number;
    }
  }
  return cells_of(column, level, value);
}

ComparedCells ComparedColumnReader::cells_of(const TextColumn& column, const std::vector<std::int32_t>& level,
                                             const std::vector<double>& value) const {
  ComparedCells cells;
  cells.levels.reserve(column.cells.size());
  for (const std::uint32_t cell : column.cells) cells.levels.push_back(level[cell]);
  if (!numeric_) return cells;
  cells.numbers.reserve(column.cells.size());
  for (const std::uint32_t cell : column.cells) cells.numbers.push_back(value[cell]);
  return cells;
}

ComparedColumn ComparedColumnReader::column() const {
  ComparedColumn column;
  column.name = schema_.name;
  column.kind = numeric_ ? ComparedColumn::Kind::number : ComparedColumn::Kind::nominal;
  column.levels = numeric_ ? odd_ : nominal_.levels();
  column.real_levels = real_levels_;
  return column;
}

}  // namespace agon::host
