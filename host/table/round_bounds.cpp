#include "host/table/round_bounds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

namespace agon::host {
namespace {

/// A power of ten that is no denormal number.
constexpr double kSmallestStep = 1e-300;

/// The smallest multiple of the step that is not below the value, as the double nearest to its decimals.
double multiple_above(double value, double step) {
  const auto decimal = [&](double times) { return std::stod(fmt::format("{:.15g}", times * step)) + 0.0; };
  const double times = std::ceil(value / step), multiple = decimal(times);
  return multiple < value ? decimal(times + 1) : multiple;
}

/// Of numbers of which the largest is `outermost` and `inner` the one that the last of the fewest rows has.
double round_maximum(double outermost, double inner, double largest_size) {
  if (outermost == inner) return outermost;
  double step = round_up(std::max(outermost - inner, kSmallestStep));
  while (step <= largest_size && multiple_above(outermost, step) != multiple_above(inner, step))
    step = round_up(1.5 * step);
  return multiple_above(outermost, step);
}

/// A table of fewer rows has one step for all of them.
std::size_t last_of_fewest(std::size_t rows) {
  return std::min(static_cast<std::size_t>(kFewestShown), rows) - 1;
}

}  // namespace

double round_up(double step) {
  const double power = std::pow(10.0, std::floor(std::log10(step)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= step * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

void round_bounds(Table& table) {
  const auto width = table.columns.size();
  std::vector<double> numbers(static_cast<std::size_t>(table.rows));
  for (std::size_t c = 0; c < width; ++c) {
    Column& column = table.columns[c];
    if (column.constant()) continue;
    for (std::size_t row = 0; row < numbers.size(); ++row) numbers[row] = table.values[row * width + c];
    const std::size_t inner = last_of_fewest(numbers.size());
    const double size = std::max(std::abs(column.minimum), std::abs(column.maximum));
    std::ranges::nth_element(numbers, numbers.begin() + static_cast<std::ptrdiff_t>(inner));
    column.minimum = -round_maximum(-column.minimum, -numbers[inner], size) + 0.0;
    std::ranges::nth_element(numbers, numbers.begin() + static_cast<std::ptrdiff_t>(inner), std::greater<>());
    column.maximum = round_maximum(column.maximum, numbers[inner], size);
  }
}

}  // namespace agon::host
