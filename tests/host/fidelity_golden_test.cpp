// Fidelity against SDMetrics' own figures (tests/golden/make_sdmetrics.py).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "host/evaluate/fidelity/coded_records.hpp"
#include "host/evaluate/fidelity/fidelity.hpp"
#include "host/table/read_table.hpp"
#include "tests/temporary_folder.hpp"

namespace agon::host {
namespace fidelity_golden_test {

using nlohmann::json;

const std::filesystem::path kSource = AGON_SOURCE_FOLDER;

TextTable table_of(const std::string& text) {
  return text.find('\n') == text.npos ? read_table(kSource / text).table : parse_table(text, "golden").table;
}

struct Case {
  std::string name;
  json golden;
  ComparedTables tables;
  Fidelity fidelity;
};

Case measured(const json& golden) {
  const TextTable real = table_of(golden["real"]), synthetic = table_of(golden["synthetic"]);
  Case one{golden["name"], golden, {}, {}};
  one.tables = compare_tables(real, synthetic, nullptr, infer_schema(real).schema, Device::cpu(1));
  one.fidelity = measure_fidelity(one.tables, {.rules = {}, .draws = 0}, Device::cpu(1));
  return one;
}

json golden_cases() {
  return json::parse(test::content_of(kSource / "tests/golden/sdmetrics.json"))["cases"];
}

Case case_named(const std::string& name) {
  for (const json& golden : golden_cases())
    if (golden["name"] == name) return measured(golden);
  throw std::runtime_error("no case " + name);
}

// SDMetrics writes null where a figure is undefined or not asked for.
void expect_same(double ours, const json& theirs, double tolerance, const std::string& what) {
  if (theirs.is_null())
    EXPECT_TRUE(std::isnan(ours)) << what << " is " << ours;
  else
    EXPECT_NEAR(ours, theirs.get<double>(), tolerance) << what;
}

/// SDMetrics adds 1e-6 rows to the real table for each level that the synthetic one alone has.
double tolerance_of(const Case& one) {
  double tolerance = 1e-9;
  for (const ColumnFidelity& column : one.fidelity.columns)
    if (column.invented.value > 0) tolerance = 1e-9 + 1e-6 / static_cast<double>(one.tables.real.rows);
  return tolerance;
}

void expect_columns(const Case& one) {
  const json& nominal = one.golden["nominal"];
  for (std::size_t c = 0; c < one.tables.columns.size(); ++c) {
    const ComparedColumn& column = one.tables.columns[c];
    const bool is_nominal = std::ranges::find(nominal, json(column.name)) != nominal.end();
    ASSERT_EQ(column.kind == ComparedColumn::Kind::nominal, is_nominal) << one.name << ": " << column.name;
    expect_same(one.fidelity.columns[c].score.value, one.golden["all"]["columns"][c], tolerance_of(one),
                one.name + ": " + column.name);
  }
}

void expect_pairs(const Case& one) {
  const auto& pairs = one.fidelity.pairs;
  ASSERT_EQ(pairs.size(), one.golden["all"]["pairs"].size());
  for (std::size_t p = 0; p < pairs.size(); ++p) {
    const std::string what = one.name + ": " + one.tables.columns[pairs[p].first].name + " ~ " +
                             one.tables.columns[pairs[p].second].name;
    expect_same(pairs[p].similarity.value, one.golden["all"]["pairs"][p], 1e-9, what);
    const json &related = one.golden["related"]["pairs"][p], &real = one.golden["related"]["real"][p];
    EXPECT_EQ(pairs[p].related, !related.is_null()) << what;
    if (!real.is_null()) expect_same(pairs[p].real, real, 1e-9, what + ", real");
  }
}

TEST(Fidelity, IsSdmetricsWhereThatIsDefined) {
  const json cases = golden_cases();
  ASSERT_EQ(cases.size(), 11u);
  for (std::size_t i = 0; i < 9; ++i) {  // the others: below
    const Case one = measured(cases[i]);
    ASSERT_NO_FATAL_FAILURE(expect_columns(one));
    ASSERT_NO_FATAL_FAILURE(expect_pairs(one));
    const QualityFidelity& quality = one.fidelity.quality;
    const double tolerance = tolerance_of(one);
    expect_same(quality.shapes.value, one.golden["all"]["shapes"], tolerance, one.name);
    expect_same(quality.trends.value, one.golden["all"]["trends"], tolerance, one.name);
    expect_same(quality.score.value, one.golden["all"]["score"], tolerance, one.name);
    expect_same(quality.related_trends.value, one.golden["related"]["trends"], tolerance, one.name);
    expect_same(quality.related_score.value, one.golden["related"]["score"], tolerance, one.name);
  }
}

TEST(Fidelity, AConstantSyntheticColumnIsNotLeftOutAsSdmetricsDoes) {
  const Case one = case_named("a constant synthetic column");
  expect_columns(one);
  const json& theirs = one.golden["all"];
  double sum = 0;
  for (std::size_t p = 0; p < theirs["pairs"].size(); ++p) {
    const bool left_out = theirs["pairs"][p].is_null();
    EXPECT_EQ(left_out, one.fidelity.pairs[p].first == 0) << p;
    const double similarity = one.fidelity.pairs[p].similarity.value;
    expect_same(similarity, left_out ? json(0.0) : theirs["pairs"][p], 1e-9, "pair");
    sum += similarity;
  }
  EXPECT_NEAR(one.fidelity.quality.trends.value, sum / 6, 1e-12);
  EXPECT_LT(one.fidelity.quality.score.value, theirs["score"].get<double>() - 0.2);
  // a ~ d is related: SDMetrics has no related pair left, and takes the columns alone.
  EXPECT_EQ(one.fidelity.quality.related_trends.value, 0);
  EXPECT_TRUE(one.golden["related"]["trends"].is_null());
  EXPECT_NEAR(one.fidelity.quality.related_score.value, theirs["shapes"].get<double>() / 2, 1e-9);
}

TEST(Fidelity, AnEmptySyntheticColumnIsNotLeftOutAsSdmetricsDoes) {
  const Case one = case_named("an empty synthetic column");
  const json& theirs = one.golden["all"];
  ASSERT_EQ(one.tables.columns[1].name, "creatinine");
  for (std::size_t c = 0; c < 6; ++c)
    expect_same(one.fidelity.columns[c].score.value, c == 1 ? json(0.0) : theirs["columns"][c],
                tolerance_of(one), one.tables.columns[c].name);
  EXPECT_EQ(one.fidelity.columns[1].missing.value, 1);
  for (std::size_t p = 0; p < 15; ++p)
    expect_same(one.fidelity.pairs[p].similarity.value,
                theirs["pairs"][p].is_null() ? json(0.0) : theirs["pairs"][p], 1e-9, std::to_string(p));
  EXPECT_LT(one.fidelity.quality.score.value, theirs["score"].get<double>());
}

}  // namespace fidelity_golden_test
}  // namespace agon::host
