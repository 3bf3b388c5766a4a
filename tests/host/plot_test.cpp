// The loss curve's SVG: well-formed, within its frame, faithful, and of bounded size.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string_view>

#include "host/plot/axis.hpp"
#include "host/plot/loss_curve.hpp"
#include "host/plot/scatter.hpp"
#include "host/plot/series.hpp"

namespace agon::test {
namespace {

using host::Axis;
using host::Bin;
using kernels::Objective;
using kernels::StepStatistics;

std::vector<StepStatistics> run(std::size_t steps) {
  std::vector<StepStatistics> result;
  for (std::size_t i = 1; i <= steps; ++i) {
    const float t = static_cast<float>(i) / static_cast<float>(steps);
    result.push_back({i, 1.4f - t, 0.7f + t, 0.5f + 0.2f * t, 0.5f - 0.2f * t});
  }
  return result;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

/// "&" only as one of XML's own entities.
bool entities_only(std::string_view text) {
  for (std::size_t at = 0; (at = text.find('&', at)) != text.npos; ++at) {
    const std::string_view rest = text.substr(at);
    if (!rest.starts_with("&amp;") && !rest.starts_with("&lt;") && !rest.starts_with("&gt;")) return false;
  }
  return true;
}

/// ` name="value"`, any number of times. (Not std::regex, whose recursion overflows the stack on a long
/// value.)
bool attributes_well_formed(std::string_view text) {
  while (!text.empty()) {
    const std::size_t equals = text.find("=\""),
                      end = equals == text.npos ? equals : text.find('"', equals + 2);
    if (text.front() != ' ' || equals < 2 || end == text.npos) return false;
    const std::string_view name = text.substr(1, equals - 1),
                           value = text.substr(equals + 2, end - equals - 2);
    const auto in_name = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-'; };
    if (!std::all_of(name.begin(), name.end(), in_name) || value.find('&') != value.npos) return false;
    text.remove_prefix(end + 1);
  }
  return true;
}

// Every element closed by itself or by its own end tag, no bare '<' or '&' in text.
void expect_well_formed(const std::string& svg) {
  std::vector<std::string_view> open;
  const std::string_view all = svg;
  for (std::size_t at = all.find("?>") + 2; at < all.size();) {
    const std::size_t start = all.find('<', at);
    EXPECT_TRUE(entities_only(all.substr(at, start - at)));
    if (start == all.npos) break;
    at = all.find('>', start) + 1;
    ASSERT_NE(at, 0u) << "a tag is not closed";
    std::string_view tag = all.substr(start + 1, at - start - 2);
    ASSERT_EQ(tag.find('<'), tag.npos);
    const bool closing = tag.starts_with('/'), alone = tag.ends_with('/');
    tag = tag.substr(closing ? 1 : 0);
    if (alone) tag.remove_suffix(1);
    const std::string_view name = tag.substr(0, tag.find(' '));
    ASSERT_FALSE(name.empty());
    EXPECT_TRUE(attributes_well_formed(tag.substr(name.size()))) << tag;
    if (closing) {
      ASSERT_FALSE(open.empty());
      ASSERT_EQ(open.back(), name);
      open.pop_back();
    } else if (!alone) {
      open.push_back(name);
    }
  }
  EXPECT_TRUE(open.empty());
}

void expect_points_within_the_frame(const std::string& svg) {
  const std::string key = "points=\"";
  for (std::size_t at = 0; (at = svg.find(key, at)) != svg.npos;) {
    at += key.size();
    const std::string points = svg.substr(at, svg.find('"', at) - at);
    const char* p = points.c_str();
    while (*p != '\0') {
      char* next = nullptr;
      const double x = std::strtod(p, &next), y = std::strtod(next + 1, &next);
      ASSERT_GE(x, 64);
      ASSERT_LE(x, 936);
      ASSERT_GE(y, 84);
      ASSERT_LE(y, 606);
      p = next + 1;
    }
  }
}

TEST(LossCurve, IsAWellFormedDocumentOfFourLines) {
  const std::string svg = host::loss_curve_svg(run(200), "patients & <co>", Objective::minimax);
  expect_well_formed(svg);
  expect_points_within_the_frame(svg);
  EXPECT_EQ(count(svg, "<polyline"), 4u);
  EXPECT_EQ(count(svg, "<polygon"), 0u);
  EXPECT_NE(svg.find(">patients &amp; &lt;co&gt;<"), svg.npos);
  for (const char* label :
       {">generator<", ">discriminator<", ">D(real)<", ">D(fake)<", ">loss<", ">step<", ">0.5<"}) {
    EXPECT_NE(svg.find(label), svg.npos) << label;
  }
  EXPECT_EQ(svg.find("http", svg.find("www.w3.org") + 1), svg.npos) << "nothing is loaded from elsewhere";
}

TEST(LossCurve, LogitsHaveAnAxisOfTheirOwn) {
  std::vector<StepStatistics> steps = run(200);
  for (StepStatistics& step : steps) step.output_real = 40 * step.output_real, step.output_fake = -30;
  const std::string svg = host::loss_curve_svg(steps, "hinge", Objective::hinge);
  expect_well_formed(svg);
  expect_points_within_the_frame(svg);
  EXPECT_EQ(count(svg, "<polyline"), 4u);
  for (const char* label : {">D(real)<", ">D(fake)<", ">mean logit<", ">20<", ">-20<"})
    EXPECT_NE(svg.find(label), svg.npos) << label;
  EXPECT_EQ(svg.find("probability"), svg.npos);
  EXPECT_EQ(svg.find("D cannot tell"), svg.npos);
}

TEST(LossCurve, OfAMillionStepsIsSmallAndShowsTheSpread) {
  std::vector<StepStatistics> steps = run(1'000'000);
  for (std::size_t i = 0; i < steps.size(); i += 2) steps[i].generator_loss += 0.1f;
  const std::string svg = host::loss_curve_svg(steps, "long", Objective::minimax);
  expect_well_formed(svg);
  expect_points_within_the_frame(svg);
  EXPECT_LT(svg.size(), 100'000u);
  EXPECT_EQ(count(svg, "<polygon"), 4u);
  EXPECT_NE(svg.find("1.0M"), svg.npos);
}

TEST(LossCurve, LeavesOutWhatIsNotFinite) {
  std::vector<StepStatistics> steps = run(100);
  steps[50].generator_loss = std::numeric_limits<float>::quiet_NaN();
  steps[99].generator_loss = std::numeric_limits<float>::infinity();
  const std::string svg = host::loss_curve_svg(steps, "t", Objective::minimax);
  expect_well_formed(svg);
  EXPECT_EQ(svg.find("nan"), svg.npos);
  EXPECT_EQ(svg.find("inf"), svg.npos);
  EXPECT_EQ(count(svg, "<polyline"), 5u) << "the generator's line is broken at step 51";
}

TEST(LossCurve, OneSpikeDoesNotFlattenTheRest) {
  std::vector<StepStatistics> steps = run(100'000);
  steps[777].discriminator_loss = 5000;
  const std::string svg = host::loss_curve_svg(steps, "t", Objective::minimax);
  expect_points_within_the_frame(svg);
  EXPECT_NE(svg.find("cut off: single steps from 0 to 5e+03"), svg.npos);
  EXPECT_EQ(svg.find(">1000<"), svg.npos);
  steps[777].discriminator_loss = 1;
  steps[70'000].generator_loss = -300;
  EXPECT_NE(
      host::loss_curve_svg(steps, "t", Objective::minimax).find("cut off: single steps from -300 to 1.7"),
      svg.npos);
}

TEST(LossCurve, DrawsFewSteps) {
  for (std::size_t steps = 0; steps < 3; ++steps) {
    const std::string svg = host::loss_curve_svg(run(steps), "t", Objective::minimax);
    expect_well_formed(svg);
    EXPECT_EQ(count(svg, "<circle"), steps == 1 ? 4u : 0u);
    EXPECT_EQ(count(svg, "<polyline"), steps == 2 ? 4u : 0u);
  }
}

TEST(Scatter, DrawsWhatLiesInsideAndCountsTheRest) {
  const std::vector<double> centres{-1, 0, 1, 0}, samples{0, 0, 1, 1, -1, -1, 0, 99, -2, 0};
  const std::string svg = host::scatter_svg(samples, centres, "ring <8> & more");
  expect_well_formed(svg);
  EXPECT_NE(svg.find(">ring &lt;8&gt; &amp; more<"), svg.npos);
  EXPECT_NE(svg.find("5 samples; crosses: the modes' centres; 2 samples lie outside"), svg.npos);
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

}  // namespace
}  // namespace agon::test
