// Columns that others determine: they need no learning, and are right in every record drawn.
#include <algorithm>
#include <cmath>

#include "engine/table/table_fit.hpp"

namespace agon {
namespace {

using Cell = ReadColumn::Cell;
using Role = ColumnCoding::Role;

constexpr std::size_t kMostChoices = 200;  // values of a determining column
constexpr double kMostPooled = 0.01;       // share of rows whose value of it is too rare to be a level
constexpr std::size_t kMostSummed = 60;    // columns among which sums are looked for
constexpr double kSumHolds = 0.999;        // share of rows; the rest are slips of the pen

bool same_value(const MeantValue& a, const MeantValue& b) {
  if (a.cell != b.cell) return false;
  if (a.cell == Cell::missing) return true;
  return std::isnan(a.value) || std::isnan(b.value) ? a.spelling == b.spelling : a.value == b.value;
}

/// Whether y has x's value in every row.
bool repeats(const TableFit& fit, std::size_t y, std::size_t x) {
  const ColumnValues &a = fit.values[x], &b = fit.values[y];
  if (a.meant.size() != b.meant.size() || a.meant.size() < 2) return false;
  std::vector<std::uint32_t> partner(a.meant.size(), ColumnValues::kUnused);
  for (std::size_t row = 0; row < fit.rows(); ++row) {
    const std::uint32_t from = a.meaning_at(row), to = b.meaning_at(row);
    if (partner[from] == to) continue;
    if (partner[from] != ColumnValues::kUnused || !same_value(a.meant[from], b.meant[to])) return false;
    partner[from] = to;
  }
  return true;
}

/// Few values, next to none of them too rare to be a level.
bool can_choose(const TableFit& fit, std::size_t x, const ColumnCoding& column) {
  return column.role == Role::levels && column.low_levels == 0 &&
         fit.values[x].meant.size() <= kMostChoices && column.pooled <= kMostPooled;
}

/// The level of one of the column's values; -1: too rare.
std::int64_t level_of_value(const MeantValue& meant, const ColumnCoding& column, const LevelIndex& index) {
  if (meant.cell == Cell::missing) return column.find(CodedLevel::Kind::missing);
  if (meant.cell == Cell::mark) return index.of_text(meant.spelling, CodedLevel::Kind::mark);
  return std::isnan(meant.value) ? index.of_text(meant.spelling, CodedLevel::Kind::value)
                                 : index.of_number(meant.value);
}

/// For each of x's levels the value that y has in all of its rows; nothing where there is a second one, or
/// where a value of x that is too rare to be a level has one that no level has: that would be lost.
std::vector<std::uint32_t> look_up(const TableFit& fit, std::size_t y, std::size_t x,
                                   const ColumnCoding& column) {
  const ColumnValues &from = fit.values[x], &to = fit.values[y];
  std::vector<std::uint32_t> chosen(from.meant.size(), ColumnValues::kUnused);
  for (std::size_t row = 0; row < fit.rows(); ++row) {
    std::uint32_t& value = chosen[from.meaning_at(row)];
    const std::uint32_t meant = to.meaning_at(row);
    if (value == ColumnValues::kUnused) value = meant;
    if (value != meant) return {};
  }
  const LevelIndex index(column);
  std::vector<std::uint32_t> choice(column.levels.size());
  std::vector<std::uint32_t> of_rare;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const std::int64_t level = level_of_value(from.meant[i], column, index);
    if (level < 0)
      of_rare.push_back(chosen[i]);
    else
      choice[static_cast<std::size_t>(level)] = chosen[i];
  }
  const auto is_lost = [&](std::uint32_t value) { return std::ranges::find(choice, value) == choice.end(); };
  return std::ranges::any_of(of_rare, is_lost) ? std::vector<std::uint32_t>{} : choice;
}

CodedLevel level_of(const MeantValue& meant) {
  const auto kind = meant.cell == Cell::value  ? CodedLevel::Kind::value
                    : meant.cell == Cell::mark ? CodedLevel::Kind::mark
                                               : CodedLevel::Kind::missing;
  return {kind, meant.value, std::string(meant.spelling)};
}

/// y's values that are chosen become its levels; the choice is by x's levels.
void set_look_up(const TableFit& fit, std::size_t y, std::size_t x, const std::vector<std::uint32_t>& choice,
                 ColumnCoding& column) {
  column = {};
  column.role = Role::looked_up;
  column.sources = {static_cast<std::int64_t>(x)};
  std::vector<std::uint32_t> used(choice);
  std::ranges::sort(used);
  used.erase(std::unique(used.begin(), used.end()), used.end());
  for (const std::uint32_t meant : used) column.levels.push_back(level_of(fit.values[y].meant[meant]));
  for (const std::uint32_t meant : choice)
    column.choice.push_back(static_cast<std::uint32_t>(std::ranges::lower_bound(used, meant) - used.begin()));
}

/// Numbers that sums are looked for among: more than two values, no marks or sentinels, which have no sum.
bool can_be_summed(const TableFit& fit, std::size_t c, const ColumnCoding& column) {
  if ((column.role != Role::levels && column.role != Role::number) || fit.numbers[c].empty()) return false;
  const ColumnValues& values = fit.values[c];
  return fit.schema.columns[c].is_number() && fit.schema.columns[c].sentinels.empty() &&
         values.values() > 2 &&
         std::ranges::none_of(values.meant, [](const MeantValue& v) { return v.cell == Cell::mark; });
}

class SumSearch {
 public:
  SumSearch(const TableFit& fit, std::vector<std::size_t> columns) : fit_(fit), columns_(std::move(columns)) {
    const std::size_t rows = fit.rows(), wanted = std::min<std::size_t>(rows, 24);
    for (std::size_t i = 0; i < wanted; ++i) sample_.push_back(i * rows / wanted);
  }

  /// Two or three of the columns that y is the sum of; nothing where there are none.
  std::vector<std::size_t> parts(std::size_t y, const std::vector<ColumnCoding>& coding) const {
    std::vector<std::size_t> from;
    for (const std::size_t c : columns_)
      if (c != y && (coding[c].role == Role::levels || coding[c].role == Role::number)) from.push_back(c);
    for (std::size_t i = 0; i < from.size(); ++i)
      for (std::size_t j = i + 1; j < from.size(); ++j)
        if (holds(y, {from[i], from[j]})) return {from[i], from[j]};
    for (std::size_t i = 0; i < from.size(); ++i)
      for (std::size_t j = i + 1; j < from.size(); ++j)
        for (std::size_t k = j + 1; k < from.size(); ++k)
          if (holds(y, {from[i], from[j], from[k]})) return {from[i], from[j], from[k]};
    return {};
  }

 private:
  bool holds_at(std::size_t row, std::size_t y, std::initializer_list<std::size_t> parts) const {
    double sum = 0;
    for (const std::size_t part : parts) sum += fit_.numbers[part][row];
    const double value = fit_.numbers[y][row];
    return std::isnan(sum) || std::isnan(value) ? std::isnan(sum) == std::isnan(value)
                                                : are_equal(sum, value);
  }

  bool holds(std::size_t y, std::initializer_list<std::size_t> parts) const {
    std::size_t failed = 0;
    for (const std::size_t row : sample_)
      if (!holds_at(row, y, parts) && ++failed > 1) return false;
    std::size_t broken = 0, present = 0;
    std::vector<std::size_t> matters(parts.size());
    for (std::size_t row = 0; row < fit_.rows(); ++row) {
      if (!holds_at(row, y, parts) &&
          static_cast<double>(++broken) > (1 - kSumHolds) * static_cast<double>(fit_.rows()))
        return false;
      if (std::isnan(fit_.numbers[y][row])) continue;
      ++present;
      std::size_t i = 0;
      for (const std::size_t part : parts) matters[i++] += fit_.numbers[part][row] != 0;
    }
    // Each part is something in more than a few rows, else a shorter sum is meant.
    return present >= 20 && std::ranges::all_of(matters, [&](std::size_t n) { return 50 * n > present; });
  }

  const TableFit& fit_;
  std::vector<std::size_t> columns_, sample_;
};

void set_sum(const TableFit& fit, std::size_t y, const std::vector<std::size_t>& parts,
             ColumnCoding& column) {
  const ColumnSchema& schema = fit.schema.columns[y];
  column = {};
  column.role = Role::sum;
  for (const std::size_t part : parts) column.sources.push_back(static_cast<std::int64_t>(part));
  column.levels = {{CodedLevel::Kind::missing, NAN, schema.missing.empty() ? "" : schema.missing.front()}};
  for (const MeantValue& meant : fit.values[y].meant)
    if (meant.cell == Cell::missing) column.levels[0].spelling = meant.spelling;
  column.continuous.support.lattice = lattice_of(schema, {});
  keep_spellings(fit, y, column);
}

bool is_learnt(const ColumnCoding& column) {
  return column.role == Role::levels || column.role == Role::number;
}

}  // namespace

bool are_equal(double a, double b) {
  return a == b || std::abs(a - b) <= 1e-9 * std::max({1e-3, std::abs(a), std::abs(b)});
}

void find_determined(const TableFit& fit, std::vector<ColumnCoding>& columns) {
  std::vector<bool> needed(columns.size());  // determines another, and so stays
  std::vector<std::size_t> summed;
  for (std::size_t c = 0; c < columns.size(); ++c)
    if (can_be_summed(fit, c, columns[c])) summed.push_back(c);
  if (summed.size() > kMostSummed) summed.clear();
  const SumSearch sums(fit, summed);
  for (std::size_t y = columns.size(); y-- > 0;) {
    for (std::size_t x = 0; x < columns.size() && is_learnt(columns[y]) && !needed[y]; ++x) {
      if (x == y || !is_learnt(columns[x])) continue;
      if (repeats(fit, y, x)) {
        columns[y] = {};
        columns[y].role = Role::repeated;
        columns[y].sources = {static_cast<std::int64_t>(x)};
        if (!fit.numbers[y].empty()) keep_spellings(fit, y, columns[y]);
        needed[x] = true;
      } else if (can_choose(fit, x, columns[x])) {
        const std::vector<std::uint32_t> choice = look_up(fit, y, x, columns[x]);
        if (!choice.empty()) set_look_up(fit, y, x, choice, columns[y]), needed[x] = true;
      }
    }
    if (!is_learnt(columns[y]) || needed[y] || std::ranges::find(summed, y) == summed.end()) continue;
    const std::vector<std::size_t> parts = sums.parts(y, columns);
    if (parts.empty()) continue;
    set_sum(fit, y, parts, columns[y]);
    for (const std::size_t part : parts) needed[part] = true;
  }
}

}  // namespace agon
