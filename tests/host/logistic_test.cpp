// The logistic model against scikit-learn's.
#include <gtest/gtest.h>

#include <array>

#include "host/evaluate/models/logistic.hpp"
#include "host/evaluate/models/scores.hpp"
#include "tests/host/compared_case.hpp"

namespace agon::test {
namespace logistic_test {

using namespace compared_case;
using nlohmann::json;

std::vector<std::int32_t> second_table_labels(const ComparedTables& tables) {
  std::vector<std::int32_t> labels(static_cast<std::size_t>(tables.real.rows), 0);
  labels.resize(labels.size() + static_cast<std::size_t>(tables.synthetic.rows), 1);
  return labels;
}

TEST(Logistic, IsThatOfScikitLearn) {
  const json golden = trees_golden();
  const ComparedTables tables = golden_tables(golden);
  const host::SparseRows rows =
      host::logistic_rows(tables, std::array<const RecordSet*, 2>{&tables.real, &tables.synthetic});
  const std::vector<std::int32_t> labels = second_table_labels(tables);
  ASSERT_EQ(rows.width, golden["logistic"]["width"]);
  for (int fold = 0; fold < 3; ++fold) {
    std::vector<std::int64_t> train, test;
    for (std::int64_t row = 0; row < rows.rows(); ++row) (row % 3 == fold ? test : train).push_back(row);
    const host::LogisticModel model = host::fit_logistic(rows, train, labels);
    EXPECT_TRUE(model.converged);
    const std::vector<double> said = model.decide(rows, test);
    std::vector<std::int32_t> truth;
    for (std::size_t i = 0; i < test.size(); ++i) {
      const auto row = static_cast<std::size_t>(test[i]);
      truth.push_back(labels[row]);
      if (row % 5 != 0) continue;
      EXPECT_NEAR(said[i], golden["logistic"]["decisions"][row / 5], 1e-6) << row;
    }
    EXPECT_NEAR(host::auc(said, truth).value, golden["logistic"]["auc"][static_cast<std::size_t>(fold)],
                1e-6);
  }
  std::vector<std::int64_t> all(static_cast<std::size_t>(rows.rows()));
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::int64_t>(i);
  EXPECT_NEAR(host::fit_logistic(rows, all, labels).intercept, golden["logistic"]["intercept"], 1e-6);
}

TEST(Logistic, RareLevelsShareAColumn) {
  ComparedTables tables;
  add_levels(tables, "code", {"a", "b", "c", "d"}, {0, 0, 0, 1, 2, -1}, {0, 0, 1, 1, 1, -1});
  // a: 5 rows, b: 4, c: 1, none: 2, d: no row. Of fewer than 5: b, c and none.
  const host::SparseRows rows =
      host::logistic_rows(tables, std::array<const RecordSet*, 2>{&tables.real, &tables.synthetic});
  EXPECT_EQ(rows.width, 2);
  EXPECT_EQ(rows.places, (std::vector<std::int32_t>{0, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 1}));
}

// Separable rows: the penalty keeps the weights finite, and the gradient is 0 there.
TEST(Logistic, SeparableRowsHaveAFiniteModel) {
  ComparedTables tables;
  add_numbers(tables, "x", std::vector<double>(60, 0), std::vector<double>(60, 1));
  add_numbers(tables, "constant", std::vector<double>(60, 3), std::vector<double>(60, 3));
  add_numbers(tables, "empty", std::vector<double>(60, kHole), std::vector<double>(60, kHole));
  const host::SparseRows rows =
      host::logistic_rows(tables, std::array<const RecordSet*, 2>{&tables.real, &tables.synthetic});
  ASSERT_EQ(rows.width, 2);  // x, and "none" of the empty column
  std::vector<std::int64_t> all(120);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::int64_t>(i);
  const host::LogisticModel model = host::fit_logistic(rows, all, second_table_labels(tables));
  EXPECT_TRUE(model.converged);
  // By symmetry the intercept is 0; w solves w = 120 / (1 + exp(w)).
  const double w = model.weights[0];
  EXPECT_NEAR(w, 120 / (1 + std::exp(w)), 1e-5);
  EXPECT_NEAR(model.weights[1], 0, 1e-6);
}

}  // namespace logistic_test
}  // namespace agon::test
