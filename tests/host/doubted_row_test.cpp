// One synthetic row: what speaks against it, and how near real rows are.
#include "host/evaluate/row/doubted_row.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/host/compared_case.hpp"

namespace agon::test {
namespace doubted_row_test {

using namespace compared_case;

struct Asked {
  ComparedTables tables;
  host::DetectionModel model;
  host::DoubtedRow at(std::int64_t number) const {
    const host::DistanceTables points = host::distance_tables(tables);
    return host::look_at_row(host::RowSearch(Device::cpu(1), points.space), tables, points, model, number);
  }
};

/// Real x are 0, 1, ..., 99 over and over, synthetic ones too, but for the rows behind: they are 500 more.
Asked asked(std::int64_t most_rows) {
  Asked out;
  std::vector<double> real, synthetic;
  for (int i = 0; i < 400; ++i)
    real.push_back(i % 100), synthetic.push_back(i < 300 ? (i * 7) % 100 : 500 + i);
  add_numbers(out.tables, "noise", bells(1, 400), bells(2, 400), bells(3, 100));
  add_numbers(out.tables, "x", real, synthetic, std::vector<double>(real.begin(), real.begin() + 100));
  detect(out.tables, {.most_rows = most_rows}, &out.model);
  return out;
}

TEST(DoubtedRow, NamesWhatGivesItAway) {
  for (const std::int64_t most_rows : {1000, 250}) {  // all rows in a fold, or most in none
    const Asked all = asked(most_rows);
    const host::DoubtedRow odd = all.at(351), usual = all.at(20);
    EXPECT_EQ(odd.cells[0].column, "x");
    EXPECT_EQ(odd.cells[0].cell, "850");
    EXPECT_GT(odd.cells[0].adds, 1);
    EXPECT_GT(odd.probability, 0.9);
    EXPECT_LT(usual.probability, odd.probability);
    double sum = 0;
    for (const host::DoubtedCell& cell : odd.cells) sum += cell.adds;
    EXPECT_GT(sum, 1);
    EXPECT_NE(host::to_text(odd).find("x: 850"), std::string::npos);
  }
}

TEST(DoubtedRow, SaysHowNearRealRowsAreAndShowsNone) {
  Asked all = asked(1000);
  for (const std::size_t c : {0u, 1u})
    all.tables.synthetic.columns[c].numbers[4] = all.tables.real.columns[c].numbers[9];
  const host::DoubtedRow copy = all.at(5), odd = all.at(351);
  EXPECT_EQ(copy.real.distance, 0);
  EXPECT_GT(copy.real.farther, 0.9);
  EXPECT_GT(copy.held_out->distance, 0);
  EXPECT_NEAR(odd.real.distance, (850 - 99) / 99.0, 0.1);  // in units of the real range
  EXPECT_EQ(odd.real.farther, 0);
  EXPECT_EQ(host::to_json(odd)["cells"][0]["cell"], "850");
}

}  // namespace doubted_row_test
}  // namespace agon::test
