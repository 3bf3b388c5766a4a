#include "host/report/evaluation/projection.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <random>

#include "host/evaluate/models/two_tables.hpp"
#include "host/evaluate/rates.hpp"
#include "host/report/evaluation/marginals.hpp"
#include "host/report/evaluation/svg_figure.hpp"
#include "host/report/markup.hpp"
#include "host/report/panel.hpp"

namespace agon::host {
namespace {

constexpr std::int64_t kMostRows = 20'000;
constexpr int kIterations = 40;

/// The dimensions of the plane's space, and how a row's cells lie in it.
class Dimensions {
 public:
  Dimensions(const ComparedTables& tables, const RecordSet& real) : tables_(tables) {
    for (std::size_t c = 0; c < tables.columns.size(); ++c) {
      first_.push_back(count_);
      const bool number = tables.columns[c].kind == ComparedColumn::Kind::number;
      count_ += number ? 1 : static_cast<std::size_t>(tables.columns[c].real_levels);
      mean_.push_back(0), scale_.push_back(0);
      if (number) standardise(real.columns[c].numbers, mean_.back(), scale_.back());
    }
  }
  std::size_t count() const { return count_; }

  /// Calls use(dimension, value) for what of a row is not 0.
  template <class Use>
  void of_row(const RecordSet& records, std::size_t row, const Use& use) const {
    for (std::size_t c = 0; c < tables_.columns.size(); ++c) {
      const ComparedCells& cells = records.columns[c];
      if (tables_.columns[c].kind == ComparedColumn::Kind::number) {
        const double number = cells.numbers[row];
        if (!std::isnan(number)) use(first_[c], (number - mean_[c]) * scale_[c]);
      } else if (cells.levels[row] >= 0 && cells.levels[row] < tables_.columns[c].real_levels) {
        use(first_[c] + static_cast<std::size_t>(cells.levels[row]), 1.0);
      }
    }
  }

 private:
  static void standardise(const std::vector<double>& numbers, double& mean, double& scale) {
    double n = 0, sum = 0, squares = 0;
    for (const double x : numbers)
      if (!std::isnan(x)) ++n, sum += x;
    mean = n > 0 ? sum / n : 0;
    for (const double x : numbers)
      if (!std::isnan(x)) squares += (x - mean) * (x - mean);
    scale = squares > 0 ? 1 / std::sqrt(squares / n) : 0;
  }

  const ComparedTables& tables_;
  std::size_t count_ = 0;
  std::vector<std::size_t> first_;
  std::vector<double> mean_, scale_;
};

using Direction = std::vector<double>;

double inner(const Direction& a, const Direction& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// A table's coordinates along a direction, less those of `centre`.
std::vector<double> along(const Dimensions& dimensions, const RecordSet& records, const Direction& direction,
                          const Direction& centre) {
  std::vector<double> out(static_cast<std::size_t>(records.rows), -inner(direction, centre));
  for (std::size_t row = 0; row < out.size(); ++row)
    dimensions.of_row(records, row, [&](std::size_t d, double value) { out[row] += value * direction[d]; });
  return out;
}

Direction centre_of(const Dimensions& dimensions, const RecordSet& records) {
  Direction mean(dimensions.count(), 0.0);
  for (std::size_t row = 0; row < static_cast<std::size_t>(records.rows); ++row)
    dimensions.of_row(records, row, [&](std::size_t d, double value) { mean[d] += value; });
  for (double& value : mean) value /= static_cast<double>(records.rows);
  return mean;
}

/// Power iteration on the covariance, away from `other` (none where it is empty).
Direction principal(const Dimensions& dimensions, const RecordSet& real, const Direction& mean,
                    const Direction& other) {
  std::mt19937_64 engine(1);
  Direction direction(dimensions.count());
  for (double& value : direction) value = static_cast<double>(engine() >> 11) * 0x1p-52 - 1;
  for (int i = 0; i < kIterations; ++i) {
    if (!other.empty()) {
      const double part = inner(direction, other);
      for (std::size_t d = 0; d < direction.size(); ++d) direction[d] -= part * other[d];
    }
    const double length = std::sqrt(inner(direction, direction));
    if (!(length > 1e-12)) return {};
    for (double& value : direction) value /= length;
    if (i + 1 == kIterations) break;
    const std::vector<double> places = along(dimensions, real, direction, mean);
    Direction next(direction.size(), 0.0);
    for (std::size_t row = 0; row < places.size(); ++row)
      dimensions.of_row(real, row, [&](std::size_t d, double value) { next[d] += places[row] * value; });
    const double sum = std::accumulate(places.begin(), places.end(), 0.0);
    for (std::size_t d = 0; d < next.size(); ++d) next[d] -= sum * mean[d];
    direction = std::move(next);
  }
  return direction;
}

struct Coordinates {
  std::array<std::vector<double>, 2> real, synthetic;
};

std::vector<std::int64_t> counts(const std::array<std::vector<double>, 2>& places,
                                 const std::array<std::array<double, 2>, 2>& ends) {
  std::vector<std::int64_t> out(Projection::kSide * Projection::kSide);
  for (std::size_t row = 0; row < places[0].size(); ++row) {
    std::size_t cell[2];
    for (std::size_t axis = 0; axis < 2; ++axis) {
      const double share = (places[axis][row] - ends[axis][0]) / (ends[axis][1] - ends[axis][0]);
      cell[axis] = static_cast<std::size_t>(
          std::clamp(std::floor(share * Projection::kSide), 0.0, Projection::kSide - 1.0));
    }
    ++out[cell[1] * Projection::kSide + cell[0]];
  }
  return out;
}

std::vector<double> shares(const std::vector<std::int64_t>& counts, std::int64_t rows, std::int64_t fewest) {
  std::vector<double> out;
  for (const std::int64_t count : counts)
    out.push_back(count < fewest ? 0 : static_cast<double>(count) / static_cast<double>(rows));
  return out;
}

}  // namespace

Projection project(const ComparedTables& tables, std::uint64_t seed) {
  const RecordSet real = at_most(tables.real, kMostRows, seed, 7),
                  synthetic = at_most(tables.synthetic, kMostRows, seed, 8);
  if (real.rows < 2 || synthetic.rows < 2) return {};
  const Dimensions dimensions(tables, real);
  const Direction mean = centre_of(dimensions, real);
  const Direction first = principal(dimensions, real, mean, {});
  if (first.empty()) return {};
  const Direction second = principal(dimensions, real, mean, first);
  if (second.empty()) return {};
  Coordinates at;
  std::array<std::array<double, 2>, 2> ends;
  for (const std::size_t axis : {0u, 1u}) {
    const Direction& direction = axis == 0 ? first : second;
    at.real[axis] = along(dimensions, real, direction, mean);
    at.synthetic[axis] = along(dimensions, synthetic, direction, mean);
    ends[axis] = {quantile_of(at.real[axis], 0.005), quantile_of(at.real[axis], 0.995)};
    if (!(ends[axis][1] > ends[axis][0])) return {};
  }
  return {shares(counts(at.real, ends), real.rows, kFewestShown),
          shares(counts(at.synthetic, ends), synthetic.rows, kFewestShown)};
}

std::string density_svg(const std::vector<double>& density, double most, std::string_view table,
                        std::string_view heading) {
  constexpr double kLeft = 70, kTop = 40, kCell = 12.5;
  constexpr double kExtent = kCell * Projection::kSide;
  std::string svg = begin_figure(kTop + kExtent + 36, heading);
  for (std::size_t i = 0; i < density.size(); ++i) {
    if (density[i] <= 0) continue;
    const auto row = static_cast<double>(i / Projection::kSide),
               column = static_cast<double>(i % Projection::kSide);
    append(svg, R"(<rect x="{:.1f}" y="{:.1f}" width="{}" height="{}" class="of-{}" fill-opacity="{:.2f}"/>)",
           kLeft + kCell * column, kTop + kExtent - kCell * (row + 1), kCell, kCell, table,
           std::clamp(std::sqrt(density[i] / most), 0.06, 1.0));
  }
  append(svg, R"(<rect x="{}" y="{}" width="{}" height="{}" fill="none" class="axis" stroke-opacity="0.5"/>)",
         kLeft, kTop, kExtent, kExtent);
  append_text(svg, kLeft + kExtent / 2, kTop + kExtent + 22, "middle", "14px", "first principal component");
  append(
      svg,
      R"-(<text x="{0:.1f}" y="{1:.1f}" transform="rotate(-90 {0:.1f} {1:.1f})" text-anchor="middle" style="font:14px sans-serif">second principal component</text>)-",
      kLeft - 12, kTop + kExtent / 2);
  return svg + "</svg>\n";
}

}  // namespace agon::host
