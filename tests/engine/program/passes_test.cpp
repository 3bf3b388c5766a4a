// Each pass by itself, on the article's step: what it merges, and that it leaves alone what it must.
#include "engine/program/passes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "engine/gan/step_program.hpp"
#include "engine/records/table_recipe.hpp"
#include "kernels/activation.hpp"
#include "kernels/columns.hpp"
#include "kernels/error.hpp"
#include "kernels/linear.hpp"
#include "kernels/linear_tangent.hpp"
#include "kernels/logit_loss.hpp"
#include "kernels/loss_gradient.hpp"
#include "kernels/norm.hpp"

namespace agon {
namespace passes_test {

using Names = std::vector<std::string>;

Program plain(const GanConfig& config) {
  return step_program(config, config.batch, DeviceKind::cuda, "none").program;
}

Names names(const Program& program) {
  Names list;
  for (const Operation& operation : program.operations()) list.emplace_back(operation.name());
  return list;
}

std::ptrdiff_t count(const Program& program, std::string_view name) {
  return std::ranges::count(program.operations(), name, &Operation::name);
}

/// With whole layers: nothing but them, and what is drawn and learnt.
Program layers() { return loss_with_layer(activation_with_layer(plain({}))); }

TEST(Passes, TheArticlesStepAsItIsWritten) {
  const Program written = plain({});
  EXPECT_EQ(written.operations().size(), 55u);
  EXPECT_EQ(count(written, "activation"), 2 * 3 + 2 * 2);
  EXPECT_EQ(count(written, "activation_backward"), 3 + 2 * 2);
  EXPECT_EQ(count(written, "loss_gradient"), 2);
  EXPECT_EQ(count(written, "linear_forward"), 2 * 4 + 2 * 3);
}

TEST(Passes, TheArticlesStepInWholeLayers) {
  const Names discriminator{
      "step_begin",      "normal_fill",     "gather_batch",    "linear_forward",  "linear_forward",
      "linear_forward",  "linear_forward",  "linear_forward",  "linear_forward",  "logit_loss",
      "linear_backward", "linear_backward", "linear_backward", "linear_backward", "adam"};
  const Names generator{"normal_fill",     "linear_forward",  "linear_forward",
                        "linear_forward",  "linear_forward",  "linear_forward",
                        "linear_forward",  "logit_loss",      "linear_backward",
                        "linear_backward", "linear_backward", "linear_backward",
                        "linear_backward", "linear_backward", "linear_backward",
                        "linear_backward", "linear_backward", "adam",
                        "step_end"};
  Names all = discriminator;
  all.insert(all.end(), generator.begin(), generator.end());
  EXPECT_EQ(names(layers()), all);
}

TEST(Passes, TheArticlesStepAsCudaRunsIt) {
  EXPECT_EQ(
      names(step_program({}, 64, DeviceKind::cuda).program),
      (Names{"step_begin", "linear_forward", "linear_forward", "linear_forward", "linear_pair_forward",
             "linear_forward", "logit_loss", "linear_backward_beside", "linear_backward_beside",
             "linear_forward", "linear_forward", "logit_loss", "linear_backward", "linear_pair_backward",
             "linear_backward_beside", "linear_backward_beside", "step_end_beside"}));
}

TEST(Passes, TheDefaultRecipesStepIsTwentyTwoOperationsOnCuda) {
  GanConfig r3;
  r3.objective = Objective::relativistic, r3.penalties = {.r1 = 1, .r2 = 1}, r3.ema_samples = 10'000;
  EXPECT_EQ(step_program(r3, 64, DeviceKind::cuda).program.operations().size(), 22u);
}

TEST(Passes, TheStepOfTablesIsSixtyNineOperationsOnCuda) {
  const Program written =
      step_program(table_config({{3, 4}, {-1, 4}}, 1000), 500, DeviceKind::cuda, "none").program;
  EXPECT_EQ(written.operations().size(), 128u);
  EXPECT_EQ(fused(written, DeviceKind::cuda).operations().size(), 69u);
  EXPECT_EQ(fused(written, DeviceKind::cpu).operations().size(), 95u);
}

TEST(Passes, TheProcessorUpdatesLayerByLayer) {
  const Program program = step_program({}, 64, DeviceKind::cpu).program;
  EXPECT_EQ(count(program, "adam"), 7);
  EXPECT_EQ(count(program, "linear_backward_beside"), 0);
  for (std::size_t i = 0; i < program.operations().size(); ++i) {
    if (program.operations()[i].name() != "adam") continue;
    EXPECT_EQ(program.operations()[i - 1].name(), "linear_backward");
  }
}

TEST(Passes, EachMergesWhatItSays) {
  const Program merged = merge_sweeps(layers());
  EXPECT_EQ(count(merged, "normal_fill"), 1);
  EXPECT_EQ(count(layers(), "linear_forward") - count(merged, "linear_forward"), 4);
  const Program drawn = draw_with_begin(merged);
  EXPECT_EQ(count(drawn, "normal_fill") + count(drawn, "gather_batch"), 0);
  const Program by_layer = update_by_layer(layers());
  EXPECT_EQ(count(by_layer, "adam"), 7);
  EXPECT_EQ(count(update_with_gradient(by_layer), "adam"), 0);
  EXPECT_EQ(count(update_with_gradient(layers()), "adam"), 2);  // a whole network's is no layer's
  const Program pairs = pair_layers(layers());
  EXPECT_EQ(count(pairs, "linear_pair_forward"), 2);
  EXPECT_EQ(count(pairs, "linear_pair_backward"), 1);
  EXPECT_EQ(count(gradients_beside(layers()), "linear_backward_beside"), 5);
  EXPECT_EQ(count(end_beside(layers()), "step_end_beside"), 0);  // the optimiser stands between
  EXPECT_EQ(count(end_beside(update_with_gradient(by_layer)), "step_end_beside"), 1);
}

/// Its derivative, too, and along a tangent with the row weights behind it.
TEST(Passes, LeakyReluGoesIntoItsLayer) {
  GanConfig config;
  config.generator.norm = NormKind::layer;
  config.generator.output = ActivationKind::tanh;
  config.penalties.r1 = 1;
  const Program before = plain(config), after = activation_with_layer(before);
  EXPECT_EQ(count(before, "activation"), 2 * 4 + 2 * 2);
  EXPECT_EQ(count(after, "activation"), 2);  // tanh
  EXPECT_EQ(count(after, "activation_backward"), 1);
  EXPECT_EQ(count(before, "weighted_rows"), 2);
  EXPECT_EQ(count(after, "weighted_rows"), 0);
  for (const Operation& operation : after.operations()) {
    if (const auto* const norm = operation.as<kernels::NormForward>()) {
      EXPECT_EQ(norm->slope, 0.2f);
    }
    if (const auto* const tangent = operation.as<kernels::LinearTangent>()) {
      EXPECT_EQ(tangent->slope, 0.2f);
      EXPECT_NE(tangent->row_weight, nullptr);
    }
  }
}

/// A norm that writes beside its input, as in a residual block, or in place of it.
TEST(Passes, WhatKeepsItsInputMergesWhereItsOutputsFollow) {
  std::vector<float> x(32), y(32), kept(32), factors(32);
  const auto norm = [&](std::ptrdiff_t at, float* normalised) {
    return kernels::NormForward{.kind = NormKind::layer,
                                .rows = 2,
                                .width = 4,
                                .x = x.data() + at,
                                .normalised = {normalised},
                                .gamma = factors.data(),
                                .beta = factors.data() + 4,
                                .y = y.data() + at,
                                .inverse_deviation = factors.data() + 8 + at / 4};
  };
  const auto merged = [](const auto& add) {
    Program program;
    add(program);
    return merge_sweeps(program).operations().size();
  };
  const auto left = [&](float* first, float* second) {
    return merged([&](Program& program) {
      program.add<kernels::norm_forward>(norm(0, first));
      program.add<kernels::norm_forward>(norm(8, second));
    });
  };
  EXPECT_EQ(left(kept.data(), kept.data() + 8), 1);
  EXPECT_EQ(left(kept.data(), kept.data() + 16), 2);
  EXPECT_EQ(left(kept.data(), nullptr), 2);
  EXPECT_EQ(left(nullptr, nullptr), 1);
}

/// The dropout between a tangent's derivative and its row weights keeps them apart, but not the derivative
/// from its layer: both multiply.
TEST(Passes, DropoutStandsInNobodysWayThatMultiplies) {
  GanConfig config;
  config.discriminator.dropout = 0.5;
  config.penalties.r1 = 1;
  const Program after = activation_with_layer(plain(config));
  EXPECT_EQ(count(after, "activation_backward"), 0);
  EXPECT_EQ(count(after, "weighted_rows"), 2);
}

/// Of blocks that add, forwards, along the tangent, and on the way back, where a gradient goes two ways.
TEST(Passes, CopiesGoIntoWhatChangesThem) {
  GanConfig config;
  config.discriminator = {{10, 32, 32, 32, 1}, 0.2f};
  config.discriminator.residual = Residual::add;
  config.penalties.r1 = 1;
  const Program before = activation_with_layer(plain(config)), after = copy_with_next(before);
  const auto copies = [](const Program& program) {
    return std::ranges::count_if(program.operations(), [](const Operation& operation) {
      const auto* const op = operation.as<kernels::Columns>();
      return op != nullptr && !op->adds;
    });
  };
  EXPECT_EQ(copies(before),
            2 * (2 + 2) + 2);  // a block of each: two phases' ways there and back, the tangent
  EXPECT_EQ(copies(after), 0);
  EXPECT_EQ(after.operations().size() + 10, before.operations().size());
  EXPECT_EQ(count(before, "activation_backward"), count(after, "activation_backward"));
}

TEST(Passes, ALossIsMergedWithWhatFollowsOfIt) {
  GanConfig config;
  config.penalties.wgan_gp = 10;
  const Program after = loss_with_layer(activation_with_layer(plain(config)));
  EXPECT_EQ(count(after, "loss_gradient") + count(after, "unit_rows"), 0);
  std::vector<const kernels::LogitLoss*> losses;
  for (const Operation& operation : after.operations())
    if (const auto* const loss = operation.as<kernels::LogitLoss>()) losses.push_back(loss);
  ASSERT_EQ(losses.size(), 2u);
  EXPECT_EQ(losses[0]->rows, 3 * 64);
  EXPECT_EQ(losses[0]->bare, 64);
  EXPECT_EQ(losses[0]->unit_rows, 64);
  EXPECT_NE(losses[0]->dx, nullptr);
  EXPECT_EQ(losses[1]->row_weight, nullptr);
}

TEST(Passes, AnUpdateThatWaitsForTheWholeGradientStaysWhole) {
  GanConfig config;
  config.clip_norm = 1;
  EXPECT_EQ(count(step_program(config, 64, DeviceKind::cuda).program, "adam"), 2);
  config.clip_norm = 0;
  config.spectral_norm = true;
  EXPECT_EQ(count(step_program(config, 64, DeviceKind::cuda).program, "adam"),
            1);  // G's is with its gradients
  config.spectral_norm = false;
  config.generator.norm = NormKind::layer;
  EXPECT_EQ(count(step_program(config, 64, DeviceKind::cuda).program, "adam"), 1);
}

/// Logits that somebody else reads have to be there.
TEST(Passes, ALossWhoseLogitsAreWantedStaysApart) {
  Program program;
  float x[8] = {}, weight[4] = {}, bias[1] = {}, kept[2] = {}, dlogits[2] = {}, other[2] = {};
  float* const logits = program.floats(2, {"logits", 1});
  program.add<kernels::linear_forward>(
      {.shape = {2, 4, 1}, .x = x, .weight = weight, .bias = bias, .y = logits});
  const kernels::LossGradient loss{
      .count = {1, 1},
      .logits = {logits, logits + 1},
      .kept = {kept, kept + 1},
      .dlogits = dlogits,
      .term = {{.shape = kernels::LossShape::linear}, {.shape = kernels::LossShape::linear}}};
  program.add<kernels::loss_gradient>(loss);
  EXPECT_EQ(count(loss_with_layer(program), "logit_loss"), 1);
  kernels::LossGradient second = loss;
  second.dlogits = other;
  program.add<kernels::loss_gradient>(second);
  EXPECT_EQ(count(loss_with_layer(program), "logit_loss"), 0);
}

TEST(Passes, WideLayersAreNoPair) {
  GanConfig config;
  config.generator.widths = {20, 40, 17};
  config.discriminator.widths = {17, 40, 1};
  const Program program = pair_layers(plain(config));
  EXPECT_EQ(count(program, "linear_pair_forward"), 0);
  EXPECT_EQ(count(program, "linear_pair_backward"), 0);
}

TEST(Passes, ArePickedByName) {
  const auto with = [](std::string_view passes) {
    return step_program({}, 64, DeviceKind::cpu, passes).program;
  };
  EXPECT_EQ(names(with("none")), names(plain({})));
  EXPECT_EQ(names(with("pair-layers")), names(pair_layers(plain({}))));
  EXPECT_EQ(names(with("update-with-gradient,update-by-layer")),
            names(update_with_gradient(update_by_layer(plain({})))));
  for (const char* const wrong : {"pair", "all,none", ","})
    EXPECT_THROW(with(wrong), ConfigurationError) << wrong;
}

}  // namespace passes_test
}  // namespace agon
