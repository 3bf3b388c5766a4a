// Which implementation the public functions reach.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "engine/runtime/device.hpp"
#include "engine/runtime/queue.hpp"
#include "kernels/adam.hpp"
#include "kernels/cpu_variant.hpp"
#include "kernels/error.hpp"
#include "kernels/fma_peak.hpp"
#include "kernels/gather_batch.hpp"
#include "kernels/linear_algorithms.hpp"
#include "kernels/linear_pair.hpp"
#include "kernels/logit_loss.hpp"
#include "kernels/random.hpp"
#include "kernels/step.hpp"
#include "tests/kernels/device_fixture.hpp"

namespace agon::test {
namespace dispatch_test {

TEST(CpuVariant, TheBestIsTakenUnlessAskedOtherwise) {
  const std::vector<std::string> known = kernels::cpu_variants();
  ASSERT_FALSE(known.empty());
  EXPECT_EQ(known.front(), "generic");
  for (const std::string& name : known) {
    kernels::select_cpu_variant(name);
    EXPECT_EQ(kernels::cpu_variant(), name);
  }
}

TEST(CpuVariant, AnUnknownNameIsAConfigurationErrorThatListsTheKnown) {
  const std::string before = kernels::cpu_variant();
  for (const char* name : {"", "v5", "V3", "avx2"}) {
    try {
      kernels::select_cpu_variant(name);
      FAIL() << name;
    } catch (const ConfigurationError& error) {
      EXPECT_NE(std::string(error.what()).find("generic"), std::string::npos) << error.what();
    }
  }
  EXPECT_EQ(kernels::cpu_variant(), before);
}

/// Run in a fresh process, where nothing has been decided yet.
[[noreturn]] void report_variant_under(const char* isa) {
  setenv("AGON_ISA", isa, 1);
  try {
    std::fprintf(stderr, "variant=%s;", kernels::cpu_variant());
  } catch (const ConfigurationError& error) {
    std::fprintf(stderr, "refused: %s", error.what());
  }
  std::exit(7);
}

TEST(CpuVariantDeathTest, TheEnvironmentForcesOne) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(report_variant_under("generic"), testing::ExitedWithCode(7), "variant=generic;");
  EXPECT_EXIT(report_variant_under(""), testing::ExitedWithCode(7),
              "variant=" + kernels::cpu_variants().back() + ";");
  EXPECT_EXIT(report_variant_under("v9"), testing::ExitedWithCode(7), "refused: AGON_ISA \"v9\": .*generic");
}

TEST(Dispatch, AQueueOfAnAbsentDeviceIsRefused) {
  if (Device::why_no_cuda() != "this build has no CUDA") GTEST_SKIP() << "this build has CUDA";
  QueueView queue;
  queue.device = DeviceKind::cuda;
  EXPECT_THROW(kernels::adam(queue, {}), DeviceError);
  EXPECT_THROW(kernels::normal_fill(queue, {}), DeviceError);
  EXPECT_THROW(kernels::linear_backward_beside(queue, {}), DeviceError);
  EXPECT_THROW(kernels::linear_pair_forward(queue, {}), DeviceError);
  EXPECT_THROW(kernels::step_end(queue, {}), DeviceError);
  EXPECT_THROW(kernels::step_end_beside(queue, {}), DeviceError);
  EXPECT_THROW(kernels::fma_peak(queue, 0.1), DeviceError);
  EXPECT_THROW(kernels::linear_choices(queue, kernels::LinearForward{}), DeviceError);
  EXPECT_THROW(kernels::linear_choices(queue, {}, {}), DeviceError);
}

/// Everything here is per element, or summed in fixed pieces: threads must not change a bit.
std::vector<std::uint32_t> fingerprint(int threads) {
  const Queue queue(Device::cpu(threads));
  constexpr std::int64_t n = 100'003;
  std::vector<float> noise(n), batch(n), logits(n), dlogits(n), parameter(n, 1.0f), m(n), v(n);
  std::uint64_t step = 9;
  kernels::normal_fill(queue, {.n = n, .out = noise.data(), .random = {.seed = 4, .step = &step}});
  kernels::gather_batch(queue, {.rows = 9973,
                                .width = 1,
                                .batch = n,
                                .table = noise.data(),
                                .out = batch.data(),
                                .seed = 4,
                                .step = &step});
  constexpr std::int64_t split = 40'000;
  const kernels::LossTerm term[] = {loss_term(kernels::Objective::minimax, kernels::RowRole::real),
                                    loss_term(kernels::Objective::hinge, kernels::RowRole::fake)};
  const float one = 1.0f, zero = 0.0f;
  kernels::logit_loss(queue, {.rows = n,
                              .in = 1,
                              .split = split,
                              .x = batch.data(),
                              .weight = &one,
                              .bias = &zero,
                              .logits = {logits.data(), logits.data() + split},
                              .dlogits = dlogits.data(),
                              .term = {term[0], term[1]}});
  kernels::StepState ended{};
  kernels::StepStatistics row{};
  std::uint64_t published = 0;
  kernels::ObjectiveResult& result = ended.result[0];
  kernels::step_end(queue, {.state = &ended,
                            .ring = &row,
                            .published = &published,
                            .ring_size = 1,
                            .loss = {{.n = n,
                                      .split = split,
                                      .logits = logits.data(),
                                      .result = &result,
                                      .term = {term[0], term[1]}}}});
  kernels::AdamState state{
      .rate = 1e-3, .beta1 = 0.5, .beta2 = 0.9, .epsilon = 1e-8, .step_size = 1e-3f, .inv_sqrt_bias2 = 2.0f};
  kernels::adam(queue, {n, parameter.data(), dlogits.data(), m.data(), v.data(), &state});
  std::vector<float> all = parameter;
  for (const auto* part : {&noise, &batch, &dlogits, &m, &v})
    all.insert(all.end(), part->begin(), part->end());
  all.insert(all.end(), {result.loss[0], result.loss[1], result.output[0], result.output[1]});
  return bits(all);
}

TEST(Dispatch, ThreadsChangeNoBit) {
  for (const std::string& variant : kernels::cpu_variants()) {
    kernels::select_cpu_variant(variant);
    const std::vector<std::uint32_t> one = fingerprint(1);
    for (const int threads : {2, 3, 5})
      EXPECT_EQ(one == fingerprint(threads), true) << variant << ", " << threads << " threads";
  }
}

}  // namespace dispatch_test
}  // namespace agon::test
