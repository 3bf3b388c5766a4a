// The loop's end is what the device reports of it. What a query says of the stream counts for nothing, but an
// error that it finds does.
#include "kernels/error.hpp"
#include "tests/engine/small_run.hpp"
#include "tests/simulator/simulator.hpp"

namespace agon {
namespace loop_end_test {

using simulator::Query;
using test::LoopCase;
using test::SmallRun;

class LoopEnd : public ::testing::TestWithParam<LoopCase> {
 protected:
  void TearDown() override { simulator::options().query = Query::honest; }
  /// Whose watch looks as often as the host does.
  LoopCase looking_often() const {
    LoopCase one = GetParam();
    one.options.poll_every = std::chrono::milliseconds(0);
    return one;
  }
};
INSTANTIATE_TEST_SUITE_P(, LoopEnd,
                         ::testing::Values(LoopCase{DeviceKind::cuda, {0, 16}},
                                           LoopCase{DeviceKind::cuda, {0, 1}},
                                           LoopCase{DeviceKind::cuda, {1, 16}},
                                           LoopCase{DeviceKind::cuda, {5, 16}},
                                           LoopCase{DeviceKind::cuda, {20, 3}},
                                           LoopCase{DeviceKind::cuda, {LoopOptions::kByOperation, 16}}),
                         [](const auto& one) { return one.param.name(); });

struct Outcome {
  std::uint64_t done = 0, published = 0;
  std::uint32_t diverged = 0;
  float logit = 0;
  int looks = 0;
  bool operator==(const Outcome&) const = default;
};

Outcome watched(const LoopCase& one, double rate, std::uint64_t steps, Query query) {
  SmallRun run(one, rate);
  Outcome outcome;
  simulator::options().query = query;
  outcome.done = run.run(steps, [&] { return ++outcome.looks > 0; });
  simulator::options().query = Query::honest;
  outcome.published = run.published();
  outcome.diverged = run.state().diverged;
  outcome.logit = run.logit();
  return outcome;
}

TEST_P(LoopEnd, IsTheSameWhateverAQuerySays) {
  const Outcome honest = watched(looking_often(), 0.01, 70, Query::honest);
  EXPECT_EQ(honest.done, 70u);
  for (const Query lie : {Query::always_idle, Query::always_busy}) {
    Outcome told = watched(looking_often(), 0.01, 70, lie);
    EXPECT_GT(told.looks, 2);
    told.looks = honest.looks;  // how many is a matter of time
    EXPECT_EQ(told, honest);
  }
}

TEST_P(LoopEnd, OfADivergedRunIsTheSameWhateverAQuerySays) {
  for (const Query query : {Query::honest, Query::always_idle, Query::always_busy}) {
    const Outcome told = watched(looking_often(), 1e37, 1000, query);
    EXPECT_EQ(told.done, 35u);
    EXPECT_EQ(told.published, 35u);
    EXPECT_EQ(told.diverged, 1u);
  }
}

/// Its memory is given back between two runs.
TEST_P(LoopEnd, AFailedDeviceEndsTheWait) {
  if (!simulator::checks_accesses()) GTEST_SKIP() << "the sanitizer ends the process instead";
  for (const bool is_watched : {false, true}) {
    for (const Query query : {Query::honest, Query::always_busy}) {
      {
        SmallRun run(looking_often(), 0.01);
        EXPECT_EQ(run.run(10), 10u);
        run.lose_memory();
        simulator::options().query = query;
        EXPECT_THROW(run.run(100, is_watched ? Watch([] { return true; }) : Watch()), DeviceError);
        simulator::options().query = Query::honest;
      }
      EXPECT_FALSE(simulator::take_reports().empty());
      simulator::recover();
    }
  }
}

}  // namespace loop_end_test
}  // namespace agon
