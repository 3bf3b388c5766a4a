// Whether other threads take part in a step: by what steps take with them and without.
#include "engine/runtime/companions.hpp"

#include <gtest/gtest.h>

namespace agon {
namespace companions_test {

/// A machine on which a step takes so long with the others and alone, and waits for a share of its time.
struct Machine {
  double together = 0.001, alone = 0.002, late = 0;
  Companions companions{};
  Companions::Clock clock{};

  /// Seconds of the steps that companions took part in, as a share of all.
  double run(double seconds) {
    companions.begin(clock);
    double with = 0, spent = 0;
    while (spent < seconds) {
      const bool welcome = companions.welcome();
      const double step = welcome ? together : alone;
      clock.now += step;
      if (welcome) clock.waited += late * step;
      companions.step_done(clock);
      spent += step;
      if (welcome) with += step;
    }
    return with / spent;
  }
};

TEST(Companions, TakePartWhereNobodyWaitsForThem) {
  Machine machine{.together = 0.001, .alone = 0.0001, .late = 0.1};  // nobody asks how fast alone would be
  EXPECT_DOUBLE_EQ(machine.run(10), 1);
}

TEST(Companions, StayAwayWhereTheyHoldTheCallerUp) {
  Machine machine{.together = 0.003, .alone = 0.002, .late = 0.6};
  machine.run(1);
  EXPECT_LT(machine.run(20), 0.06);
}

TEST(Companions, ComeBackWhenTheyHelpAgain) {
  Machine machine{.together = 0.003, .alone = 0.002, .late = 0.6};
  machine.run(20);
  machine.together = 0.001, machine.late = 0;
  machine.run(5);
  EXPECT_DOUBLE_EQ(machine.run(5), 1);
}

TEST(Companions, AreKeptWhereAloneIsSlowerStill) {
  Machine machine{.together = 0.003, .alone = 0.004, .late = 0.6};
  machine.run(1);
  EXPECT_GT(machine.run(20), 0.94);
}

TEST(Companions, TimeBetweenRunsIsNoSteps) {
  Machine machine{.together = 0.003, .alone = 0.002, .late = 0.6};
  double with = 0;
  for (int run = 0; run < 500; ++run) {
    machine.clock.now += 1;
    with += machine.run(0.02);
  }
  EXPECT_LT(with / 500, 0.1);
}

}  // namespace companions_test
}  // namespace agon
