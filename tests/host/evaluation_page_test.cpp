// An evaluation whole, and its page: from tables to HTML.
#include "host/report/report.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "host/report/evaluation/bar_chart.hpp"
#include "host/report/evaluation/marginals.hpp"
#include "host/report/evaluation/projection.hpp"
#include "host/table/read_table.hpp"
#include "tests/host/markup_check.hpp"

namespace agon::host {
namespace evaluation_page_test {

using test::count;

constexpr const char* kHostile = "<script>\"ward\" & 'b'";

/// Patients as CSV: an age, a value that goes with it, a ward with holes, whether they died.
std::string patients_csv(int rows, unsigned seed, const std::string& more = "") {
  std::mt19937_64 engine(seed);
  const auto below = [&](int n) { return static_cast<int>(engine() % static_cast<unsigned>(n)); };
  std::string text = "age,value,\"<script>\"\"ward\"\" & 'b'\",died\n";
  for (int i = 0; i < rows; ++i) {
    const int age = 20 + below(40) + below(20);
    text +=
        fmt::format("{},{:.2f},{},{}\n", age, 0.1 * age + 0.01 * below(300),
                    std::string_view("ABBCC<").substr(static_cast<std::size_t>(below(7) % 6), below(7) > 0),
                    below(100) < age - 30 ? "yes" : "no");
  }
  return text + more;
}

TextTable table_of(std::string csv) { return parse_table(std::move(csv), "patients.csv").table; }

struct Evaluated {
  Evaluation all;
  std::string html;
};

Evaluated evaluated(const std::string& real, const std::string& synthetic, const std::string& held_out = "") {
  const TextTable real_table = table_of(real), synthetic_table = table_of(synthetic);
  const std::optional<TextTable> others = held_out.empty() ? std::nullopt : std::optional(table_of(held_out));
  const Schema schema = infer_schema(real_table).schema;
  EvaluationOptions options;
  options.target = "died";
  const Device device = Device::cpu(1);
  ComparedTables tables =
      compare_tables(real_table, synthetic_table, others ? &*others : nullptr, schema, device);
  options.rules = find_rules(real_table, schema, tables, device);
  Evaluated out{evaluate(std::move(tables), options, device), ""};
  const EvaluationPage page{{{"seed", "1"}, {"date", "2026"}},
                            [](std::int64_t, double x) { return fmt::format("{:.6g}", x); }};
  out.html = report_html({.title = "s<y>n.csv", .evaluation = &out.all, .page = &page});
  return out;
}

TEST(EvaluationPage, HasEveryPartAndIsWellFormed) {
  const Evaluated found = evaluated(patients_csv(300, 1), patients_csv(300, 2), patients_csv(100, 3));
  test::expect_well_formed(found.html);
  for (const char* const words :
       {"How far to trust s&lt;y&gt;n.csv", "Does it look like the real table?", "Does it teach",
        "Does it keep patients private?", "What gives it away", "Real rows", "Pairs of columns", "Difference",
        "Utility", "Who was learnt", "Attribute disclosure", "singling out", "What was compared"})
    EXPECT_EQ(count(found.html, words) > 0, true) << words;
  EXPECT_EQ(count(found.html, "<script"), 0u);
  EXPECT_EQ(count(found.html, "class=\"chart\""), 4u + 3u + 2u + 1u);  // columns, pairs, clouds, attacks
  EXPECT_EQ(count(found.html, "nan"), 0u);
  EXPECT_EQ(count(found.html, "http://www.w3.org/1999/xhtml"), count(found.html, "http"));  // loads nothing
}

TEST(EvaluationPage, SaysWhatIsMissingWithoutHeldOutRows) {
  const Evaluated found = evaluated(patients_csv(200, 1), patients_csv(200, 2));
  test::expect_well_formed(found.html);
  EXPECT_GT(count(found.html, "Not measured: membership"), 0u);
  EXPECT_EQ(count(found.html, "Who was learnt"), 0u);
}

/// The values of a patient unlike all others stand nowhere: neither in the page nor in the figures.
TEST(EvaluationPage, ShowsNoSinglePatient) {
  const std::string one = "918273,987.65,Zanzibar,yes\n";
  const Evaluated found =
      evaluated(patients_csv(300, 1, one), patients_csv(300, 2, one), patients_csv(100, 3, one));
  const std::string json = to_json(found.all), text = to_text(found.all);
  for (const char* const value : {"918273", "987.65", "Zanzibar"}) {
    EXPECT_EQ(count(found.html, value), 0u) << value;
    EXPECT_EQ(count(text, value), 0u) << value;
    EXPECT_EQ(count(json, value), 0u) << value;
  }
}

TEST(EvaluationPage, FiguresAreJsonWithNullForWhatIsUndefined) {
  const auto json = nlohmann::json::parse(to_json(evaluated(patients_csv(200, 1), patients_csv(200, 2)).all));
  EXPECT_TRUE(json.at("privacy").at("membership").is_null());
  EXPECT_EQ(json.at("verdict").at("privacy").at("light"), "unknown");
  EXPECT_GT(json.at("score").get<double>(), 0.8);
}

ComparedCells numbers(const std::vector<double>& values) {
  ComparedCells cells;
  cells.numbers = values;
  cells.levels.assign(values.size(), ComparedCells::kNumber);
  return cells;
}

TEST(Marginal, BarsOfNumbersAddUpAndHideTheFew) {
  std::vector<double> values;
  for (int i = 0; i < 1000; ++i) values.push_back(i % 10);
  values.push_back(5000);
  const ComparedColumn column{"x", ComparedColumn::Kind::number, {}, 0, true};
  const Marginal found = marginal_of(column, numbers(values), numbers(values));
  ASSERT_EQ(found.bars.size(), 10u);
  EXPECT_EQ(found.edges.front(), 0);
  EXPECT_EQ(found.edges.back(), 10);
  double sum = 0;
  for (const Bar& bar : found.bars) sum += bar.real;
  EXPECT_NEAR(sum, 1, 1e-12);  // the last takes in what lies beyond
  EXPECT_NEAR(found.bars[0].real, 100 / 1001.0, 1e-12);
  EXPECT_NEAR(found.bars[9].synthetic, 101 / 1001.0, 1e-12);
  const Marginal few = marginal_of(column, numbers({1, 2, 3, 4}), numbers(values));
  EXPECT_TRUE(few.bars.empty());
}

TEST(Marginal, RareLevelsAreOthers) {
  ComparedColumn column{"ward", ComparedColumn::Kind::nominal, {"A", "B", "C"}, 3, true};
  ComparedCells real, synthetic;
  for (int i = 0; i < 20; ++i)
    real.levels.push_back(i < 12 ? 0 : i < 17 ? 1 : 2), synthetic.levels.push_back(2);
  const Marginal found = marginal_of(column, real, synthetic);
  ASSERT_EQ(found.bars.size(), 3u);
  EXPECT_EQ(found.bars[1].label, "B");
  EXPECT_EQ(found.bars[2].label, "other");
  EXPECT_EQ(found.bars[2].real, 0);  // three rows
  EXPECT_EQ(found.bars[2].synthetic, 1);
}

/// Rows along a line: all of the first component, next to nothing of the second.
TEST(Projection, TheFirstComponentIsTheLongest) {
  ComparedTables tables;
  tables.columns = {{"a", ComparedColumn::Kind::number, {}, 0, true},
                    {"b", ComparedColumn::Kind::number, {}, 0, true}};
  std::mt19937_64 engine(1);
  std::vector<double> a, b;
  for (int i = 0; i < 20000; ++i) {
    a.push_back(static_cast<double>(engine() % 1000));
    b.push_back(a.back() + static_cast<double>(engine() % 5));
  }
  tables.real = tables.synthetic = {20000, {numbers(a), numbers(b)}};
  const Projection found = project(tables, 1);
  ASSERT_EQ(found.real.size(), std::size_t{Projection::kSide * Projection::kSide});
  std::vector<double> across(Projection::kSide), up(Projection::kSide);
  for (std::size_t i = 0; i < found.real.size(); ++i)
    across[i % Projection::kSide] += found.synthetic[i], up[i / Projection::kSide] += found.synthetic[i];
  for (const double share : across)
    EXPECT_NEAR(share, 1.0 / Projection::kSide, 0.012);  // uniform, as the line is
  EXPECT_GT(up[Projection::kSide / 2], 0.015);
  tables.real.columns = {numbers(std::vector<double>(20000, 1)), numbers(std::vector<double>(20000, 1))};
  EXPECT_TRUE(project(tables, 1).real.empty());
}

}  // namespace evaluation_page_test
}  // namespace agon::host
