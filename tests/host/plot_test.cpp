// Charts: well-formed, within their frame, faithful, and of bounded size.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "host/report/axis.hpp"
#include "host/report/chart.hpp"
#include "host/report/markup.hpp"
#include "host/report/scatter.hpp"
#include "host/report/series.hpp"
#include "tests/host/markup_check.hpp"

namespace agon::test {
namespace plot_test {

using host::Axis;
using host::Bin;
using host::Chart;
using host::chart_svg;
using host::Scale;

/// Two lines over that many steps, one falling from 1.4 to 0.4, one rising from 0.7 to 1.7.
struct Course {
  std::vector<double> steps, falling, rising;

  explicit Course(std::size_t count) {
    for (std::size_t i = 1; i <= count; ++i) {
      const double t = static_cast<double>(i) / static_cast<double>(count);
      steps.push_back(static_cast<double>(i));
      falling.push_back(1.4 - t);
      rising.push_back(0.7 + t);
    }
  }

  Chart chart(Scale scale = Scale::from_zero) const {
    return {.heading = "loss",
            .last_step = steps.empty() ? 1 : steps.back(),
            .scale = scale,
            .lines = {{"down", "#0072B2", steps, falling}, {"up", "#D55E00", steps, rising}}};
  }
  std::string svg(Scale scale = Scale::from_zero) const { return chart_svg(chart(scale)); }
};

void expect_points_within_the_frame(const std::string& svg) {
  const std::string key = "points=\"";
  for (std::size_t at = 0; (at = svg.find(key, at)) != svg.npos;) {
    at += key.size();
    const std::string points = svg.substr(at, svg.find('"', at) - at);
    const char* p = points.c_str();
    while (*p != '\0') {
      char* next = nullptr;
      const double x = std::strtod(p, &next), y = std::strtod(next + 1, &next);
      ASSERT_GE(x, 58);
      ASSERT_LE(x, 624);
      ASSERT_GE(y, 40);
      ASSERT_LE(y, 230);
      p = next + 1;
    }
  }
}

TEST(Charts, AreWellFormedElements) {
  const Course course(200);
  Chart chart = course.chart();
  chart.heading = "a & <b> \"c\" 'd' \x01";
  const std::string svg = chart_svg(chart);
  expect_well_formed(svg);
  expect_points_within_the_frame(svg);
  EXPECT_EQ(count(svg, "<polyline"), 2u);
  EXPECT_EQ(count(svg, "<polygon"), 0u);
  EXPECT_NE(svg.find(">a &amp; &lt;b&gt; &quot;c&quot; &#39;d&#39; \\x01<"), svg.npos);
  for (const char* label : {">down<", ">up<", ">step<", ">0.5<", ">200<"})
    EXPECT_NE(svg.find(label), svg.npos) << label;
  EXPECT_EQ(svg.find("http"), svg.npos) << "nothing is loaded from elsewhere";
  EXPECT_FALSE(is_thinned(chart));
}

TEST(Charts, ScalesAreWhatTheyAreCalled) {
  const Course course(200);
  EXPECT_NE(course.svg(Scale::from_zero).find(">0<"), std::string::npos);
  Course high(200);
  for (double& y : high.falling) y += 100;
  for (double& y : high.rising) y += 100;
  EXPECT_EQ(count(high.svg(Scale::fitted), ">0<"), 1u) << "of the steps alone";
  EXPECT_EQ(count(high.svg(Scale::from_zero), ">0<"), 2u);
  EXPECT_NE(course.svg(Scale::share).find(">1.0<"), std::string::npos);
  const std::string shares = course.svg(Scale::share);
  EXPECT_EQ(shares.find(">1.2<"), std::string::npos);
}

TEST(Charts, LogarithmicOnesLeaveOutWhatIsNotAboveZero) {
  Course course(100);
  course.falling[50] = 0;
  course.rising[20] = -3;
  course.rising[99] = 5000;
  const std::string svg = course.svg(Scale::logarithmic);
  expect_well_formed(svg);
  expect_points_within_the_frame(svg);
  EXPECT_EQ(count(svg, "<polyline"), 4u) << "both lines are broken";
  EXPECT_NE(svg.find(">10000<"), svg.npos);
  EXPECT_EQ(svg.find("nan"), svg.npos);
}

TEST(Charts, ReferencesAreWithinTheAxis) {
  const Course course(10);
  Chart chart = course.chart();
  chart.references = {{5, "the goal"}};
  const std::string svg = chart_svg(chart);
  expect_well_formed(svg);
  EXPECT_NE(svg.find(">the goal<"), svg.npos);
  EXPECT_NE(svg.find(">5<"), svg.npos);
}

TEST(Charts, LinesBehindAreNotNamed) {
  const Course course(10);
  Chart chart = course.chart();
  chart.behind = {{"hidden", "#999999", course.steps, course.rising}};
  const std::string svg = chart_svg(chart);
  expect_well_formed(svg);
  EXPECT_EQ(count(svg, "<polyline"), 3u);
  EXPECT_EQ(svg.find("hidden"), svg.npos);
}

TEST(Charts, OfAMillionStepsAreSmallAndShowTheSpread) {
  Course course(1'000'000);
  for (std::size_t i = 0; i < course.steps.size(); i += 2) course.rising[i] += 0.1;
  const std::string svg = course.svg();
  expect_well_formed(svg);
  expect_points_within_the_frame(svg);
  EXPECT_LT(svg.size(), 40'000u);
  EXPECT_EQ(count(svg, "<polygon"), 2u);
  EXPECT_NE(svg.find("1.0M"), svg.npos);
  EXPECT_TRUE(is_thinned(course.chart()));
}

TEST(Charts, LeaveOutWhatIsNotFinite) {
  Course course(100);
  course.rising[50] = std::numeric_limits<double>::quiet_NaN();
  course.rising[99] = std::numeric_limits<double>::infinity();
  for (const Scale scale : {Scale::from_zero, Scale::fitted, Scale::share, Scale::logarithmic}) {
    const std::string svg = course.svg(scale);
    expect_well_formed(svg);
    EXPECT_EQ(svg.find("nan"), svg.npos);
    EXPECT_EQ(svg.find("inf"), svg.npos);
    EXPECT_EQ(count(svg, "<polyline"), 3u) << "the rising line is broken at step 51";
  }
  for (double& y : course.rising) y = NAN;
  for (double& y : course.falling) y = -INFINITY;
  for (const Scale scale : {Scale::from_zero, Scale::fitted, Scale::share, Scale::logarithmic}) {
    const std::string svg = course.svg(scale);
    expect_well_formed(svg);
    EXPECT_EQ(svg.find("nan"), svg.npos);
    EXPECT_EQ(svg.find("inf"), svg.npos);
    EXPECT_EQ(count(svg, "<polyline"), 0u);
    EXPECT_NE(svg.find(scale == Scale::logarithmic ? ">no value is above 0<" : ">no value is finite<"),
              svg.npos);
  }
  EXPECT_NE(Course(0).svg().find(">nothing has been measured yet<"), std::string::npos);
}

TEST(Charts, OneSpikeDoesNotFlattenTheRest) {
  Course course(100'000);
  course.falling[777] = 5000;
  const std::string svg = course.svg();
  expect_points_within_the_frame(svg);
  EXPECT_NE(svg.find("cut off: single steps from 0.4 to 5e+03"), svg.npos);
  EXPECT_EQ(svg.find(">1000<"), svg.npos);
  course.falling[777] = 1;
  course.rising[70'000] = -300;
  EXPECT_NE(course.svg().find("cut off: single steps from -300 to 1.7"), svg.npos);
}

TEST(Charts, DrawFewSteps) {
  for (std::size_t steps = 0; steps < 3; ++steps) {
    const std::string svg = Course(steps).svg();
    expect_well_formed(svg);
    EXPECT_EQ(count(svg, "<circle"), steps == 1 ? 2u : 0u);
    EXPECT_EQ(count(svg, "<polyline"), steps == 2 ? 2u : 0u);
  }
}

TEST(Scatter, DrawsWhatLiesInsideAndCountsTheRest) {
  const std::vector<double> centres{-1, 0, 1, 0}, samples{0, 0, 1, 1, -1, -1, 0, 99, -2, 0};
  const std::string svg = host::scatter_svg(samples, centres, "ring <8> & more", "8 of 8 & all");
  expect_well_formed(svg);
  EXPECT_NE(svg.find(">ring &lt;8&gt; &amp; more<"), svg.npos);
  EXPECT_NE(svg.find("5 samples; crosses: the modes&#39; centres; 2 samples lie outside"), svg.npos);
  EXPECT_NE(svg.find(">8 of 8 &amp; all<"), svg.npos);
  EXPECT_EQ(count(svg, "h0"), 3u);
  EXPECT_EQ(count(svg, "h8"), 2u);
  // The middle of the centres is the middle of the box, and both axes have the same scale: 314 pixels
  // for 1.5.
  EXPECT_NE(svg.find("M378.0 378.0h0"), svg.npos);
  EXPECT_NE(svg.find("M587.3 168.7h0"), svg.npos);
}

TEST(Bins, KeepMeanExtremesAndOrder) {
  const std::vector<double> x = {1, 2, 3, 4, 5, 6, 7}, y = {1, 5, 3, NAN, 2, NAN, NAN};
  const std::vector<Bin> bins = host::make_bins(x, y, 3);
  ASSERT_EQ(bins.size(), 3u);
  EXPECT_EQ(bins[0].mean, 3);
  EXPECT_EQ(bins[0].x, 1.5);
  EXPECT_EQ(bins[1].least, 3);
  EXPECT_EQ(bins[1].largest, 3);
  EXPECT_EQ(bins[1].count, 1);
  EXPECT_EQ(bins[2].mean, 2);
  EXPECT_EQ(host::make_bins(x, y, 100).size(), 7u);
  EXPECT_TRUE(host::make_bins({}, {}, 5).empty());
}

TEST(Axes, HaveRoundTicks) {
  const struct {
    double low, high;
    std::vector<std::string> labels;
  } cases[] = {{0, 1, {"0", "0.2", "0.4", "0.6", "0.8", "1.0"}},
               {0, 7000, {"0", "2000", "4000", "6000", "8000"}},
               {-0.31, 0.38, {"-0.4", "-0.2", "0", "0.2", "0.4"}},
               {5, 5, {"4.4", "4.6", "4.8", "5.0", "5.2", "5.4", "5.6"}},
               {0, 2.4e6, {"0", "0.5M", "1.0M", "1.5M", "2.0M", "2.5M"}},
               {0, 3e-7, {"0", "1.00e-07", "2.00e-07", "3.00e-07"}}};
  for (const auto& [low, high, labels] : cases) {
    const Axis axis = host::make_axis(low, high, 6, true);
    std::vector<std::string> made;
    for (const double tick : axis.ticks) made.push_back(axis.label(tick));
    EXPECT_EQ(made, labels);
    EXPECT_LE(axis.low, low);
    EXPECT_GE(axis.high, high);
  }
}

TEST(Axes, LogarithmicOnesEncloseTheRange) {
  const struct {
    double low, high;
    std::vector<std::string> labels;
  } cases[] = {{0.03, 0.4, {"0.02", "0.05", "0.1", "0.2", "0.5"}},
               {1, 10, {"1", "2", "5", "10"}},
               {3, 3, {"2", "5"}},
               {1e-3, 50, {"0.001", "0.01", "0.1", "1", "10", "100"}},
               {1e-20, 1e20, {"1e-20", "1e-13", "1e-06", "10", "1e+08", "1e+15", "1e+22"}},
               {5e-324, 1e-320, {"1e-300", "2e-300"}}};
  for (const auto& [low, high, labels] : cases) {
    const Axis axis = host::make_logarithmic_axis(low, high, 7);
    std::vector<std::string> made;
    for (const double tick : axis.ticks) made.push_back(axis.label(tick));
    EXPECT_EQ(made, labels);
    EXPECT_LE(axis.low, std::max(low, 1e-300));
    EXPECT_GE(axis.high, high);
    EXPECT_EQ(axis.fraction(axis.low), 0);
    EXPECT_EQ(axis.fraction(axis.high), 1);
  }
}

}  // namespace plot_test
}  // namespace agon::test
