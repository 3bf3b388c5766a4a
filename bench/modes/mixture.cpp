#include "bench/modes/mixture.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "kernels/error.hpp"
#include "kernels/formula/normal.hpp"
#include "kernels/formula/philox.hpp"
#include "kernels/random.hpp"

namespace agon::host {
namespace {

using kernels::RandomPurpose;
using kernels::formula::PhiloxBlock;

constexpr std::array<std::string_view, 4> kNames{"ring", "grid", "random", "thousand"};

PhiloxBlock block_of(std::uint64_t seed, RandomPurpose purpose, std::uint64_t step, std::int64_t block) {
  return kernels::formula::random_block(seed, static_cast<std::uint32_t>(purpose), step,
                                        static_cast<std::uint32_t>(block));
}

/// On [0, 1).
double fraction(std::uint32_t word) { return std::ldexp(static_cast<double>(word), -32); }

Mixture ring() {
  Mixture mixture{.name = "ring", .text = "8 modes on the unit circle, deviation 0.01", .deviation = 0.01};
  for (int i = 0; i < 8; ++i) {
    const double angle = 2 * std::numbers::pi * i / 8;
    mixture.centres.insert(mixture.centres.end(), {std::cos(angle), std::sin(angle)});
  }
  return mixture;
}

Mixture grid() {
  Mixture mixture{
      .name = "grid", .text = "25 modes, {-4, -2, 0, 2, 4} squared, deviation 0.05", .deviation = 0.05};
  for (int x = -4; x <= 4; x += 2)
    for (int y = -4; y <= 4; y += 2) mixture.centres.insert(mixture.centres.end(), {1.0 * x, 1.0 * y});
  return mixture;
}

Mixture random_centres(std::uint64_t seed) {
  // Discs of half the distance cover 0.31 of the square; drawn so one after the other they jam at 0.55.
  constexpr std::int64_t kModes = 25;
  constexpr double kReach = 4, kDistance = 1;
  Mixture mixture{.name = "random",
                  .text = fmt::format("25 modes at random in [-4, 4] squared, 1 or more apart, deviation "
                                      "0.05, centres of seed {}",
                                      seed),
                  .deviation = 0.05};
  for (std::int64_t block = 0; mixture.modes() < kModes; ++block) {
    const PhiloxBlock words = block_of(seed, RandomPurpose::mixture_centres, 0, block);
    const double x = kReach * (2 * fraction(words.word[0]) - 1),
                 y = kReach * (2 * fraction(words.word[1]) - 1);
    bool free = true;
    for (std::int64_t m = 0; m < mixture.modes(); ++m)
      free = free && std::hypot(x - mixture.centre(m)[0], y - mixture.centre(m)[1]) >= kDistance;
    if (free) mixture.centres.insert(mixture.centres.end(), {x, y});
  }
  return mixture;
}

Mixture thousand() {
  constexpr std::int64_t kGroup = 10, kModes = 1000;
  Mixture mixture{.name = "thousand",
                  .text = "1000 modes, all combinations of three one-hot groups of ten columns",
                  .width = 3 * kGroup,
                  .centres = std::vector<double>(kModes * 3 * kGroup),
                  .group = kGroup};
  for (std::int64_t mode = 0; mode < kModes; ++mode) {
    double* const centre = mixture.centres.data() + mode * mixture.width;
    centre[mode / 100] = centre[kGroup + mode / 10 % 10] = centre[2 * kGroup + mode % 10] = 1;
  }
  return mixture;
}

}  // namespace

std::span<const std::string_view> mixture_names() { return kNames; }

Mixture make_mixture(std::string_view name, std::uint64_t seed) {
  if (name == "ring") return ring();
  if (name == "grid") return grid();
  if (name == "random") return random_centres(seed);
  if (name == "thousand") return thousand();
  throw ConfigurationError(fmt::format("mixture: '{}' is none of {}", name, fmt::join(kNames, ", ")));
}

std::vector<double> draw_points(const Mixture& mixture, std::int64_t count, std::uint64_t seed,
                                std::uint64_t set) {
  // Block 0 of a point draws its mode, each further one four columns' noise.
  const std::int64_t blocks = 1 + (mixture.deviation > 0 ? (mixture.width + 3) / 4 : 0);
  const auto modes = static_cast<std::uint64_t>(mixture.modes());
  std::vector<double> points;
  points.reserve(static_cast<std::size_t>(count * mixture.width));
  for (std::int64_t i = 0; i < count; ++i) {
    const auto block = [&](std::int64_t b) {
      return block_of(seed, RandomPurpose::mixture_points, set, i * blocks + b);
    };
    const auto mode = static_cast<std::int64_t>(modes * block(0).word[0] >> 32);
    const auto centre = mixture.centre(mode);
    points.insert(points.end(), centre.begin(), centre.end());
    double* const point = points.data() + i * mixture.width;
    for (std::int64_t b = 1; b < blocks; ++b) {
      const PhiloxBlock words = block(b);
      const auto first = kernels::formula::normal_pair(words.word[0], words.word[1]);
      const auto second = kernels::formula::normal_pair(words.word[2], words.word[3]);
      const std::array noise{first.first, first.second, second.first, second.second};
      for (std::int64_t c = 4 * (b - 1); c < std::min(4 * b, mixture.width); ++c)
        point[c] += mixture.deviation * static_cast<double>(noise[static_cast<std::size_t>(c % 4)]);
    }
  }
  return points;
}

Table training_table(const Mixture& mixture, std::int64_t points, std::uint64_t seed) {
  Table table;
  for (std::int64_t c = 0; c < mixture.width; ++c)
    table.columns.push_back({.name = fmt::format("x{}", c + 1),
                             .decimals = Column::kAsNeeded,
                             .printed_decimals = Column::kAsNeeded});
  table.rows = points;
  table.values = draw_points(mixture, points, seed, 0);
  compute_statistics(table.values, table.columns);
  for (const Column& column : table.columns) {
    if (column.constant())
      throw ConfigurationError(
          fmt::format("{}: {} points are too few: column {} is constant", mixture.name, points, column.name));
  }
  return table;
}

}  // namespace agon::host
