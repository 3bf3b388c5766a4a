#include "host/evaluate/fidelity/fidelity.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <utility>

#include "engine/table/table_fit.hpp"
#include "host/evaluate/fidelity/coded_records.hpp"
#include "host/evaluate/fidelity/table_figures.hpp"

namespace agon::host {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// The synthetic table's figures, the held-out table's and those of the floor's draws.
struct AllFigures {
  TableFigures synthetic;
  std::optional<TableFigures> held_out;
  std::vector<TableFigures> draws;
};

AllFigures measure(const CodedTables& coded, const FidelityOptions& options) {
  std::vector<bool> lacks, none(coded.spaces.size());
  for (const ValueSpace& space : coded.spaces) lacks.push_back(!space.in_synthetic);
  AllFigures all;
  const RowSample real = all_rows(coded.real);
  all.synthetic = compare_samples(coded.spaces, real, all_rows(coded.synthetic), lacks);
  if (coded.held_out) all.held_out = compare_samples(coded.spaces, real, all_rows(*coded.held_out), none);
  all.draws.resize(static_cast<std::size_t>(options.draws));
  const auto draw = [&](std::size_t i) {
    const RowSample reference = bootstrap(coded.real, coded.real.rows, options.seed, 2 * i);
    const RowSample sample = bootstrap(coded.real, coded.synthetic.rows, options.seed, 2 * i + 1);
    all.draws[i] = compare_samples(coded.spaces, reference, sample, none);
  };
  // Draws side by side hardly ever wait for each other, but each needs memory; of a large table it is columns
  // and pairs that are side by side.
  constexpr std::int64_t kManyCells = 4'000'000;
  if ((coded.real.rows + coded.synthetic.rows) * std::ssize(coded.spaces) <= kManyCells)
    for_columns(all.draws.size(), draw);
  else
    for (std::size_t i = 0; i < all.draws.size(); ++i) draw(i);
  return all;
}

/// One figure of each of them.
template <class Get>
Figure figure_of(const AllFigures& all, const Get& get) {
  std::vector<double> drawn;
  for (const TableFigures& draw : all.draws) drawn.push_back(get(draw));
  return figure_beside(get(all.synthetic), all.held_out ? get(*all.held_out) : kNone, std::move(drawn));
}

double share(std::int64_t part, std::int64_t rows) {
  return rows == 0 ? 0 : static_cast<double>(part) / static_cast<double>(rows);
}

/// Of each level among the column's numbers: the share of rows that have it.
std::vector<double> mark_shares(const CodedRecords& records, const ValueSpace& space, std::size_t column) {
  const ValueCounts counts = count_values(all_rows(records), column, space);
  std::vector<double> shares;
  for (auto i = static_cast<std::size_t>(space.number_count()); i < counts.of.size(); ++i)
    shares.push_back(share(counts.of[i], records.rows));
  return shares;
}

/// A mark that fewer rows have is shown with the others like it: it may be one person's.
constexpr std::int64_t kRarestMark = 5;

void add_marks(const ComparedTables& tables, const CodedTables& coded, std::size_t c,
               ColumnFidelity& fidelity) {
  const ValueSpace& space = coded.spaces[c];
  if (!space.numeric || space.levels == 0) return;
  const std::vector<double> real = mark_shares(coded.real, space, c);
  const std::vector<double> synthetic = mark_shares(coded.synthetic, space, c);
  const std::vector<double> held_out =
      coded.held_out ? mark_shares(*coded.held_out, space, c) : std::vector<double>(real.size(), kNone);
  MarkShare others;
  if (!coded.held_out) others.held_out = kNone;
  bool any_others = false;
  for (std::size_t i = 0; i < real.size(); ++i) {
    const double rows = real[i] * static_cast<double>(coded.real.rows);
    if (std::lround(rows) >= kRarestMark) {
      fidelity.marks.push_back({tables.columns[c].levels[i], real[i], synthetic[i], held_out[i]});
      continue;
    }
    any_others = true;
    others.real += real[i], others.synthetic += synthetic[i], others.held_out += held_out[i];
  }
  if (any_others) fidelity.marks.push_back(others);
}

std::vector<ColumnFidelity> columns_of(const AllFigures& all, const ComparedTables& tables,
                                       const CodedTables& coded) {
  std::vector<ColumnFidelity> columns(coded.spaces.size());
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const auto figure = [&](double ColumnFigures::*member) {
      return figure_of(all, [&](const TableFigures& of) { return of.columns[c].*member; });
    };
    ColumnFidelity& column = columns[c];
    column.score = figure(&ColumnFigures::score);
    column.missing = figure(&ColumnFigures::missing);
    column.marked = figure(&ColumnFigures::marked);
    column.outside = figure(&ColumnFigures::outside);
    column.lost = figure(&ColumnFigures::lost);
    column.lost_rows = figure(&ColumnFigures::lost_rows);
    column.invented = figure(&ColumnFigures::invented);
    const ValueCounts real = count_values(all_rows(coded.real), c, coded.spaces[c]);
    column.real_missing = share(real.none, coded.real.rows);
    add_marks(tables, coded, c, column);
    for (const MarkShare& mark : column.marks) column.real_marked += mark.real;
  }
  return columns;
}

std::vector<PairFidelity> pairs_of(const AllFigures& all, const CodedTables& coded) {
  std::vector<PairFidelity> pairs;
  for (std::size_t a = 0; a < coded.spaces.size(); ++a)
    for (std::size_t b = a + 1; b < coded.spaces.size(); ++b) {
      const std::size_t p = pairs.size();
      PairFidelity& pair = pairs.emplace_back();
      pair.first = a, pair.second = b;
      pair.correlated = coded.spaces[a].numeric && coded.spaces[b].numeric;
      pair.similarity = figure_of(all, [&](const TableFigures& of) { return of.pairs[p].similarity; });
      pair.by_tenths = figure_of(all, [&](const TableFigures& of) { return of.pairs[p].by_tenths; });
      pair.real = all.synthetic.pairs[p].reference;
      pair.synthetic = all.synthetic.pairs[p].sample;
      pair.related = all.synthetic.related[p];
    }
  return pairs;
}

QualityFidelity quality_of(const AllFigures& all) {
  const auto figure = [&](double TableFigures::*member) {
    return figure_of(all, [&](const TableFigures& of) { return of.*member; });
  };
  return {.shapes = figure(&TableFigures::shapes),
          .trends = figure(&TableFigures::trends),
          .related_trends = figure(&TableFigures::related_trends),
          .by_tenths = figure(&TableFigures::by_tenths),
          .score = figure(&TableFigures::score),
          .related_score = figure(&TableFigures::related_score)};
}

double share_of_set(const std::vector<bool>& rows) {
  return share(std::ranges::count(rows, true), std::ssize(rows));
}

void add_to(std::vector<bool>& all, const std::vector<bool>& some) {
  for (std::size_t row = 0; row < all.size(); ++row) all[row] = all[row] || some[row];
}

void add_rule(const RecordRule& rule, const ComparedTables& tables, const CodedTables& coded,
              std::vector<bool>& breakers, std::vector<bool>& held_out_breakers, Fidelity& fidelity) {
  const auto broken_in = [&](const RecordSet& records, const CodedRecords& codes) {
    return rows_that_break(rule, tables, coded, records, codes);
  };
  if (share_of_set(broken_in(tables.real, coded.real)) > 0) return;
  const auto is_lacking = [&](std::size_t c) { return !coded.spaces[c].in_synthetic; };
  std::vector<bool> broken = broken_in(tables.synthetic, coded.synthetic);
  if (is_lacking(rule.column) || std::ranges::any_of(rule.others, is_lacking))
    broken.assign(broken.size(), true);
  add_to(breakers, broken);
  RuleFidelity& found = fidelity.rules.emplace_back(RuleFidelity{rule, share_of_set(broken), kNone});
  if (!tables.held_out) return;
  broken = broken_in(*tables.held_out, *coded.held_out);
  add_to(held_out_breakers, broken);
  found.held_out = share_of_set(broken);
}

void add_constraint(const DeclaredConstraint& constraint, std::vector<bool>& breakers,
                    std::vector<bool>& held_out_breakers, Fidelity& fidelity) {
  const ConstraintFidelity& found = fidelity.constraints.emplace_back(
      ConstraintFidelity{constraint.text, share_of_set(constraint.real), share_of_set(constraint.synthetic),
                         constraint.held_out ? share_of_set(*constraint.held_out) : kNone});
  if (found.real > 0) return;
  add_to(breakers, constraint.synthetic);
  if (constraint.held_out) add_to(held_out_breakers, *constraint.held_out);
}

}  // namespace

Fidelity measure_fidelity(const ComparedTables& tables, const FidelityOptions& options,
                          const Device& device) {
  const CodedTables coded = code_tables(tables, device);
  const AllFigures all = measure(coded, options);
  Fidelity fidelity;
  fidelity.quality = quality_of(all);
  fidelity.columns = columns_of(all, tables, coded);
  fidelity.pairs = pairs_of(all, coded);
  fidelity.draws = options.draws;
  std::vector<bool> breakers(static_cast<std::size_t>(tables.synthetic.rows));
  std::vector<bool> held_out_breakers(static_cast<std::size_t>(tables.held_out ? tables.held_out->rows : 0));
  for (const RecordRule& rule : options.rules)
    add_rule(rule, tables, coded, breakers, held_out_breakers, fidelity);
  for (const DeclaredConstraint& constraint : options.constraints)
    add_constraint(constraint, breakers, held_out_breakers, fidelity);
  fidelity.rule_breakers = share_of_set(breakers);
  fidelity.held_out_rule_breakers = tables.held_out ? share_of_set(held_out_breakers) : kNone;
  return fidelity;
}

}  // namespace agon::host
