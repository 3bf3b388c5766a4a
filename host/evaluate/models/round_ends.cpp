#include "host/evaluate/models/round_ends.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "host/evaluate/rates.hpp"

namespace agon::host {

std::string spelled(double x, const SpellNumber& spell) {
  return spell ? spell(x) : fmt::format("{:.10g}", x + 0.0);  // + 0: no "-0"
}

std::vector<double> sorted_numbers(const ComparedCells& cells) {
  std::vector<double> numbers;
  for (const double x : cells.numbers)
    if (!std::isnan(x)) numbers.push_back(x);
  std::ranges::sort(numbers);
  return numbers;
}

double rounding_step(const std::vector<double>& sorted) {
  const double width = quantile(sorted, 0.95) - quantile(sorted, 0.05);
  return width > 0 && std::isfinite(width) ? std::pow(10, std::floor(std::log10(width / 20))) : 0;
}

double to_step(double x, double step) { return step > 0 ? std::round(x / step) * step : x; }

std::vector<double> round_ends(const std::vector<double>& sorted, int parts) {
  const double step = sorted.empty() ? 0 : rounding_step(sorted);
  std::vector<double> ends;
  for (int i = 1; i < parts && step > 0; ++i)
    ends.push_back(to_step(quantile(sorted, static_cast<double>(i) / parts), step));
  ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
  return ends;
}

}  // namespace agon::host
