#include "host/evaluate/quality.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>

#include "host/table/text.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// synthetic.columns[result[c]] has the name of real.columns[c].
std::vector<std::int64_t> match_columns(const Table& real, const Table& synthetic) {
  std::string missing, extra;
  std::vector<std::int64_t> result;
  for (const Column& column : real.columns) {
    result.push_back(synthetic.find(column.name));
    if (result.back() < 0) missing += (missing.empty() ? "" : ", ") + in_quotes(column.name);
  }
  for (const Column& column : synthetic.columns) {
    if (real.find(column.name) < 0) extra += (extra.empty() ? "" : ", ") + in_quotes(column.name);
  }
  if (missing.empty() && extra.empty()) return result;
  throw DataError(
      "the tables differ in their columns: " + (missing.empty() ? "" : "the synthetic one lacks " + missing) +
      (missing.empty() || extra.empty() ? "" : "; ") + (extra.empty() ? "" : "the real one lacks " + extra));
}

std::vector<double> column_values(const Table& table, std::int64_t column) {
  std::vector<double> values(table.rows);
  for (std::int64_t row = 0; row < table.rows; ++row) values[row] = table.at(row, column);
  return values;
}

// Takes what is only noise of a conversion to or from text away before values are compared: SDMetrics rounds
// to 14 decimals. In a column that does not reach 1 in magnitude, 14 decimals below its largest value are
// kept instead.
void round_noise(std::vector<double>& values, double largest) {
  constexpr double kEveryInteger = 9007199254740992.0;  // 2^53
  const double scale = 1e14 / std::clamp(largest, 1e-280, 1.0);
  for (double& value : values) {
    const double scaled = value * scale;
    if (std::abs(scaled) < kEveryInteger) value = std::rint(scaled) / scale;
  }
}

double ks_complement(const Table& real, std::int64_t real_column, const Table& synthetic,
                     std::int64_t synthetic_column) {
  const Column &a = real.columns[real_column], &b = synthetic.columns[synthetic_column];
  const double largest =
      std::max({std::abs(a.minimum), std::abs(a.maximum), std::abs(b.minimum), std::abs(b.maximum)});
  std::vector<double> real_values = column_values(real, real_column);
  std::vector<double> synthetic_values = column_values(synthetic, synthetic_column);
  round_noise(real_values, largest);
  round_noise(synthetic_values, largest);
  return 1 - kolmogorov_smirnov(real_values, synthetic_values);
}

// Columns with mean 0 and Euclidean norm 1, one after the other, (columns, rows): a dot product of two is
// their Pearson correlation.
std::vector<double> unit_columns(const Table& table) {
  std::vector<double> result(table.values.size());
  for (std::int64_t c = 0; c < table.width(); ++c) {
    const Column& column = table.columns[c];
    const double norm = column.deviation * std::sqrt(static_cast<double>(table.rows));
    double* const out = result.data() + c * table.rows;
    for (std::int64_t row = 0; row < table.rows; ++row) out[row] = (table.at(row, c) - column.mean) / norm;
  }
  return result;
}

// In eight sums, which a compiler keeps in vector registers without being allowed to reorder additions.
double dot(const double* a, const double* b, std::int64_t n) {
  constexpr std::int64_t kLanes = 8;
  std::array<double, kLanes> sums{};
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (std::int64_t lane = 0; lane < kLanes; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  }
  for (; i < n; ++i) sums[0] += a[i] * b[i];
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

// Pearson correlations of every pair of columns, (width, width), the upper triangle filled; NaN where either
// column is constant. In blocks of rows that stay in the cache.
std::vector<double> correlations(const Table& table) {
  constexpr std::int64_t kBlock = 2048;
  const std::int64_t width = table.width();
  const std::vector<double> unit = unit_columns(table);
  std::vector<double> result(width * width);
  for (std::int64_t row = 0; row < table.rows; row += kBlock) {
    const std::int64_t n = std::min(kBlock, table.rows - row);
    for (std::int64_t a = 0; a < width; ++a) {
      for (std::int64_t b = a + 1; b < width; ++b) {
        result[a * width + b] += dot(&unit[a * table.rows + row], &unit[b * table.rows + row], n);
      }
    }
  }
  for (std::int64_t a = 0; a < width; ++a) {
    for (std::int64_t b = a + 1; b < width; ++b) {
      double& r = result[a * width + b];
      const bool defined = !table.columns[a].constant() && !table.columns[b].constant();
      r = defined ? std::clamp(r, -1.0, 1.0) : kNaN;
    }
  }
  return result;
}

std::vector<PairQuality> pair_qualities(const Table& real, const Table& synthetic,
                                        std::span<const std::int64_t> match, double threshold) {
  const std::vector<double> r = correlations(real), s = correlations(synthetic);
  const std::int64_t width = real.width();
  std::vector<PairQuality> pairs;
  for (std::int64_t a = 0; a < width; ++a) {
    for (std::int64_t b = a + 1; b < width; ++b) {
      const auto [low, high] = std::minmax(match[a], match[b]);
      PairQuality pair{.first = static_cast<std::size_t>(a), .second = static_cast<std::size_t>(b)};
      pair.real_correlation = r[a * width + b];
      pair.synthetic_correlation = s[low * width + high];
      pair.similarity = 1 - std::abs(pair.real_correlation - pair.synthetic_correlation) / 2;
      const bool correlated = threshold <= 0 || std::abs(pair.real_correlation) > threshold;
      pair.counted = correlated && !std::isnan(pair.similarity);
      pairs.push_back(pair);
    }
  }
  return pairs;
}

void warn_of_constants(Quality& quality) {
  for (const ColumnQuality& column : quality.columns) {
    const std::string name = "column " + in_quotes(column.real.name);
    const std::string tail = ": its correlations are undefined and not part of the score";
    if (column.real.constant()) quality.warnings.push_back(name + " is constant in the real table" + tail);
    if (column.synthetic.constant())
      quality.warnings.push_back(name + " is constant in the synthetic table" + tail);
  }
}

void summarise(Quality& quality) {
  double shapes = 0, trends = 0, counted = 0;
  for (const ColumnQuality& column : quality.columns) shapes += column.ks_complement;
  for (const PairQuality& pair : quality.pairs) {
    if (!pair.counted) continue;
    trends += pair.similarity;
    ++counted;
  }
  quality.column_shapes = shapes / static_cast<double>(quality.columns.size());
  quality.pair_trends = counted == 0 ? kNaN : trends / counted;
  quality.score = counted == 0 ? quality.column_shapes : (quality.column_shapes + quality.pair_trends) / 2;
  if (counted == 0)
    quality.warnings.push_back("no pair of columns counts: the score is that of the columns alone");
}

}  // namespace

double kolmogorov_smirnov(std::vector<double>& a, std::vector<double>& b) {
  std::ranges::sort(a);
  std::ranges::sort(b);
  const double size_a = static_cast<double>(a.size()), size_b = static_cast<double>(b.size());
  std::size_t i = 0, j = 0;
  double largest = 0;
  while (i < a.size() && j < b.size()) {
    const double x = std::min(a[i], b[j]);
    while (i < a.size() && a[i] == x) ++i;
    while (j < b.size() && b[j] == x) ++j;
    largest = std::max(largest, std::abs(static_cast<double>(i) / size_a - static_cast<double>(j) / size_b));
  }
  return largest;
}

Quality evaluate_quality(const Table& real, const Table& synthetic, const QualityOptions& options) {
  const std::vector<std::int64_t> match = match_columns(real, synthetic);
  Quality quality;
  quality.real_rows = real.rows;
  quality.synthetic_rows = synthetic.rows;
  quality.correlation_threshold = options.correlation_threshold;
  for (std::int64_t c = 0; c < real.width(); ++c) {
    quality.columns.push_back({.real = real.columns[c],
                               .synthetic = synthetic.columns[match[c]],
                               .ks_complement = ks_complement(real, c, synthetic, match[c])});
  }
  quality.pairs = pair_qualities(real, synthetic, match, options.correlation_threshold);
  warn_of_constants(quality);
  summarise(quality);
  return quality;
}

}  // namespace agon::host
