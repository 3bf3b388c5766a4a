#include "host/evaluate/privacy/singling_out.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "host/evaluate/draws.hpp"

namespace agon::host {
namespace {

/// What one cell must be.
struct CellCondition {
  enum class Kind : std::uint8_t { level, equal, at_most, at_least };
  std::int64_t column = 0;
  Kind kind = Kind::level;
  std::int32_t level = ComparedCells::kNone;
  double number = 0;

  bool holds(const RecordSet& records, std::int64_t i) const {
    const ComparedCells& cells = records.columns[column];
    const bool is_number = !cells.numbers.empty() && std::isfinite(cells.numbers[i]) &&
                           (cells.levels.empty() || cells.levels[i] == ComparedCells::kNumber);
    if (kind == Kind::level)
      return !is_number && (cells.levels.empty() ? ComparedCells::kNone : cells.levels[i]) == level;
    if (!is_number) return false;
    const double value = cells.numbers[i];
    return kind == Kind::equal ? value == number : kind == Kind::at_most ? value <= number : value >= number;
  }
};
using Predicate = std::vector<CellCondition>;

/// Whether exactly one row fulfils all conditions.
bool selects_one(const Predicate& predicate, const RecordSet& records) {
  int selected = 0;
  for (std::int64_t i = 0; i < records.rows && selected < 2; ++i)
    selected += std::ranges::all_of(
        predicate, [&](const CellCondition& condition) { return condition.holds(records, i); });
  return selected == 1;
}

std::vector<double> sorted_numbers(const ComparedCells& cells) {
  std::vector<double> values;
  for (std::size_t i = 0; i < cells.numbers.size(); ++i)
    if (std::isfinite(cells.numbers[i]) &&
        (cells.levels.empty() || cells.levels[i] == ComparedCells::kNumber))
      values.push_back(cells.numbers[i]);
  std::sort(values.begin(), values.end());
  return values;
}

void add_rare_numbers(std::int64_t c, const std::vector<double>& sorted, std::vector<Predicate>& all) {
  if (sorted.empty()) return;
  using ConditionKind = CellCondition::Kind;
  all.push_back({{c, ConditionKind::at_most, ComparedCells::kNone, sorted.front()}});
  all.push_back({{c, ConditionKind::at_least, ComparedCells::kNone, sorted.back()}});
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const bool as_before = i > 0 && sorted[i] == sorted[i - 1];
    const bool as_behind = i + 1 < sorted.size() && sorted[i] == sorted[i + 1];
    if (!as_before && !as_behind) all.push_back({{c, ConditionKind::equal, ComparedCells::kNone, sorted[i]}});
  }
}

void add_rare_levels(std::int64_t c, const ComparedCells& cells, std::size_t levels,
                     std::vector<Predicate>& all) {
  std::vector<std::int64_t> count(levels + 1);  // none first
  for (const std::int32_t level : cells.levels)
    if (level >= ComparedCells::kNone) ++count[static_cast<std::size_t>(level + 1)];
  for (std::size_t l = 0; l < count.size(); ++l)
    if (count[l] == 1) all.push_back({{c, CellCondition::Kind::level, static_cast<std::int32_t>(l) - 1, 0}});
}

/// Predicates of one column, in random order, at most `most`.
std::vector<Predicate> rare_values(const ComparedTables& tables, const RecordSet& synthetic,
                                   std::int64_t most, Draws& draws) {
  std::vector<Predicate> all, drawn;
  for (std::int64_t c = 0; c < tables.width(); ++c) {
    add_rare_numbers(c, sorted_numbers(synthetic.columns[c]), all);
    add_rare_levels(c, synthetic.columns[c], tables.columns[c].levels.size(), all);
  }
  for (const std::int64_t place : draws.order(static_cast<std::int64_t>(all.size()))) {
    if (static_cast<std::int64_t>(drawn.size()) == most) break;
    if (selects_one(all[place], synthetic)) drawn.push_back(all[place]);
  }
  return drawn;
}

CellCondition condition_of(const RecordSet& synthetic, std::int64_t c, std::int64_t i, double median) {
  const ComparedCells& cells = synthetic.columns[c];
  using ConditionKind = CellCondition::Kind;
  const bool is_number = !cells.numbers.empty() && std::isfinite(cells.numbers[i]) &&
                         (cells.levels.empty() || cells.levels[i] == ComparedCells::kNumber);
  if (!is_number)
    return {c, ConditionKind::level, cells.levels.empty() ? ComparedCells::kNone : cells.levels[i], 0};
  const double value = cells.numbers[i];
  return {c, value > median ? ConditionKind::at_least : ConditionKind::at_most, ComparedCells::kNone, value};
}

std::vector<Predicate> rare_combinations(const ComparedTables& tables, const RecordSet& synthetic,
                                         const SinglingOutOptions& options, Draws& draws) {
  std::vector<double> medians;
  for (const ComparedCells& cells : synthetic.columns)
    medians.push_back(quantile(sorted_numbers(cells), 0.5));
  std::vector<Predicate> drawn;
  const std::int64_t most = std::min(options.most_columns, tables.width());
  constexpr std::int64_t kTriesOfEach = 30;  // a predicate that selects several rows is of no use
  for (std::int64_t tries = 0; tries < kTriesOfEach * options.predicates; ++tries) {
    if (static_cast<std::int64_t>(drawn.size()) == options.predicates) break;
    const std::int64_t row = draws.below(synthetic.rows);
    Predicate predicate;
    for (const std::int64_t c : draws.some(tables.width(), 2 + draws.below(most - 1)))
      predicate.push_back(condition_of(synthetic, c, row, medians[c]));
    if (selects_one(predicate, synthetic)) drawn.push_back(predicate);
  }
  return drawn;
}

/// The rows that a predicate selects of real and held-out rows together, real ones first; more than
/// kMostSelected count as none: neither half will ever have exactly one of them.
constexpr std::size_t kMostSelected = 40;
std::vector<std::int64_t> selected_rows(const Predicate& predicate, const RecordSet& real,
                                        const RecordSet& held_out) {
  std::vector<std::int64_t> rows;
  for (std::int64_t i = 0; i < real.rows + held_out.rows; ++i) {
    const bool is_real = i < real.rows;
    if (!std::ranges::all_of(predicate, [&](const CellCondition& condition) {
          return condition.holds(is_real ? real : held_out, is_real ? i : i - real.rows);
        }))
      continue;
    rows.push_back(i);
    if (rows.size() > kMostSelected) return {};
  }
  return rows;
}

/// With row i on the real side where place[i] is below `real_rows`.
Risk risk_of_sides(const std::vector<std::vector<std::int64_t>>& selected,
                   const std::vector<std::int64_t>& place, std::int64_t real_rows) {
  std::int64_t of_real = 0, of_held_out = 0;
  for (const std::vector<std::int64_t>& rows : selected) {
    const auto real = std::ranges::count_if(rows, [&](std::int64_t row) { return place[row] < real_rows; });
    of_real += real == 1;
    of_held_out += static_cast<std::int64_t>(rows.size()) - real == 1;
  }
  const auto tried = static_cast<std::int64_t>(selected.size());
  return risk_of(rate_of(of_real, tried), rate_of(of_held_out, tried));
}

/// Predicates select the same rows, so that an interval of independent trials would be too narrow: the risk's
/// error is that of random halves of all the rows, where this is greater.
Risk risk_of_predicates(const std::vector<Predicate>& predicates, const RecordSet& real,
                        const RecordSet& held_out, int permutations, Draws& draws) {
  std::vector<std::vector<std::int64_t>> selected;
  for (const Predicate& predicate : predicates) selected.push_back(selected_rows(predicate, real, held_out));
  const std::int64_t all = real.rows + held_out.rows;
  std::vector<std::int64_t> as_they_are(static_cast<std::size_t>(all));
  std::iota(as_they_are.begin(), as_they_are.end(), std::int64_t{0});
  Risk risk = risk_of_sides(selected, as_they_are, real.rows);
  double squares = 0;
  for (int p = 0; p < permutations; ++p) {
    const double by_chance = risk_of_sides(selected, draws.order(all), real.rows).risk;
    squares += by_chance * by_chance / permutations;
  }
  constexpr double kTwoSided = 1.959963984540054;
  const double error = std::max(kTwoSided * std::sqrt(squares), (risk.interval.high - risk.interval.low) / 2);
  risk.interval = {std::max(risk.risk - error, -1.0), std::min(risk.risk + error, 1.0)};
  return risk;
}

}  // namespace

std::optional<SinglingOut> single_out(const ComparedTables& tables, const SinglingOutOptions& options) {
  const std::int64_t rows =
      tables.held_out ? std::min({tables.held_out->rows, tables.real.rows, options.most_rows}) : 0;
  if (rows < 1 || tables.synthetic.rows < 1 || tables.width() < 2) return std::nullopt;
  Draws draws(options.seed, DrawPurpose::singling_out);
  const RecordSet real = part(tables.real, draws.some(tables.real.rows, rows));
  const RecordSet held_out = part(*tables.held_out, draws.some(tables.held_out->rows, rows));
  const RecordSet synthetic = part(tables.synthetic, draws.some(tables.synthetic.rows, options.most_rows));
  SinglingOut found;
  found.rows = rows;
  found.values = risk_of_predicates(rare_values(tables, synthetic, options.predicates, draws), real, held_out,
                                    options.permutations, draws);
  found.combinations = risk_of_predicates(rare_combinations(tables, synthetic, options, draws), real,
                                          held_out, options.permutations, draws);
  return found;
}

}  // namespace agon::host
