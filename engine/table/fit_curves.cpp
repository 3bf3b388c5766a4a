// The distributions of a number: one curve, or one for each bin of its source's numbers.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/table/distinct.hpp"
#include "engine/table/table_fit.hpp"

namespace agon {
namespace {

constexpr std::int64_t kKnots = 512, kBinKnots = 32;
constexpr std::size_t kBins = 32, kBinRows = 50;

/// The numbers of a bin's rows as residuals.
QuantileCurve residual_curve(const TableFit& fit, std::vector<double>& residuals, std::int64_t rarest) {
  if (static_cast<std::int64_t>(residuals.size()) < 2 * rarest) return {};
  for (double& r : residuals)
    r = std::round(r * 1e9) / 1e9;  // one rule is one number, whatever it was added to
  const Distinct found = distinct(residuals, fit.device);
  return free_curve(found.values, found.counts, rarest, kBinKnots);
}

/// Between bins of equally many rows; a mean of two rows' numbers each.
std::vector<double> bin_edges(std::vector<double> numbers) {
  const auto n = numbers.size();
  const std::size_t bins = std::clamp<std::size_t>(n / kBinRows, 1, kBins);
  std::ranges::sort(numbers);
  std::vector<double> edges;
  for (std::size_t b = 1; b < bins; ++b) {
    const double edge = std::midpoint(numbers[b * n / bins - 1], numbers[b * n / bins]);
    if (edges.empty() || edge > edges.back()) edges.push_back(edge);
  }
  return edges;
}

/// Bins of too few rows have the curve of the next one that has enough.
void fill_empty_bins(std::vector<QuantileCurve>& curves, const QuantileCurve& plain, NumberCoding& number) {
  const std::size_t bins = curves.size() - 1;
  const std::vector<QuantileCurve> own = curves;
  for (std::size_t b = 0; b < bins; ++b)
    for (std::size_t d = 1; d < bins && !curves[b].any(); ++d) {
      if (b >= d && own[b - d].any())
        curves[b] = own[b - d];
      else if (b + d < bins && own[b + d].any())
        curves[b] = own[b + d];
    }
  if (!curves.back().any()) curves.back() = plain;
  if (curves.front().any()) return;
  number.residual = SourceResidual::plain;  // no bin has enough
  std::fill(curves.begin(), curves.end() - 1, plain);
}

}  // namespace

void fit_curves(const TableFit& fit, std::size_t c, const std::vector<bool>& copied,
                std::span<const CountedValue> counted, NumberCoding& number) {
  const std::int64_t rarest = fit.rarest(c);
  QuantileCurve plain = support_curve(number.support, counted, rarest, kKnots);
  if (!plain.any()) {  // every row is a mass or a copy: a rank is of no consequence, but must mean something
    std::vector<CountedValue> all(counted.begin(), counted.end());
    for (CountedValue& v : all) v.continuous = v.rows;
    plain = support_curve(number.support, all, rarest, kKnots);
  }
  if (number.source < 0) {
    number.curves = {std::move(plain)};
    return;
  }
  const std::vector<double>& y = fit.numbers[c];
  const std::vector<double>& x = fit.numbers[static_cast<std::size_t>(number.source)];
  std::vector<double> atoms, sources;
  for (const CountedValue& v : counted)
    if (v.atom) atoms.push_back(v.value);
  const auto is_rest = [&](std::size_t row) {
    return !std::isnan(y[row]) && !copied[row] && !std::ranges::binary_search(atoms, y[row]);
  };
  for (std::size_t row = 0; row < y.size(); ++row)
    if (is_rest(row) && !std::isnan(x[row])) sources.push_back(x[row]);
  number.edges = bin_edges(std::move(sources));
  std::vector<std::vector<double>> residuals(number.edges.size() + 2);
  for (std::size_t row = 0; row < y.size(); ++row)
    if (is_rest(row))
      residuals[number.bin(x[row])].push_back(
          std::isnan(x[row]) ? y[row] : residual_of(number.residual, y[row], x[row]));
  for (std::vector<double>& bin : residuals) number.curves.push_back(residual_curve(fit, bin, rarest));
  fill_empty_bins(number.curves, plain, number);
}

}  // namespace agon
