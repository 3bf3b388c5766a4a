#include "host/evaluate/images/jackknife.hpp"

#include <cmath>

namespace agon::host {
namespace {

constexpr double kStudent95 = 2.2621571628540993;  // 97.5% quantile, 9 degrees of freedom
static_assert(kJackknifeGroups == 10);

}  // namespace

std::int64_t group_size(std::int64_t group, std::int64_t count) {
  return group_start(group + 1, count) - group_start(group, count);
}

std::int64_t group_of(std::int64_t index, std::int64_t count) {
  return (kJackknifeGroups * (index + 1) - 1) / count;
}

Jackknifed mean_of_images(std::span<const double> values) {
  const auto count = static_cast<std::int64_t>(values.size());
  double all = 0;
  std::vector<double> sums(kJackknifeGroups);
  for (std::int64_t group = 0; group < kJackknifeGroups; ++group) {
    for (std::int64_t i = group_start(group, count); i < group_start(group + 1, count); ++i)
      sums[group] += values[i];
    all += sums[group];
  }
  return Jackknifed::by([&](int group) {
    if (group < 0) return all / static_cast<double>(count);
    return (all - sums[group]) / static_cast<double>(count - group_size(group, count));
  });
}

Jackknifed mean_of_figures(std::span<const Jackknifed> figures) {
  return Jackknifed::by([&](int group) {
    double sum = 0;
    for (const Jackknifed& figure : figures) sum += group < 0 ? figure.value : figure.without[group];
    return sum / static_cast<double>(figures.size());
  });
}

Interval interval_of(const Jackknifed& figure) {
  double mean = 0, squares = 0;
  for (const double value : figure.without) mean += value / kJackknifeGroups;
  for (const double value : figure.without) squares += (value - mean) * (value - mean);
  const double error = std::sqrt(squares * (kJackknifeGroups - 1) / kJackknifeGroups);
  return {figure.value - kStudent95 * error, figure.value + kStudent95 * error};
}

ImageFigure beside_floor(const Jackknifed& synthetic, const Jackknifed& floor) {
  return {synthetic.value, interval_of(synthetic), floor.value, interval_of(floor)};
}

}  // namespace agon::host
