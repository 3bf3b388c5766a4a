// The step as its passes leave it beside the step as it is written: the same training, on every device.
#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/program/passes.hpp"
#include "kernels/cpu_variant.hpp"
#include "tests/engine/on_device.hpp"
#include "tests/engine/snapshots.hpp"
#include "tests/engine/trained_gan.hpp"

namespace agon {
namespace fusion_test {

/// Every part of a recipe, each as small as it may be.
std::vector<std::pair<std::string, GanConfig>> games() {
  GanConfig small;
  small.generator.widths = {12, 24, 20, 5};
  small.discriminator.widths = {5, 24, 20, 1};
  small.batch = 12;
  small.epsilon = 1e-3;  // Adam makes no steps of a rounding
  std::vector<std::pair<std::string, GanConfig>> all{{"plain", small}};
  const auto add = [&](const std::string& name, const auto& change) {
    all.emplace_back(name, small);
    change(all.back().second);
  };
  add("one layer each", [](GanConfig& c) { c.generator.widths = {12, 5}, c.discriminator.widths = {5, 1}; });
  add("wide rows", [](GanConfig& c) {
    c.generator.widths = {12, 24, 33}, c.discriminator.widths = {33, 24, 1};
  });
  add("micro-batches", [](GanConfig& c) { c.micro_batch = 4; });
  add("relativistic, R1, R2",
      [](GanConfig& c) { c.objective = Objective::relativistic, c.penalties = {.r1 = 1, .r2 = 1}; });
  add("Wasserstein, gradient penalty, two steps of D", [](GanConfig& c) {
    c.objective = Objective::wasserstein, c.penalties.wgan_gp = 10, c.discriminator_steps = 2;
  });
  add("DRAGAN, packed",
      [](GanConfig& c) { c.penalties.dragan = 10, c.pack = 2, c.discriminator.widths.front() = 10; });
  add("spectral norm, hinge", [](GanConfig& c) { c.spectral_norm = true, c.objective = Objective::hinge; });
  add("clipped, decayed, averaged",
      [](GanConfig& c) { c.clip_norm = 0.1, c.weight_decay = 0.01, c.ema_samples = 100; });
  add("instance noise, dropout",
      [](GanConfig& c) { c.instance_noise.deviation = 0.1, c.discriminator.dropout = 0.5; });
  add("dropout that rounds", [](GanConfig& c) { c.discriminator.dropout = 0.3, c.penalties.r2 = 1; });
  add("batch norm, residual",
      [](GanConfig& c) { c.generator.norm = NormKind::batch, c.generator.residual = Residual::concat; });
  add("dropout and tanh in G, residual (add)", [](GanConfig& c) {
    c.generator.widths = {12, 24, 24, 5}, c.generator.residual = Residual::add;
    c.generator.dropout = 0.5, c.generator.output = ActivationKind::tanh;
  });
  add("batch norm and residual in D", [](GanConfig& c) {
    c.discriminator.norm = NormKind::batch, c.discriminator.residual = Residual::concat;
  });
  add("residual in D, R1, dropout", [](GanConfig& c) {
    c.discriminator.residual = Residual::concat, c.penalties.r1 = 1, c.discriminator.dropout = 0.5;
  });
  add("layer norm", [](GanConfig& c) { c.generator.norm = NormKind::layer; });
  add("residual", [](GanConfig& c) { c.generator.residual = Residual::concat; });
  all.emplace_back("records", test::records_config());
  all.back().second.epsilon = 1e-3;
  all.emplace_back("conditions", test::ctgan_config());
  all.back().second.epsilon = 1e-3;
  return all;
}

std::vector<std::string> names(const Gan& gan) {
  std::vector<std::string> all;
  for (const OperationSummary& operation : gan.operations()) all.push_back(operation.name);
  return all;
}

class Fusion : public test::EngineOnDevice {};
INSTANTIATE_TEST_SUITE_P(Devices, Fusion, testing::ValuesIn(test::test_devices()),
                         [](const auto& device) { return device.param.name(); });

/// The order of no sum changes with a pass, so neither does a bit: but where 1 / (1 - dropout) is no power of
/// two, which rounds a product of three in the order of its factors, where a processor has no instruction
/// that multiplies and adds in one rounding, as row weights alone do, and where CUDA has another algorithm
/// for the merged layer.
bool may_round(const GanConfig& config, std::string_view pass, bool cuda) {
  if (cuda)
    return pass == "loss-with-layer" || pass == "pair-layers" || pass == "all" ||
           config.discriminator.dropout == 0.3;
  const bool twice = config.penalties.any() && kernels::chosen_cpu_variant() == kernels::CpuVariant::generic;
  return (config.discriminator.dropout == 0.3 || twice) && (pass == "activation-with-layer" || pass == "all");
}

TEST_P(Fusion, ChangesNothing) {
  const std::uint64_t kSteps = test::simulated() ? 2 : 4;
  std::vector<std::string> passes{"all"};
  for (const Pass& pass : all_passes()) passes.emplace_back(pass.name);
  for (const auto& [name, config] : games()) {
    const Gan plain = test::trained(config, device(), kSteps, 1, {.fuse = "none"});
    std::printf("%-45s %3zu operations", name.c_str(), plain.operations().size());
    for (const std::string& pass : passes) {
      SCOPED_TRACE(name + ", " + pass);
      if (names(test::ready(config, device(), 1, {.fuse = pass})) == names(plain)) {  // nothing to merge here
        EXPECT_NE(pass, "all");
        continue;
      }
      const Gan fused = test::trained(config, device(), kSteps, 1, {.fuse = pass});
      const double distance = test::worst_distance(fused.snapshot(), plain.snapshot());
      if (may_round(config, pass, on_cuda())) {
        EXPECT_LE(distance, 2e-5);
      } else {
        test::expect_same_bits(fused.snapshot(), plain.snapshot());
      }
      if (pass != "all") continue;
      std::printf(", fused %3zu: farthest apart %.1e\n", fused.operations().size(), distance);
    }
  }
}

}  // namespace fusion_test
}  // namespace agon
