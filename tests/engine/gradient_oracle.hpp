// A step by the engine and in plain loops on the same numbers, and the gradients of both.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "tests/engine/plain_game.hpp"
#include "tests/finite_differences.hpp"

namespace agon::test {

struct Inputs {
  std::vector<float> rows, noise;  ///< of one phase of D, and of both players' phases
};

/// In the place of the noise's last columns, level 3i modulo their number for row i, and beside the real rows
/// the same.
inline void put_conditions(const GanConfig& config, Inputs& in) {
  const std::int64_t levels = config.generator.records.condition_levels();
  for (std::int64_t row = 0; levels > 0 && row < 2 * config.batch; ++row) {
    float* const condition = in.noise.data() + (row + 1) * config.inputs() - levels;
    std::fill_n(condition, levels, 0.0f);
    condition[3 * row % levels] = 1;
    if (row < config.batch)
      std::copy_n(condition, levels, in.rows.data() + (row + 1) * config.width() - levels);
  }
}

inline Inputs inputs_of(const GanConfig& config, float spread = 1) {
  Inputs in{normal_numbers(config.batch * config.width(), 1),
            normal_numbers(2 * config.batch * config.inputs(), 2)};
  for (auto* numbers : {&in.rows, &in.noise})
    for (float& number : *numbers) number *= spread;
  put_conditions(config, in);
  return in;
}

inline PlainGame game_of(const Gan& gan, const Inputs& in) {
  const GanConfig& config = gan.config();
  const std::int64_t inputs = config.inputs(), batch = config.batch;
  return {config,
          copy_network(gan, config.generator, "generator."),
          copy_network(gan, config.discriminator, "discriminator."),
          rows_of(in.rows, 0, batch / config.pack, config.pack * config.width()),
          rows_of(in.noise, 0, batch, inputs),
          rows_of(in.noise, batch * inputs, batch, inputs)};
}

/// D's last bias moves all logits alike: Wasserstein and relativistic losses do not see it, nor does the
/// hinge between its kinks. Where batch norms come before every later layer, they take a bias away again.
inline bool shifts_cancel(const GanConfig& config, const TensorView& view) {
  const NetworkSpec& g = config.generator;
  const std::string last = "generator." + std::to_string(g.layers() - 1) + ".bias";
  if (g.pre_activation() && g.norm == NormKind::batch && view.name.starts_with("generator.") &&
      view.name.ends_with(".bias") && view.name != last)
    return true;
  const Objective objective = config.objective;
  return view.size == 1 && view.name.starts_with("discriminator.") && view.name.ends_with(".bias") &&
         (objective == Objective::hinge || objective == Objective::wasserstein ||
          objective == Objective::relativistic);
}

/// Every element of every tensor of `network`, whose tensors the engine calls `name` ..., against its finite
/// difference: within `tolerance` of the tensor's largest element, and `rounding`. Returns the worst, as a
/// share of that element where it is not next to nothing.
template <class Loss>
double expect_gradient(const Gan& gan, const std::string& name, PlainNetwork& network, const Loss& loss,
                       double tolerance, double rounding) {
  double worst = 0;
  std::size_t tensor = 0;
  for (const TensorView& view : gan.parameters()) {
    if (!view.name.starts_with(name)) continue;
    const std::vector<double> expected = finite_differences(network.tensors[tensor++], loss);
    const auto gradient = gan.gradient(view.name);
    EXPECT_EQ(gradient.size(), expected.size());
    double largest = 0;
    for (const double slope : expected) largest = std::max(largest, std::abs(slope));
    EXPECT_TRUE(largest > 0 || shifts_cancel(gan.config(), view)) << view.name;
    for (std::size_t i = 0; i < std::min(expected.size(), gradient.size()); ++i) {
      EXPECT_NEAR(gradient[i], expected[i], tolerance * largest + rounding) << view.name << "[" << i << "]";
      if (largest > 1e-3) worst = std::max(worst, std::abs(gradient[i] - expected[i]) / largest);
    }
  }
  EXPECT_EQ(tensor, network.tensors.size());
  return worst;
}

}  // namespace agon::test
