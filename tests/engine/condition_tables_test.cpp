// What conditions are drawn from: thresholds, and the rows of each level.
#include "engine/gan/condition_tables.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace agon {
namespace condition_tables_test {

/// Conditions on the heads 0 and 2; of head 2 no row has the last level.
RecordLayout layout() {
  return {{2, 5, 3}, {}, HeadChoice::gumbel, NumberLink::tanh, {{0, 2}, {750'000'000, 250'000'000, 1, 3, 0}}};
}

CodedRows table() {
  CodedRows rows{6, {}, {}, {}};
  rows.codes = {0, 4, 0, 0, 4, 0, 0, 4, 0, 1, 4, 0, 0, 4, 0, 0, 4, 0};
  rows.codes[2] = rows.codes[5 * 3 + 2] = 1;
  return rows;
}

TEST(ConditionTables, BySharesOfTheTable) {
  const Queue queue(Device::cpu(1));
  const ConditionTables tables(queue, layout());
  const kernels::ConditionShape& shape = tables.by_shares();
  EXPECT_EQ(shape.heads, 2);
  EXPECT_EQ(shape.levels, 5);
  EXPECT_EQ(std::vector(shape.first, shape.first + 3), (std::vector<std::int32_t>{0, 2, 5}));
  EXPECT_EQ(std::vector(shape.score, shape.score + 2), (std::vector<std::int32_t>{0, 7}));
  EXPECT_EQ(std::vector(shape.threshold, shape.threshold + 5),
            (std::vector<std::uint32_t>{3u << 29, 1u << 31, 1u << 29, 1u << 31, 1u << 31}));
}

TEST(ConditionTables, ToTrainOnRareLevelsComeMoreOften) {
  const Queue queue(Device::cpu(1));
  const ConditionTables tables(queue, layout());
  const CodedRows records = table();
  const TrainingConditions training(queue, layout(), std::span(&records, 1), tables);
  const std::uint32_t* const threshold = training.shape().threshold;
  const double whole = 0x1p31;
  EXPECT_NEAR(threshold[0] / whole, std::log(6) / (std::log(6) + std::log(2)), 1e-9);
  EXPECT_NEAR(threshold[2] / whole, std::log(5) / (std::log(5) + std::log(3)), 1e-9);
  EXPECT_EQ(threshold[3], 1u << 31);  // nothing is left for the level without rows
  const kernels::RowsByLevel& rows = training.rows();
  EXPECT_EQ(std::vector(rows.first, rows.first + 6), (std::vector<std::int64_t>{0, 5, 6, 10, 12, 12}));
  EXPECT_EQ(std::vector(rows.rows, rows.rows + rows.size),
            (std::vector<std::uint32_t>{0, 1, 2, 4, 5, 3, 1, 2, 3, 4, 0, 5}));
}

/// Each record has the level that its condition names, and every head is named.
TEST(ConditionTables, RecordsAnswerTheirConditions) {
  const RecordLayout of = layout();
  std::vector<float> rows;
  for (int row = 0; row < 400; ++row) {
    std::vector<float> record(static_cast<std::size_t>(of.width()), 0.5f);
    std::fill_n(record.begin(), 10, 0.0f);
    record[static_cast<std::size_t>(row % 2)] = record[2] = record[static_cast<std::size_t>(7 + row % 3)] = 1;
    rows.insert(rows.end(), record.begin(), record.end());
  }
  answer_conditions(of, 3, rows);
  int of_first_head = 0;
  for (int row = 0; row < 400; ++row) {
    const float* const condition = rows.data() + (row + 1) * of.width() - 5;
    const bool first = condition[row % 2] == 1;
    of_first_head += first;
    for (int level = 0; level < 5; ++level)
      EXPECT_EQ(condition[level], level == (first ? row % 2 : 2 + row % 3) ? 1.0f : 0.0f);
  }
  EXPECT_NEAR(of_first_head, 200, 50);
}

}  // namespace condition_tables_test
}  // namespace agon
