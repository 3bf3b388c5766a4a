// Survival: curves, means and tests against lifelines (tests/golden/make_survival.py), and what is refused or
// not shown.
#include "host/evaluate/survival/survival.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "kernels/error.hpp"
#include "tests/host/compared_case.hpp"

namespace agon::test {
namespace survival_test {

using namespace compared_case;
using host::find_survival;
using host::FollowUp;
using host::kaplan_meier;
using host::measure_survival;
using host::Survival;
using host::SurvivalCurve;

FollowUp people_in(const nlohmann::json& group) {
  return host::follow_up(group["time"].get<std::vector<double>>(),
                         group["event"].get<std::vector<std::uint8_t>>());
}

TEST(Survival, EqualsLifelines) {
  std::ifstream file(std::string(AGON_SOURCE_FOLDER) + "/tests/golden/survival.json");
  const nlohmann::json golden = nlohmann::json::parse(file);
  ASSERT_EQ(golden.size(), 5u);
  for (const nlohmann::json& one : golden) {
    const double horizon = one["horizon"].get<double>();
    std::vector<SurvivalCurve> curves;
    for (const nlohmann::json& group : one["groups"]) {
      const SurvivalCurve& curve = curves.emplace_back(kaplan_meier(people_in(group)));
      for (std::size_t i = 0; i < one["at"].size(); ++i) {
        const double at = one["at"][i].get<double>();
        EXPECT_NEAR(curve.at(at), group["survival"][i].get<double>(), 1e-9);
        EXPECT_NEAR(curve.band(at).low, group["low"][i].get<double>(), 1e-9);
        EXPECT_NEAR(curve.band(at).high, group["high"][i].get<double>(), 1e-9);
      }
      if (group["median"].is_null())
        EXPECT_TRUE(std::isinf(curve.median()));
      else
        EXPECT_EQ(curve.median(), group["median"].get<double>());
      EXPECT_NEAR(curve.restricted_mean(horizon), one["restricted_mean"][curves.size() - 1].get<double>(),
                  1e-9);
    }
    EXPECT_NEAR(host::largest_distance(curves[0], curves[1], horizon), one["distance"].get<double>(), 1e-9);
    const FollowUp a = people_in(one["groups"][0]), b = people_in(one["groups"][1]);
    const std::vector<std::uint32_t> each_a(a.time.size(), 1), each_b(b.time.size(), 1);
    EXPECT_NEAR(host::log_rank(a, each_a, b, each_b), one["log_rank"].get<double>(), 1e-9);
  }
}

// The survival package's table aml, as R prints it.
TEST(Survival, EqualsPublishedValues) {
  std::ifstream file(std::string(AGON_SOURCE_FOLDER) + "/tests/golden/survival.json");
  const nlohmann::json aml = nlohmann::json::parse(file)[0]["groups"];
  EXPECT_EQ(kaplan_meier(people_in(aml[0])).median(), 31);
  EXPECT_EQ(kaplan_meier(people_in(aml[1])).median(), 23);
  EXPECT_NEAR(kaplan_meier(people_in(aml[0])).at(34), 0.368, 5e-4);
}

// Someone who counts twice is two people.
TEST(Survival, CountsPeopleAsOftenAsAsked) {
  const FollowUp people = host::follow_up({3, 1, 2, 2, 5}, {1, 0, 1, 0, 1});
  const FollowUp drawn = host::follow_up({1, 2, 2, 2, 5, 5}, {0, 1, 1, 0, 1, 1});
  const SurvivalCurve a = kaplan_meier(people, std::vector<std::uint32_t>{1, 2, 1, 0, 2}),
                      b = kaplan_meier(drawn);
  EXPECT_EQ(a.time, b.time);
  EXPECT_EQ(a.survival, b.survival);
}

// Of `rows` people some five per hundred times, 60% of whom have the event.
ComparedTables followed_tables(std::size_t rows, double slower) {
  ComparedTables tables;
  const auto time = [&](std::uint64_t stream, double factor) {
    std::vector<double> out;
    for (const std::int32_t x : drawn(stream, rows, 1000)) out.push_back(std::round(factor * x * x / 900));
    return out;
  };
  const auto ended = [&](std::uint64_t stream) {
    std::vector<std::int32_t> out;
    for (const std::int32_t x : drawn(stream, rows, 10)) out.push_back(x < 6);
    return out;
  };
  add_numbers(tables, "days", time(1, 1), time(2, slower), time(3, 1));
  add_levels(tables, "died", {"no", "yes"}, ended(4), ended(5), ended(6));
  tables.columns[1].real_levels = 2;
  return tables;
}

TEST(Survival, AFloorIsWhatRealRowsGet) {
  const ComparedTables alike = followed_tables(600, 1), slow = followed_tables(600, 1.6);
  const Survival good = measure_survival(alike, find_survival(alike, "days", "died"));
  const Survival bad = measure_survival(slow, find_survival(slow, "days", "died=yes"));
  EXPECT_LT(good.distance.value, good.distance.high + 0.03);
  EXPECT_GT(good.log_rank.value, 0.01);
  EXPECT_GT(bad.distance.value, bad.distance.high + 0.1);
  EXPECT_GT(bad.mean_difference.value, 2 * bad.mean_difference.high);
  EXPECT_LT(bad.log_rank.value, 1e-6);
  EXPECT_LT(std::abs(good.mean_difference.median), good.mean_difference.high);
  EXPECT_EQ(good.real.people, 600);
  const auto json = host::to_json(good);
  EXPECT_EQ(json["event"], "died = yes");
  EXPECT_GT(json["real"]["curve"][0]["survival"], json["real"]["curve"].back()["survival"]);
}

// No time of a curve is anyone's own unless it is round; fewer than five people are behind none of it.
TEST(Survival, ShowsNoOnesTime) {
  ComparedTables tables = followed_tables(200, 1);
  for (double& days : tables.real.columns[0].numbers) days += 0.123;
  tables.real.columns[0].numbers[0] = 98765.4321;
  const Survival found = measure_survival(tables, find_survival(tables, "days", "died"));
  const std::string json = host::to_json(found).dump(), text = host::to_text(found);
  for (const std::string* shown : {&json, &text}) {
    EXPECT_EQ(shown->find(".123,"), std::string::npos);
    EXPECT_EQ(shown->find("98765"), std::string::npos);
  }
  EXPECT_EQ(std::fmod(found.horizon, 10), 0);
  EXPECT_EQ(std::fmod(found.real.median, 10), 0);
  for (const host::CurvePoint& point : found.real.curve) EXPECT_GE(point.at_risk, 5);
  // Four deaths: a curve would tell of each.
  std::ranges::fill(tables.real.columns[1].levels, 0);
  for (std::size_t row = 10; row < 14; ++row) tables.real.columns[1].levels[row] = 1;
  const Survival few = measure_survival(tables, find_survival(tables, "days", "died"));
  EXPECT_EQ(few.horizon, 0);
  EXPECT_TRUE(few.real.curve.empty() && std::isnan(few.distance.value) &&
              std::isnan(few.real.restricted_mean));
  EXPECT_TRUE(host::to_json(few)["real"]["events"].is_null());
  EXPECT_NE(host::to_text(few).find("nothing can be said"), std::string::npos);
}

template <class Thrown>
void expect_refused(const ComparedTables& tables, const char* time, const char* event, const char* words) {
  try {
    find_survival(tables, time, event);
    ADD_FAILURE() << words;
  } catch (const Thrown& error) {
    EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
  }
}

TEST(Survival, RefusesWhatCannotBe) {
  ComparedTables tables = followed_tables(100, 1);
  add_levels(tables, "status", {"alive", "dead", "lost"}, drawn(7, 100, 2), drawn(8, 100, 2),
             drawn(9, 100, 2));
  tables.columns[2].real_levels = 2;
  expect_refused<ConfigurationError>(tables, "dais", "died",
                                     "no column of the real table; did you mean 'days'?");
  expect_refused<ConfigurationError>(tables, "days", "dead", "no column of the real table");
  expect_refused<ConfigurationError>(tables, "days", "status", "--event 'status=alive' or 'status=dead'");
  expect_refused<ConfigurationError>(tables, "days", "status=lost", "no row of the real table has 'lost'");
  expect_refused<ConfigurationError>(tables, "status", "died", "is read as a category");
  EXPECT_EQ(find_survival(tables, "days", "status=dead").level, 1);
  tables.columns[2].real_levels = 3;
  tables.real.columns[2].levels[0] = 2;  // one person's: not named
  expect_refused<ConfigurationError>(tables, "days", "status", "3 values");
  try {
    find_survival(tables, "days", "status");
  } catch (const ConfigurationError& error) {
    EXPECT_EQ(std::string(error.what()).find("lost"), std::string::npos);
  }
  tables.synthetic.columns[0].numbers[3] = -1;  // a generator's mistake is left out and told
  EXPECT_EQ(measure_survival(tables, find_survival(tables, "days", "died")).synthetic.negative, 1);
  tables.real.columns[0].numbers[3] = -1;
  expect_refused<DataError>(tables, "days", "died", "1 row of the real table has 'days' below 0");
}

}  // namespace survival_test
}  // namespace agon::test
