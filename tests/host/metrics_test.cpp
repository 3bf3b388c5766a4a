// The quality metrics against SDMetrics' own figures and against their definitions in plain loops.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include "host/evaluate/quality.hpp"
#include "host/evaluate/report.hpp"
#include "tests/host/table_cases.hpp"
#include "tests/temporary_folder.hpp"

namespace agon::test {
namespace metrics_test {

using host::evaluate_quality;
using host::Quality;
using host::Table;
using nlohmann::json;

const std::filesystem::path kSource = AGON_SOURCE_FOLDER;

Table golden_table(const std::string& text) {
  return text.find('\n') == text.npos ? host::read_csv(kSource / text, {.for_training = false})
                                      : lenient(text);
}

// SDMetrics writes null where a figure is undefined or not asked for.
void expect_same(double ours, const json& theirs, const std::string& what) {
  if (theirs.is_null())
    EXPECT_TRUE(std::isnan(ours)) << what;
  else
    EXPECT_NEAR(ours, theirs.get<double>(), 1e-12) << what;
}

TEST(Metrics, AreThoseOfSdmetrics) {
  const json golden = json::parse(content_of(kSource / "tests/golden/sdmetrics.json"));
  ASSERT_EQ(golden["cases"].size(), 8u);
  for (const json& one : golden["cases"]) {
    const Table real = golden_table(one["real"]), synthetic = golden_table(one["synthetic"]);
    for (const json& result : one["results"]) {
      const std::string name = one["name"].get<std::string>() + " at " + result["threshold"].dump();
      const Quality quality =
          evaluate_quality(real, synthetic, {.correlation_threshold = result["threshold"]});
      expect_same(quality.score, result["score"], name);
      expect_same(quality.column_shapes, result["column_shapes"], name);
      expect_same(quality.pair_trends, result["pair_trends"], name);
      for (const auto& column : quality.columns) {
        expect_same(column.ks_complement, result["columns"][column.real.name],
                    name + ": " + column.real.name);
      }
      ASSERT_EQ(quality.pairs.size(), result["pairs"].size());
      for (std::size_t p = 0; p < quality.pairs.size(); ++p) {
        const auto& pair = quality.pairs[p];
        const json& theirs = result["pairs"][p];
        EXPECT_EQ(quality.columns[pair.first].real.name, theirs[0]);
        EXPECT_EQ(quality.columns[pair.second].real.name, theirs[1]);
        EXPECT_EQ(pair.counted, !theirs[2].is_null()) << name << theirs;
        if (pair.counted) expect_same(pair.similarity, theirs[2], name + ": " + theirs.dump());
      }
    }
  }
}

double share_up_to(const std::vector<double>& sample, double x) {
  return static_cast<double>(std::ranges::count_if(sample, [x](double value) { return value <= x; })) /
         static_cast<double>(sample.size());
}

TEST(Metrics, KolmogorovSmirnovIsItsDefinition) {
  EXPECT_TRUE(rc::check([] {
    const auto sample = rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(-8, 9)));
    const auto drawn_a = *sample, drawn_b = *sample;
    std::vector<double> a(drawn_a.begin(), drawn_a.end()), b(drawn_b.begin(), drawn_b.end());
    double expected = 0;
    for (const auto* values : {&a, &b}) {
      for (const double x : *values)
        expected = std::max(expected, std::abs(share_up_to(a, x) - share_up_to(b, x)));
    }
    RC_ASSERT(std::abs(host::kolmogorov_smirnov(a, b) - expected) < 1e-15);
  }));
}

Table table_of(std::vector<std::string> names, std::vector<double> values) {
  Table table;
  for (std::string& name : names) table.columns.push_back({.name = std::move(name)});
  table.rows = static_cast<std::int64_t>(values.size() / names.size());
  table.values = std::move(values);
  host::compute_statistics(table.values, table.columns);
  return table;
}

double pearson_by_definition(const Table& table, std::int64_t a, std::int64_t b) {
  long double ma = 0, mb = 0, ab = 0, aa = 0, bb = 0;
  const auto n = static_cast<long double>(table.rows);
  for (std::int64_t row = 0; row < table.rows; ++row) ma += table.at(row, a) / n, mb += table.at(row, b) / n;
  for (std::int64_t row = 0; row < table.rows; ++row) {
    const long double x = table.at(row, a) - ma, y = table.at(row, b) - mb;
    ab += x * y, aa += x * x, bb += y * y;
  }
  return static_cast<double>(ab / std::sqrt(aa * bb));
}

TEST(Metrics, CorrelationsAreTheirDefinition) {
  std::mt19937 random(3);
  std::normal_distribution<double> normal;
  std::vector<double> values;
  for (int row = 0; row < 5000; ++row) {
    const double x = normal(random);
    values.insert(values.end(), {1e6 + x, 1e-3 * (x + normal(random)), -5 * x, normal(random)});
  }
  const Table table = table_of({"a", "b", "c", "d"}, values);
  for (const auto& pair : evaluate_quality(table, table).pairs) {
    const double expected = pearson_by_definition(table, static_cast<std::int64_t>(pair.first),
                                                  static_cast<std::int64_t>(pair.second));
    EXPECT_NEAR(pair.real_correlation, expected, 1e-9);
    EXPECT_EQ(pair.similarity, 1);
  }
}

TEST(Metrics, NoiseOfTextIsNoDifferenceButSmallColumnsAreNotBlurred) {
  const Table real = table_of({"a", "tiny"}, {0.3, 1e-20, 0.1, 2e-20, 0.7, 3e-20});
  const Table synthetic = table_of({"a", "tiny"}, {0.1 + 0.2, 4e-20, 0.1, 5e-20, 0.7, 6e-20});
  const Quality quality = evaluate_quality(real, synthetic);
  EXPECT_EQ(quality.columns[0].ks_complement, 1);
  EXPECT_EQ(quality.columns[1].ks_complement, 0);
}

TEST(Metrics, ColumnsOfOnlyOneTableAreNamed) {
  const Table real = table_of({"a", "b", "c"}, {1, 2, 3}), synthetic = table_of({"c", "x"}, {1, 2});
  try {
    evaluate_quality(real, synthetic);
    FAIL();
  } catch (const DataError& error) {
    EXPECT_STREQ(
        error.what(),
        "the tables differ in their columns: the synthetic one lacks 'a', 'b'; the real one lacks 'x'");
  }
}

TEST(Metrics, ConstantColumnsAreFlagged) {
  const Table real = table_of({"a", "b"}, {1, 2, 3, 5, 4, 1}),
              synthetic = table_of({"a", "b"}, {7, 2, 7, 5, 7, 1});
  const Quality quality = evaluate_quality(real, synthetic);
  EXPECT_TRUE(std::isnan(quality.pair_trends));
  EXPECT_EQ(quality.score, quality.column_shapes);
  EXPECT_EQ(quality.warnings.size(), 2u);
  EXPECT_EQ(quality.warnings[0],
            "column 'a' is constant in the synthetic table: its correlations are undefined and not part of "
            "the score");
}

TEST(Metrics, JsonHoldsEveryFigureAndNullForUndefined) {
  const Table real = table_of({"a", "b"}, {1, 2, 3, 5, 4, 1}),
              synthetic = table_of({"b", "a"}, {2, 7, 5, 7, 1, 7});
  const json report =
      json::parse(host::to_json(evaluate_quality(real, synthetic, {.correlation_threshold = 0.25})));
  EXPECT_EQ(report["correlation_threshold"], 0.25);
  EXPECT_EQ(report["columns"].size(), 2u);
  EXPECT_EQ(report["columns"][1]["name"], "b");
  EXPECT_EQ(report["columns"][1]["ks_complement"], 1.0);
  EXPECT_EQ(report["columns"][0]["synthetic"]["maximum"], 7.0);
  EXPECT_EQ(report["columns"][0]["real"]["minimum"], 1.0);
  EXPECT_EQ(report["pairs"][0]["columns"], json::array({"a", "b"}));
  EXPECT_TRUE(report["pairs"][0]["correlation_similarity"].is_null());
  EXPECT_FALSE(report["pairs"][0]["counted"].get<bool>());
  EXPECT_TRUE(report["pair_trends"].is_null());
  EXPECT_EQ(report["score"], report["column_shapes"]);
  EXPECT_EQ(report["warnings"].size(), 2u);
  EXPECT_EQ(report["real_rows"], 3);
}

TEST(Metrics, TextIsAlignedAndComplete) {
  const Table real = table_of({"größe", "b", "\x1B[31m"}, {1, 2, 3, 3, 5, 4, 4, 1, 0});
  const std::string text = to_text(evaluate_quality(real, real), 2);
  EXPECT_NE(text.find("\ngröße           1.0000"), std::string::npos) << text;
  EXPECT_NE(text.find("\nb               1.0000"), std::string::npos) << text;
  EXPECT_NE(text.find("quality score  1.0000"), std::string::npos) << text;
  EXPECT_NE(text.find("mean over 3 of 3 pairs"), std::string::npos) << text;
  EXPECT_EQ(text.find('\x1B'), std::string::npos) << text;
  EXPECT_EQ(std::ranges::count(text, '~'), 2);
  EXPECT_EQ(text.find(" \n"), std::string::npos) << text;
}

}  // namespace metrics_test
}  // namespace agon::test
