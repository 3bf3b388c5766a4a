// A Gan on a table of normal numbers, ready to train or trained.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <vector>

#include "engine/gan/gan.hpp"

namespace agon::test {

inline std::vector<float> normal_numbers(std::int64_t count, unsigned seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = normal(engine);
  return values;
}

inline constexpr std::int64_t kRows = 37;  ///< of the table; a whole number of no batch

inline Gan ready(const GanConfig& config, const Device& device, int replicas = 1,
                 const LoopOptions& loop = {.unroll = 3}) {
  Gan gan(config, device, loop, replicas);
  gan.set_data(normal_numbers(kRows * config.width(), 7), kRows);
  return gan;
}

inline Gan trained(const GanConfig& config, const Device& device, std::uint64_t steps, int replicas = 1,
                   const LoopOptions& loop = {.unroll = 3}) {
  Gan gan = ready(config, device, replicas, loop);
  EXPECT_EQ(gan.train(steps), steps);
  return gan;
}

}  // namespace agon::test
