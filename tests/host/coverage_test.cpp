// Coverage, the sliced distance and the space of rows, by construction and in closed form.
#include "host/evaluate/distances/coverage.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "host/evaluate/distances/coverage_report.hpp"
#include "host/evaluate/distances/sliced_distance.hpp"
#include "kernels/error.hpp"
#include "tests/host/near_tables.hpp"

namespace agon::test {
namespace coverage_test {

host::Coverage coverage_of(const host::ComparedTables& tables, int threads = 2, std::uint64_t seed = 1) {
  const host::DistanceTables points = host::distance_tables(tables);
  return host::measure_coverage({Device::cpu(threads), points.space}, points, {.seed = seed});
}

TEST(Coverage, OfRowsOfOnePopulationIsItsFloor) {
  const host::Coverage coverage =
      coverage_of(patient_tables(patients(800, 1), patients(700, 2), patients(500, 3)));
  EXPECT_EQ(coverage.rows, 700);
  EXPECT_EQ(coverage.floor_rows, 500);
  EXPECT_TRUE(coverage.floor_is_held_out);
  EXPECT_GT(coverage.floor.alpha_precision, 0.94);
  EXPECT_NEAR(coverage.floor.beta_recall, 0.5, 0.06);
  // Two rows are nearest to each other with a probability of 2/3 on a line, 0.62 in a plane.
  EXPECT_NEAR(coverage.floor.authenticity, 1 - 0.62, 0.06);
  EXPECT_NEAR(coverage.floor.density, 1, 0.1);
  EXPECT_GT(coverage.floor.coverage, 0.93);  // 1 - 2^-5
  EXPECT_NEAR(coverage.synthetic_as_floor.beta_recall, coverage.floor.beta_recall, 0.06);
  EXPECT_LE(coverage.floor_least.density, coverage.floor.density);
  EXPECT_GE(coverage.floor_greatest.density, coverage.floor.density);
}

TEST(Coverage, WithoutHeldOutRowsHasTwoHalvesForAFloor) {
  const host::Coverage coverage = coverage_of(patient_tables(patients(800, 1), patients(700, 2), {}));
  EXPECT_FALSE(coverage.floor_is_held_out);
  EXPECT_EQ(coverage.floor_rows, 400);
  EXPECT_NEAR(coverage.floor.beta_recall, 0.5, 0.06);  // halves share no row
  EXPECT_EQ(host::to_json(coverage).at("floor"), "two halves of the real table");
}

TEST(Coverage, SeesWhatIsWrong) {
  const host::RecordSet real = patients(800, 1);
  const host::Coverage copies = coverage_of(patient_tables(real, real, patients(400, 3)));
  EXPECT_EQ(copies.synthetic.authenticity, 0);
  EXPECT_EQ(copies.synthetic.coverage, 1);
  EXPECT_GT(copies.synthetic.beta_recall, 0.99);
  host::RecordSet one_group = patients(800, 2);  // a mode lost
  for (std::int64_t i = 0; i < 800; ++i) one_group.columns[3].levels[i] = 0;
  const host::Coverage lost = coverage_of(patient_tables(real, one_group, patients(400, 3)));
  EXPECT_LT(lost.synthetic_as_floor.coverage, lost.floor_least.coverage - 0.2);
  EXPECT_LT(lost.synthetic_as_floor.beta_recall, lost.floor_least.beta_recall - 0.1);
  host::RecordSet wild = patients(800, 2);
  for (double& value : wild.columns[0].numbers) value += 500;
  const host::Coverage away = coverage_of(patient_tables(real, wild, patients(400, 3)));
  EXPECT_EQ(away.synthetic.density, 0);
  EXPECT_LT(away.synthetic.alpha_precision, 0.1);
}

TEST(Coverage, IsTheSameAtEveryNumberOfThreads) {
  const host::ComparedTables tables = patient_tables(patients(300, 1), patients(300, 2), patients(200, 3));
  EXPECT_EQ(host::to_json(coverage_of(tables, 1)).dump(), host::to_json(coverage_of(tables, 3)).dump());
  EXPECT_NE(host::to_json(coverage_of(tables, 1)).dump(), host::to_json(coverage_of(tables, 1, 2)).dump());
}

TEST(Coverage, OfTinyTables) {
  EXPECT_THROW(coverage_of(patient_tables(patients(1, 1), patients(9, 2), {})), DataError);
  const host::Coverage coverage = coverage_of(patient_tables(patients(3, 1), patients(3, 2), {}));
  EXPECT_EQ(coverage.draws, 0);
  EXPECT_TRUE(host::to_json(coverage).at("density").at("floor").is_null());
  EXPECT_NE(host::to_text(coverage).find("No floor"), std::string::npos);
}

// A number column with words in it: none and each word are dimensions of their own.
TEST(DistanceRows, WordsAmongNumbersAreDimensions) {
  using Cells = host::ComparedCells;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  host::ComparedTables tables;
  tables.columns = {{"x", host::ComparedColumn::Kind::number, {"<1", ">9", "?"}, 2, true}};
  tables.real = {4, {{{2, 6, nan, nan}, {Cells::kNumber, Cells::kNumber, 0, Cells::kNone}}}};
  tables.synthetic = {3, {{{4, nan, nan}, {Cells::kNumber, 1, 2}}}};
  const host::DistanceTables points = host::distance_tables(tables);
  EXPECT_EQ(points.space.dimensions(), 4);  // the number, none, "<1", ">9"
  const host::RowSearch search(Device::cpu(1), points.space);
  const auto squared = [&](std::int64_t i, std::int64_t j) {
    return search.nearest(part(points.real, points.space, {i}), part(points.synthetic, points.space, {j}))
        .squared[0];
  };
  EXPECT_EQ(squared(0, 0), 0.25f);     // 0 and 0.5
  EXPECT_EQ(squared(0, 1), 1 + 1.0f);  // a number and ">9"
  EXPECT_EQ(squared(2, 1), 2.0f);      // "<1" and ">9"
  EXPECT_EQ(squared(3, 1), 2.0f);      // none and ">9"
  EXPECT_EQ(squared(3, 2), 1.0f);      // none and a word that the real table lacks
}

TEST(DistanceRows, OfNumbersThatReachAsFarAsDoublesGo) {
  host::ComparedTables tables;
  tables.columns = {{"x", host::ComparedColumn::Kind::number, {}, 0, true},
                    {"y", host::ComparedColumn::Kind::number, {}, 0, true}};
  tables.real = {2, {{{-1.7e308, 1.7e308}, {}}, {{0, 1}, {}}}};
  tables.synthetic = {2, {{{0, 1.7e308}, {}}, {{1e300, 1}, {}}}};
  const host::DistanceTables points = host::distance_tables(tables);
  const host::Neighbours nearest =
      host::RowSearch(Device::cpu(1), points.space).nearest(points.synthetic, points.real);
  EXPECT_EQ(nearest.index, (std::vector<std::int32_t>{0, 1}));  // both as far from the first: 1e30
  EXPECT_EQ(nearest.squared, (std::vector<float>{1e15f * 1e15f, 0}));
}

TEST(DistanceRows, ToTheMeanAreThoseOfOneHotRows) {
  const host::DistanceTables points = host::distance_tables(near_golden_tables());
  const std::vector<double> squared =
      host::squared_distances_to_mean(points.synthetic, points.real, points.space);
  // |x - mean|^2 = mean over j of |x - y_j|^2 - mean over j of |y_j - mean|^2
  const host::RowSearch search(Device::cpu(1), points.space);
  double spread = 0;
  for (const double value : host::squared_distances_to_mean(points.real, points.real, points.space))
    spread += value / 90;
  for (const std::int64_t i : {0, 17, 60}) {
    double mean = 0;
    for (std::int64_t j = 0; j < 90; ++j)
      mean +=
          double{
              search.nearest(part(points.synthetic, points.space, {i}), part(points.real, points.space, {j}))
                  .squared[0]} /
          90;
    EXPECT_NEAR(squared[i], mean - spread, 1e-9);
  }
}

TEST(SlicedDistance, OfAShiftAlongOneColumn) {
  // Rows of two numbers, the first shifted by d: along a direction (u, v) each row moves by d u, mean u^2 =
  // 1/2.
  host::ComparedTables tables;
  tables.columns = {{"x", host::ComparedColumn::Kind::number, {}, 0, true},
                    {"y", host::ComparedColumn::Kind::number, {}, 0, true}};
  const host::RecordSet all = patients(300, 1);
  const auto two_columns = [&] {
    host::RecordSet records{300, {all.columns[0], all.columns[1]}};
    for (host::ComparedCells& cells : records.columns) cells.levels.clear();
    return records;
  };
  tables.real = two_columns();
  tables.synthetic = two_columns();
  const auto [least, greatest] =
      std::minmax_element(tables.real.columns[0].numbers.begin(), tables.real.columns[0].numbers.end());
  for (double& value : tables.synthetic.columns[0].numbers) value += 0.5 * (*greatest - *least);
  const host::DistanceTables points = host::distance_tables(tables);
  EXPECT_NEAR(host::sliced_distance(points.real, points.synthetic, points.space, 4000, 1),
              0.5 * std::sqrt(0.5), 0.01);
  EXPECT_EQ(host::sliced_distance(points.real, points.real, points.space, 10, 1), 0);
}

TEST(SlicedDistance, StandsBesideItsFloor) {
  host::RecordSet shifted = patients(500, 2);
  for (double& value : shifted.columns[1].numbers) value += 30;
  const auto of = [](const host::ComparedTables& tables) {
    return host::measure_sliced_distance(host::distance_tables(tables));
  };
  const host::SlicedDistance same = of(patient_tables(patients(500, 1), patients(500, 2), patients(300, 3)));
  const host::SlicedDistance away = of(patient_tables(patients(500, 1), shifted, patients(300, 3)));
  EXPECT_EQ(same.floor_rows, 300);
  EXPECT_LT(same.synthetic_as_floor, 2 * same.floor);
  EXPECT_GT(away.synthetic_as_floor, 2 * away.floor);
  EXPECT_NE(host::to_text(away).find("held-out rows"), std::string::npos);
}

}  // namespace coverage_test
}  // namespace agon::test
