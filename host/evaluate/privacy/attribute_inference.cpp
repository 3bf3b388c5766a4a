#include "host/evaluate/privacy/attribute_inference.hpp"

#include <algorithm>
#include <cmath>

#include "host/evaluate/distances/row_search.hpp"
#include "host/evaluate/draws.hpp"

namespace agon::host {
namespace {

double deviation_of_numbers(const ComparedCells& cells) {
  double sum = 0, squares = 0, count = 0;
  for (const double value : cells.numbers) {
    if (!std::isfinite(value)) continue;
    sum += value;
    ++count;
  }
  if (count == 0) return 0;
  for (const double value : cells.numbers)
    if (std::isfinite(value)) squares += (value - sum / count) * (value - sum / count);
  return std::sqrt(squares / count);
}

bool is_number_at(const ComparedCells& cells, std::int64_t i) {
  return !cells.numbers.empty() && std::isfinite(cells.numbers[i]) &&
         (cells.levels.empty() || cells.levels[i] == ComparedCells::kNumber);
}

bool guessed_right(const ComparedCells& truth, std::int64_t i, const ComparedCells& guess, std::int64_t j,
                   double tolerance) {
  if (is_number_at(truth, i) != is_number_at(guess, j)) return false;
  if (is_number_at(truth, i)) return std::abs(truth.numbers[i] - guess.numbers[j]) <= tolerance;
  const auto level = [](const ComparedCells& cells, std::int64_t row) {
    return cells.levels.empty() ? ComparedCells::kNone : cells.levels[row];
  };
  return level(truth, i) == level(guess, j);
}

bool is_constant(const ComparedCells& cells, std::int64_t rows) {
  for (std::int64_t i = 1; i < rows; ++i)
    if (!guessed_right(cells, 0, cells, i, 0)) return false;
  return true;
}

struct InferenceRows {
  std::vector<std::int64_t> real, held_out, synthetic;
};

/// How often the nearest of the synthetic rows, in `points` without the column, has the target's cell.
Rate guess_column(const RowSearch& search, const DistanceRows& targets, const DistanceRows& synthetic,
                  const ComparedCells& truth, const std::vector<std::int64_t>& of_truth,
                  const ComparedCells& guess, const std::vector<std::int64_t>& of_guess, double tolerance) {
  const Neighbours nearest = search.nearest(targets, synthetic);
  std::int64_t hits = 0;
  for (std::size_t t = 0; t < of_truth.size(); ++t)
    hits += guessed_right(truth, of_truth[t], guess, of_guess[nearest.index[t]], tolerance);
  return rate_of(hits, static_cast<std::int64_t>(of_truth.size()));
}

DistanceTables drawn_rows(const DistanceTables& points, const InferenceRows& rows) {
  return {points.space, part(points.real, points.space, rows.real),
          part(points.synthetic, points.space, rows.synthetic),
          part(*points.held_out, points.space, rows.held_out)};
}

}  // namespace

std::optional<AttributeInference> infer_attributes(const Device& device, const ComparedTables& tables,
                                                   const DistanceTables& points,
                                                   const InferenceOptions& options) {
  const std::int64_t targets =
      tables.held_out ? std::min({tables.held_out->rows, tables.real.rows, options.most_targets}) : 0;
  if (targets < 1 || tables.synthetic.rows < 1 || tables.width() < 2) return std::nullopt;
  Draws draws(options.seed, DrawPurpose::inference);
  InferenceRows rows{draws.some(tables.real.rows, targets), draws.some(tables.held_out->rows, targets),
                     draws.some(tables.synthetic.rows, options.most_synthetic)};
  const DistanceTables drawn = drawn_rows(points, rows);
  AttributeInference inference;
  inference.targets = targets;
  inference.synthetic = static_cast<std::int64_t>(rows.synthetic.size());
  for (std::int64_t c = 0; c < tables.width(); ++c) {
    const ComparedCells& real = tables.real.columns[c];
    if (is_constant(real, tables.real.rows)) continue;
    const double tolerance = options.tolerance * deviation_of_numbers(real);
    const DistanceTables rest = without_column(drawn, c);
    const RowSearch search(device, rest.space);
    const ComparedCells& guess = tables.synthetic.columns[c];
    const Rate attack =
        guess_column(search, rest.real, rest.synthetic, real, rows.real, guess, rows.synthetic, tolerance);
    const Rate control = guess_column(search, *rest.held_out, rest.synthetic, tables.held_out->columns[c],
                                      rows.held_out, guess, rows.synthetic, tolerance);
    inference.columns.push_back({tables.columns[c].name, risk_of(attack, control)});
    const auto last = static_cast<std::int64_t>(inference.columns.size()) - 1;
    if (inference.worst < 0 ||
        inference.columns[last].beyond_others() > inference.columns[inference.worst].beyond_others())
      inference.worst = last;
  }
  return inference;
}

double ColumnInference::beyond_others() const {
  const auto variance = [](const Rate& rate) {
    return rate.share * (1 - rate.share) / static_cast<double>(std::max<std::int64_t>(rate.of, 1));
  };
  return risk.attack.share - risk.control.share -
         3 * std::sqrt(variance(risk.attack) + variance(risk.control));
}

}  // namespace agon::host
