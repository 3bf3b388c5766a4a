// What each column becomes.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/table/table_fit.hpp"

namespace agon {
namespace {

using Cell = ReadColumn::Cell;
using Kind = CodedLevel::Kind;
using Role = ColumnCoding::Role;

constexpr std::size_t kFewNumbers = 20;  // a head holds so many
constexpr std::int64_t kMostInOneHead = 512;
constexpr double kPointMass = 0.05;  // share of rows

CodedLevel level_of_meaning(const MeantValue& meant) {
  const Kind kind = meant.cell == Cell::value  ? Kind::value
                    : meant.cell == Cell::mark ? Kind::mark
                                               : Kind::missing;
  return {kind, meant.value, std::string(meant.spelling)};
}

double share_of(std::int64_t rows, const TableFit& fit) {
  return static_cast<double>(rows) / static_cast<double>(std::max<std::int64_t>(1, fit.table.rows));
}

/// A head with a level for each value that is not too rare, and one for holes, which give no value away. More
/// than 512 of them are two heads, the high and the low part of the level's place by frequency: some 2
/// sqrt(n) columns instead of n, so that 20,000 levels cost 284. D sees both parts one-hot, and its first
/// layer adds their rows of weights; G's two heads agree as any two columns do, through the noise they share;
/// neighbours by frequency share the high part, so a common level's high part is shared with common ones, and
/// a head's mistake costs little probability. (Not hashed: two levels of one code cannot be told apart on the
/// way back.) A pair that is no level means the last.
ColumnCoding fit_levels(const TableFit& fit, std::size_t c) {
  const ColumnValues& values = fit.values[c];
  ColumnCoding column;
  column.role = Role::levels;
  const std::int64_t needed = fit.rarest(c);
  std::vector<const MeantValue*> kept;
  for (const MeantValue& meant : values.meant)
    if (meant.rows >= needed || meant.cell == Cell::missing) kept.push_back(&meant);
  if (fit.numbers[c].empty())
    std::ranges::stable_sort(kept, [](const MeantValue* a, const MeantValue* b) {
      return a->cell != b->cell ? a->cell == Cell::value : a->rows > b->rows;
    });
  std::int64_t learnt = 0;
  for (const MeantValue* meant : kept) {
    column.levels.push_back(level_of_meaning(*meant));
    learnt += meant->rows;
  }
  if (kept.empty()) column.levels = {{Kind::missing, NAN, ""}};  // every value is too rare: drawn empty
  column.pooled = 1 - share_of(learnt, fit);
  const auto n = static_cast<std::int64_t>(column.levels.size());
  if (n == 1) column.role = Role::constant;
  if (n > kMostInOneHead)
    column.low_levels = static_cast<std::int64_t>(std::ceil(std::sqrt(static_cast<double>(n))));
  return column;
}

/// Numbers of few values that rows share; of ordered codes all. A mixture takes any number of values but one.
bool is_few_valued(const TableFit& fit, std::size_t c) {
  const ColumnValues& values = fit.values[c];
  if (fit.numbers[c].empty() || fit.schema.columns[c].kind == ColumnKind::code) return true;
  if (fit.options.modes) return values.values() < 2;
  if (values.values() > kFewNumbers) return false;
  std::int64_t all = 0, frequent = 0;
  for (const MeantValue& meant : values.meant) {
    if (meant.cell != Cell::value || is_sentinel(meant.value, fit.schema.columns[c])) continue;
    all += meant.rows;
    if (meant.rows >= fit.rarest(c)) frequent += meant.rows;
  }
  return 2 * frequent >= all;
}

/// Whether each row's number is its source's.
std::vector<bool> copied_rows(const TableFit& fit, std::size_t c, const SourceChoice& source) {
  std::vector<bool> copied(fit.rows());
  if (!source.copied) return copied;
  const std::vector<double>& x = fit.numbers[static_cast<std::size_t>(source.column)];
  for (std::size_t row = 0; row < copied.size(); ++row) copied[row] = are_equal(x[row], fit.numbers[c][row]);
  return copied;
}

/// The column's plain numbers, with the rows that its source does not give.
std::vector<CountedValue> counted_values(const TableFit& fit, std::size_t c,
                                         const std::vector<bool>& copied) {
  const ColumnValues& values = fit.values[c];
  std::vector<std::int64_t> copies(values.meant.size());
  for (std::size_t row = 0; row < copied.size(); ++row)
    if (copied[row]) ++copies[values.meaning_at(row)];
  std::vector<CountedValue> counted;
  for (std::size_t m = 0; m < values.meant.size(); ++m) {
    const MeantValue& meant = values.meant[m];
    if (meant.cell != Cell::value || is_sentinel(meant.value, fit.schema.columns[c])) continue;
    CountedValue value{meant.value, meant.rows, meant.rows - copies[m], false};
    value.atom = !fit.options.modes && share_of(value.continuous, fit) >= kPointMass &&
                 value.continuous >= fit.rarest(c);
    if (value.atom) value.continuous = 0;
    counted.push_back(value);
  }
  return counted;
}

/// Of the mixture's modes those of `rarest` rows or more: one of fewer would tell of single rows.
std::vector<MixtureMode> modes_of(std::span<const CountedValue> counted, std::int64_t rarest) {
  std::vector<double> values, rows;
  double all = 0;
  for (const CountedValue& v : counted) {
    values.push_back(v.value);
    rows.push_back(static_cast<double>(v.rows));
    all += rows.back();
  }
  std::vector<MixtureMode> modes = fit_mixture(values, rows);
  const double most = std::ranges::max_element(modes, {}, &MixtureMode::weight)->weight;
  const double least = std::min(most, static_cast<double>(rarest) / all);
  std::erase_if(modes, [&](const MixtureMode& mode) { return mode.weight < least; });
  return modes;
}

/// Modes, or "continuous", then "copied", then masses, then what is no number; none where only the first
/// would be.
void set_levels(const TableFit& fit, std::size_t c, bool copies, std::span<const CountedValue> counted,
                ColumnCoding& column) {
  if (fit.options.modes)
    column.levels.assign(column.continuous.modes.size(), {Kind::mode, NAN, ""});
  else
    column.levels = {{Kind::continuous, NAN, ""}};
  if (copies) column.levels.push_back({Kind::copied, NAN, ""});
  std::int64_t rare = 0;
  for (const MeantValue& meant : fit.values[c].meant) {
    const auto same = std::ranges::lower_bound(counted, meant.value, {}, &CountedValue::value);
    const bool plain = meant.cell == Cell::value && same != counted.end() && same->value == meant.value;
    if (plain ? same->atom : meant.cell == Cell::missing || meant.rows >= fit.rarest(c))
      column.levels.push_back(level_of_meaning(meant));
    else if (!plain)
      rare += meant.rows;
  }
  if (column.levels.size() == 1) column.levels.clear();
  column.pooled = share_of(rare, fit);
}

/// Room for the source's own ends where the rule needs it: y <= x holds in the table, so y reaches that far.
void reach_source(const TableFit& fit, const OrderRule& rule, std::span<const CountedValue> counted,
                  const std::vector<ColumnCoding>& columns, NumberSupport& support) {
  const ColumnCoding& other = columns[static_cast<std::size_t>(rule.other)];
  double low = INFINITY, high = -INFINITY;
  if (other.role == Role::number) low = other.continuous.support.low, high = other.continuous.support.high;
  for (const CodedLevel& level : other.levels)
    if (level.kind == Kind::value && !std::isnan(level.value) &&
        !is_sentinel(level.value, fit.schema.columns[static_cast<std::size_t>(rule.other)]))
      low = std::min(low, level.value), high = std::max(high, level.value);
  if (rule.above && support.high < high) {
    const double end = support.lattice.at_least(high);
    if (end <= counted.back().value) support.admit(end);
  } else if (!rule.above && support.low > low) {
    const double end = support.lattice.at_most(low);
    if (end >= counted.front().value) support.admit(end);
  }
}

/// A tenth of the range more at both ends, which the outermost rows spread to, and the gaps between values;
/// not below zero where the table is not.
void extrapolate(double lowest, NumberCoding& number) {
  number.support.extrapolate(0.1, lowest);
  if (number.source >= 0 || !number.modes.empty()) return;
  std::vector<double>& at = number.curves.front().at;
  at.front() = std::min(at.front(), number.support.low);
  at.back() = std::max(at.back(), number.support.high);
}

/// The fewest decimals that 99% of rows do with, if these are at most 6; a value in between is spelled so.
int usual_decimals(std::span<const CountedValue> values, int all_decimals) {
  constexpr double kUsual = 0.99;
  double rows = 0;
  for (const CountedValue& v : values) rows += static_cast<double>(v.rows);
  for (int decimals = 0; decimals < std::min(all_decimals, 7) && rows > 0; ++decimals) {
    const Lattice lattice{std::pow(10.0, -decimals), 0, decimals};
    double fit = 0;
    for (const CountedValue& v : values)
      if (lattice.nearest(v.value) == v.value) fit += static_cast<double>(v.rows);
    if (fit >= kUsual * rows) return decimals;
  }
  return all_decimals;
}

}  // namespace

Lattice lattice_of(const ColumnSchema& schema, std::span<const CountedValue> values) {
  const NumberFormat& number = schema.number;
  Lattice lattice{number.step, number.offset, number.decimals};
  if (number.step > 0) return lattice;
  if (!schema.is_moment()) lattice.decimals = usual_decimals(values, number.decimals);
  if (lattice.decimals < 18) lattice.step = std::pow(10.0, -lattice.decimals);
  if (!schema.is_moment()) return lattice;
  const auto is_fraction = [](const CountedValue& v) { return v.value != std::round(v.value); };
  if (std::ranges::any_of(values, is_fraction)) return number.decimals > 0 ? lattice : Lattice{};
  std::int64_t step = 0;
  for (const CountedValue& v : values)
    step = std::gcd(step, static_cast<std::int64_t>(std::llround(v.value - values.front().value)));
  const auto whole = static_cast<double>(std::max<std::int64_t>(step, 1));
  return {whole, values.empty() ? 0 : std::fmod(values.front().value, whole), 0};  // no one's own date
}

void keep_spellings(const TableFit& fit, std::size_t c, ColumnCoding& coding) {
  for (const MeantValue& meant : fit.values[c].meant)
    if (meant.cell == Cell::value && meant.rows >= fit.rarest(c) &&
        meant.spelling != spell(meant.value, fit.schema.columns[c]))
      coding.own_spellings.push_back({meant.value, std::string(meant.spelling)});
}

ColumnCoding fit_column(const TableFit& fit, std::size_t c) {
  const ColumnSchema& schema = fit.schema.columns[c];
  ColumnCoding column;
  if (schema.ignored || schema.kind == ColumnKind::text) return column;
  if (schema.kind == ColumnKind::identifier) {
    const ColumnValues& values = fit.values[c];
    std::vector<std::string_view> names;
    for (const MeantValue& meant : values.meant)
      if (meant.cell != Cell::missing) names.push_back(meant.spelling);
    column.role = Role::identifier;
    column.identifier = fit_identifiers(names);
    return column;
  }
  if (is_few_valued(fit, c)) return fit_levels(fit, c);
  column.role = Role::number;
  return column;
}

void fit_number(const TableFit& fit, std::size_t c, const SourceChoice& source,
                std::vector<ColumnCoding>& columns) {
  ColumnCoding& column = columns[c];
  NumberCoding& number = column.continuous;
  const std::vector<bool> copied = copied_rows(fit, c, source);
  const std::vector<CountedValue> counted = counted_values(fit, c, copied);
  if (fit.options.modes) number.modes = modes_of(counted, fit.rarest(c));
  set_levels(fit, c, source.copied, counted, column);
  number.source = source.column;
  number.residual = source.residual;
  number.support = fit_support(counted, lattice_of(fit.schema.columns[c], counted), fit.rarest(c),
                               fit.options.exact_bounds ? SupportEnds::exact : SupportEnds::smooth);
  for (const OrderRule& rule : column.orders) reach_source(fit, rule, counted, columns, number.support);
  if (!column.has_modes()) fit_curves(fit, c, copied, counted, number);
  if (fit.options.extrapolate) extrapolate(counted.front().value >= 0 ? 0 : -INFINITY, number);
  keep_spellings(fit, c, column);
}

}  // namespace agon
