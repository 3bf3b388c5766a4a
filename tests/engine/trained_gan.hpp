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

/// A game of 3 columns, for tests of what does not depend on the game.
inline GanConfig small_config() {
  GanConfig config;
  config.generator.widths = {4, 8, 3};
  config.discriminator.widths = {3, 8, 1};
  config.batch = 8;
  return config;
}

inline constexpr std::int64_t kRows = 37;  ///< of the table; a whole number of no batch

/// Codes and ranks of any records: each rank one of 20 equal shares.
inline CodedRows coded_rows(const RecordLayout& layout, std::int64_t rows, unsigned seed) {
  std::mt19937 engine(seed);
  CodedRows coded{rows, {}, {}, {}};
  for (int i = 0; i <= 20; ++i) coded.cumulative.push_back(static_cast<float>(i) / 20);
  for (std::int64_t row = 0; row < rows; ++row) {
    for (const std::int64_t levels : layout.heads)
      coded.codes.push_back(static_cast<std::uint16_t>(engine() % static_cast<unsigned>(levels)));
    for (std::int64_t q = 0; q < layout.numbers(); ++q)
      coded.ranks.push_back(static_cast<std::uint32_t>(engine() % 20));
  }
  return coded;
}

/// A game of records: two heads, two numbers, one of which the second level of the second head opens.
inline GanConfig records_config() {
  GanConfig config;
  config.generator = {{6, 20, 20, 9}, 0.2f, NormKind::layer, Residual::pre_activation};
  config.generator.records = {{3, 4}, {-1, 4}};
  config.discriminator = {{config.width(), 24, 24, 1}, 0.2f, NormKind::none, Residual::add};
  config.objective = Objective::relativistic;
  config.penalties = {.r1 = 1, .r2 = 1};
  config.batch = 12;
  return config;
}

/// Of soft heads, conditions on two of three, and numbers of link tanh.
inline GanConfig ctgan_config() {
  GanConfig config;
  config.generator = {{6 + 5, 20, 16, 11}, 0.0f, NormKind::batch, Residual::concat};
  config.generator.records = {{3, 4, 2},
                              {-1, -1},
                              HeadChoice::gumbel,
                              NumberLink::tanh,
                              {{0, 2}, {600'000'000, 300'000'000, 100'000'000, 200'000'000, 800'000'000}}};
  config.discriminator = {{2 * config.width(), 24, 20, 1}, 0.2f};
  config.discriminator.dropout = 0.5;
  config.objective = Objective::wasserstein;
  config.penalties.wgan_gp = 10;
  config.pack = 2;
  config.batch = 12;
  config.l2 = 1e-3;
  return config;
}

inline Gan ready(const GanConfig& config, const Device& device, int replicas = 1,
                 const LoopOptions& loop = {.unroll = 3}) {
  Gan gan(config, device, loop, replicas);
  if (config.generator.records.any()) {
    gan.set_data(coded_rows(config.generator.records, kRows, 7));
  } else {
    gan.set_data(normal_numbers(kRows * config.width(), 7), kRows);
  }
  return gan;
}

inline Gan trained(const GanConfig& config, const Device& device, std::uint64_t steps, int replicas = 1,
                   const LoopOptions& loop = {.unroll = 3}) {
  Gan gan = ready(config, device, replicas, loop);
  EXPECT_EQ(gan.train(steps), steps);
  return gan;
}

}  // namespace agon::test
