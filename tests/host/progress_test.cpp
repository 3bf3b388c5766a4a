#include "host/run/progress.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace agon::host {
namespace progress_test {

TEST(Progress, Line) {
  const ProgressState state{3400, 6907, 492.3, 1000, {{0, 1.3051f, 0.8349f, 0.557f, 0.4449f}}, 701.6};
  EXPECT_EQ(progress_line(state),
            "step 3,400/6,907  epoch 492/1000  loss D 1.305 G 0.835  D(real) 0.56 D(fake) 0.44  702 steps/s  "
            "5.0 s left");
}

TEST(Progress, OfAugmentedImages) {
  ProgressState state{3400, 6907, 492.3, 1000, {{0, 1.3051f, 0.8349f, 0.557f, 0.4449f, 0, 0.1249f}}, 701.6};
  EXPECT_EQ(
      progress_line(state),
      "step 3,400/6,907  epoch 492/1000  loss D 1.305 G 0.835  D(real) 0.56 D(fake) 0.44  augment 0.12  "
      "702 steps/s  5.0 s left");
  EXPECT_EQ(progress_line(state, 111),
            "step 3,400/6,907  epoch 492/1000  loss D 1.305 G 0.835  D(real) 0.56 D(fake) 0.44  702 steps/s  "
            "5.0 s left");
}

TEST(Progress, NoRateYet) {
  const ProgressState state{0, 10, 0, 1, {{}}, 0};
  EXPECT_EQ(progress_line(state), "step 0/10  epoch 0/1  loss D 0.000 G 0.000  D(real) 0.00 D(fake) 0.00");
}

TEST(Progress, SlowRuns) {
  const ProgressState state{1, 1000001, 0, 1, {{}}, 0.5};
  EXPECT_TRUE(progress_line(state).ends_with("0.50 steps/s  23 d 3 h left")) << progress_line(state);
}

TEST(Progress, NarrowTerminalsKeepWhatMattersMost) {
  const ProgressState state{3400, 6907, 492.3, 1000, {{0, 1.3051f, 0.8349f, 0.557f, 0.4449f}}, 701.6};
  EXPECT_EQ(progress_line(state, 99),
            "step 3,400/6,907  loss D 1.305 G 0.835  D(real) 0.56 D(fake) 0.44  702 steps/s  5.0 s left");
  EXPECT_EQ(progress_line(state, 79),
            "step 3,400/6,907  loss D 1.305 G 0.835  D(real) 0.56 D(fake) 0.44  5.0 s left");
  EXPECT_EQ(progress_line(state, 60), "step 3,400/6,907  loss D 1.305 G 0.835  5.0 s left");
  EXPECT_EQ(progress_line(state, 30), "step 3,400/6,907  5.0 s left");
  EXPECT_EQ(progress_line(state, 20), "step 3,400/6,907");
  EXPECT_EQ(progress_line(state, 6), "step 3");
  for (std::size_t columns = 0; columns < 200; ++columns)
    EXPECT_LE(progress_line(state, columns).size(), columns);
}

TEST(Progress, FiguresStayShort) {
  constexpr float kLargest = 3.4e38f, kNone = std::numeric_limits<float>::quiet_NaN();
  ProgressState state{1,     1000000000000000, 1e15, 1000000000, {{0, kLargest, -kLargest, 1e30f, kNone}},
                      1e-300};
  EXPECT_EQ(progress_line(state),
            "step 1/1,000,000,000,000,000  epoch 1e+15/1000000000  loss D 3.4e+38 G -3.4e+38  D(real) 1e+30 "
            "D(fake) nan  0.00 steps/s  long left");
  state.steps_per_second = 1e30;
  EXPECT_TRUE(progress_line(state).ends_with("1e+30 steps/s  0.0 s left")) << progress_line(state);
  state.steps_per_second = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(progress_line(state).ends_with("inf steps/s  0.0 s left")) << progress_line(state);
  state.means = {{0, 999999, -999999, 999999.96f, 1e6f}};
  EXPECT_NE(progress_line(state).find("loss D 999999.000 G -999999.000"), std::string::npos)
      << progress_line(state);
}

TEST(Progress, OfSeveralReplicas) {
  ProgressState state{30, 60, 4, 8, {{0, 1.5f, 0.75f, 0.5f, 0.25f}, {0, 1.25f, 1.f, 0.5f, 0.25f}}, 10, 3};
  EXPECT_EQ(progress_line(state),
            "step 30/60  epoch 4/8  3 replicas, 1 diverged  loss D 1.250..1.500 G 0.750..1.000  D(real) 0.50 "
            "D(fake) "
            "0.25  2 x 10.0 steps/s  3.0 s left");
  state.means.clear();
  EXPECT_TRUE(
      progress_line(state).starts_with("step 30/60  epoch 4/8  3 replicas, 3 diverged  loss D - G -"));
}

TEST(Progress, OfAPartOfALongerWork) {
  ProgressState state{30, 60, 0, 0, {{}}, 10};
  state.part = "shadow run 2 of 4";
  EXPECT_TRUE(progress_line(state).starts_with("step 30/60  shadow run 2 of 4  loss D "))
      << progress_line(state);
}

TEST(Progress, SilentIsNeverDue) {
  EXPECT_FALSE(Progress(Progress::Style::silent).due());
  EXPECT_TRUE(Progress(Progress::Style::plain).due());
}

}  // namespace progress_test
}  // namespace agon::host
