// Mixtures against scikit-learn's (tests/golden/make_mixture.py), and what has no golden figure.
#include "engine/table/mixture.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

namespace agon {
namespace mixture_test {

using Numbers = std::vector<double>;

TEST(Mixture, IsScikitLearns) {
  std::ifstream file(AGON_GOLDEN_FOLDER "/mixture.json");
  const auto golden = nlohmann::json::parse(file);
  ASSERT_EQ(golden.at("columns").size(), 5u);
  for (const auto& [name, column] : golden.at("columns").items()) {
    SCOPED_TRACE(name);
    const std::vector<MixtureMode> modes =
        fit_mixture(column.at("values").get<Numbers>(), column.at("rows").get<Numbers>());
    const Numbers means = column.at("means"), deviations = column.at("deviations"),
                  weights = column.at("weights"), asked = column.at("asked");
    ASSERT_EQ(modes.size(), means.size());
    for (std::size_t k = 0; k < modes.size(); ++k) {
      EXPECT_NEAR(modes[k].mean, means[k], 1e-6 * deviations[k]);
      EXPECT_NEAR(modes[k].deviation, deviations[k], 1e-6 * deviations[k]);
      EXPECT_NEAR(modes[k].weight, weights[k], 1e-6);
    }
    for (std::size_t i = 0; i < asked.size(); ++i) {
      const Numbers got = mode_probabilities(modes, asked[i]), expected = column.at("probabilities")[i];
      ASSERT_EQ(got.size(), expected.size());
      for (std::size_t k = 0; k < got.size(); ++k) EXPECT_NEAR(got[k], expected[k], 1e-5) << asked[i];
    }
  }
}

TEST(Mixture, OfOneValueIsOneMode) {
  const auto modes = fit_mixture(Numbers{7.5}, Numbers{30});
  ASSERT_EQ(modes.size(), 1u);
  EXPECT_EQ(modes[0].mean, 7.5);
  EXPECT_GT(modes[0].deviation, 0);
  EXPECT_EQ(mode_probabilities(modes, 7.5), Numbers{1});
}

/// The unit that a column is in changes nothing.
TEST(Mixture, ScalesWithItsValues) {
  Numbers values, scaled, rows;
  for (int i = 0; i < 200; ++i) {
    values.push_back(i < 100 ? i * 0.01 : 5 + (i - 100) * 0.03);
    scaled.push_back(1e6 + 1e-3 * values.back());
    rows.push_back(1 + i % 3);
  }
  const auto modes = fit_mixture(values, rows), others = fit_mixture(scaled, rows);
  ASSERT_EQ(modes.size(), others.size());
  for (std::size_t k = 0; k < modes.size(); ++k) {
    EXPECT_NEAR((others[k].mean - 1e6) * 1e3, modes[k].mean, 1e-4);
    EXPECT_NEAR(others[k].deviation * 1e3, modes[k].deviation, 1e-4);
  }
}

/// The share of a mixture that lies below x.
double below(const std::vector<MixtureMode>& modes, double x) {
  double sum = 0;
  for (const MixtureMode& mode : modes)
    sum += mode.weight * std::erfc((mode.mean - x) / mode.deviation / std::sqrt(2.0)) / 2;
  return sum;
}

/// 30,000 values are joined to 4,096 points, which have the distribution of a tenth of the values.
TEST(Mixture, OfManyValuesIsThatOfFewer) {
  const auto made = [](int n) {
    Numbers values;
    for (int i = 0; i < n; ++i) {
      const double u = (i + 0.5) / n;
      values.push_back(u < 0.4 ? 2.5 * u : 4 + 3 * (u - 0.4));
    }
    return fit_mixture(values, Numbers(values.size(), 30000.0 / n));
  };
  const auto few = made(3000), many = made(30000);
  for (const double x : {0.1, 0.5, 0.9, 2.5, 4.2, 5.0, 5.7}) {
    EXPECT_NEAR(below(few, x), below(many, x), 0.003) << x;
    EXPECT_NEAR(below(few, x), x < 1 ? 0.4 * x : x < 4 ? 0.4 : 0.4 + (x - 4) / 3, 0.02) << x;
  }
}

}  // namespace mixture_test
}  // namespace agon
