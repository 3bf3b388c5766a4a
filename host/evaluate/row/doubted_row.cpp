#include "host/evaluate/row/doubted_row.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "host/evaluate/draws.hpp"
#include "host/evaluate/models/round_ends.hpp"

namespace agon::host {
namespace {

// The model that has not learnt from the row: that of its fold; of a row that no model saw, the first.
std::size_t unseeing_model(const DetectionModel& model, std::int64_t row, const ComparedTables& tables,
                           std::uint64_t seed) {
  if (model.pair.second.rows == tables.synthetic.rows)
    return static_cast<std::size_t>(model.pair.fold[static_cast<std::size_t>(model.pair.first.rows + row)]);
  const std::vector<std::int64_t> used =
      Draws(seed, DrawPurpose::rows, 1).some(tables.synthetic.rows, model.pair.second.rows);
  const auto found = std::ranges::lower_bound(used, row);
  if (found == used.end() || *found != row) return 0;
  return static_cast<std::size_t>(
      model.pair.fold[static_cast<std::size_t>(model.pair.first.rows + (found - used.begin()))]);
}

std::string cell_text(const ComparedTables& tables, std::size_t c, std::size_t row,
                      const RowOptions& options) {
  const ComparedCells& cells = tables.synthetic.columns[c];
  const std::int32_t level = cells.levels[row];
  if (level == ComparedCells::kNone) return "no value";
  if (level >= 0) return tables.columns[c].levels[static_cast<std::size_t>(level)];
  SpellNumber spell;
  if (options.spell) spell = [&](double x) { return options.spell(static_cast<std::int64_t>(c), x); };
  return spelled(cells.numbers[row], spell);
}

void add_doubts(const ComparedTables& tables, const DetectionModel& model, std::size_t row,
                const RowOptions& options, DoubtedRow& out) {
  const auto number = static_cast<std::int64_t>(row);
  const BoostedTrees& trees = model.trees[unseeing_model(model, number, tables, options.seed)];
  const TreeFeatures features = model.layout->features_of(part(tables.synthetic, {number}));
  out.probability = trees.predict(features)[0];
  const std::vector<float> added = trees.contributions(features);
  for (std::size_t c = 0; c < tables.columns.size(); ++c)
    out.cells.push_back({tables.columns[c].name, cell_text(tables, c, row, options), 0});
  for (std::int64_t f = 0; f < features.width; ++f)
    out.cells[static_cast<std::size_t>(model.layout->column_of(f))].adds +=
        added[static_cast<std::size_t>(f)];
  std::ranges::stable_sort(out.cells, std::ranges::greater{}, &DoubtedCell::adds);
}

}  // namespace

DoubtedRow look_at_row(const RowSearch& search, const ComparedTables& tables, const DistanceTables& points,
                       const DetectionModel& model, std::int64_t number, const RowOptions& options) {
  DoubtedRow out;
  out.number = number;
  out.probability = std::numeric_limits<double>::quiet_NaN();
  const std::int64_t row = number - 1;
  if (!model.trees.empty()) add_doubts(tables, model, static_cast<std::size_t>(row), options, out);
  const DistanceRows own = part(points.synthetic, points.space, {row});
  const DistanceRows real =
      part(points.real, points.space,
           Draws(options.seed, DrawPurpose::closest, 1).some(points.real.rows, options.most_rows));
  const std::vector<double> between = search.nearest_others(real).distances();
  const auto nearest_of = [&](const DistanceRows& table) {
    const double distance = search.nearest(own, table).distances()[0];
    const auto farther = std::ranges::count_if(between, [&](double other) { return other > distance; });
    return NearestRow{distance, static_cast<double>(farther) / static_cast<double>(between.size())};
  };
  out.real = nearest_of(points.real);
  if (points.held_out && points.held_out->rows > 0) out.held_out = nearest_of(*points.held_out);
  return out;
}

}  // namespace agon::host
