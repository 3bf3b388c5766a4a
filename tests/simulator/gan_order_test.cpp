// A training step's bits depend on no order of threads, blocks and streams: stepwise and captured.
#include <gtest/gtest.h>

#include <random>

#include "engine/gan/gan.hpp"
#include "engine/runtime/counters.hpp"
#include "tests/simulator/simulator.hpp"

namespace agon {
namespace {

using simulator::Order;

/// Parameters and moments after six steps of a GAN that takes tiled and thin kernels, with sums over the
/// batch in one piece and in several.
std::vector<float> trained(Order order, std::uint64_t seed, const LoopOptions& loop) {
  const simulator::Options before = simulator::options();
  simulator::options().order = order;
  simulator::options().seed = seed;
  GanConfig config;
  config.generator = {{20, 40, 33, 3}, 0.2f};
  config.discriminator = {{3, 70, 24, 1}, 0.2f};
  config.batch = 300;
  Gan gan(config, Device::cuda(), loop);
  std::mt19937 engine(1);
  std::normal_distribution<float> normal;
  std::vector<float> table(std::size_t{500} * 3);
  for (float& value : table) value = normal(engine);
  gan.set_data(table, 500);
  EXPECT_EQ(gan.train(6), 6u);
  std::vector<float> all;
  for (const auto& tensor : gan.snapshot().tensors)
    for (const auto& values : {tensor.value, tensor.moment1, tensor.moment2})
      all.insert(all.end(), values.begin(), values.end());
  simulator::options() = before;
  return all;
}

TEST(GanOrder, TheBitsDependOnNone) {
  const std::vector<float> forward = trained(Order::forward, 1, {.unroll = 2});
  EXPECT_EQ(trained(Order::reverse, 1, {.unroll = 2}), forward);
  EXPECT_EQ(trained(Order::random, 1, {.unroll = 2}), forward);
  EXPECT_EQ(trained(Order::random, 2, {.steps_per_launch = LoopOptions::kByOperation}), forward);
}

/// Graphs are then made without, and counted.
TEST(GanOrder, ProgrammaticEdgesAreNoNeed) {
  const LoopOptions repeated{.unroll = 2}, by_three{.steps_per_launch = 3};
  const std::uint64_t before = runtime_counters().refused_edges;
  const std::vector<float> with = trained(Order::forward, 1, repeated);
  EXPECT_EQ(runtime_counters().refused_edges, before);
  simulator::options().captures_programmatic_launches = false;
  EXPECT_EQ(trained(Order::forward, 1, repeated), with);
  EXPECT_EQ(trained(Order::forward, 1, by_three), with);
  EXPECT_EQ(runtime_counters().refused_edges, before + 3);  // repeated, by three, and what is less than three
  simulator::options().captures_programmatic_launches = true;
}

}  // namespace
}  // namespace agon
