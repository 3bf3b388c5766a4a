// agon::Table: learns a table in memory, draws from it, and comes back from a file.
#include "engine/records/table.hpp"

#include <gtest/gtest.h>

#include <set>

#include "engine/checkpoint/checkpoint.hpp"
#include "kernels/error.hpp"
#include "tests/engine/records/drawn_patients.hpp"
#include "tests/temporary_folder.hpp"

namespace agon {
namespace table_test {

using test::has, test::rows_of;

Schema schema_of_patients() {
  Schema schema = infer_schema(test::patients()).schema;
  schema.constraints = {"dbp <= sbp"};
  return schema;
}

class FittedTable : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    table_ = std::make_unique<Table>(
        Table::fit(test::patients(), schema_of_patients(), Device::cpu(1), {.steps = 12}));
  }
  static void TearDownTestSuite() { table_.reset(); }
  static inline std::unique_ptr<Table> table_;
};

TEST_F(FittedTable, DrawsRecordsOfTheTablesForm) {
  const TextTable real = test::patients(), drawn = table_->sample(500);
  ASSERT_EQ(drawn.rows, 500);
  ASSERT_EQ(drawn.columns.size(), real.columns.size());
  EXPECT_TRUE(check_schema(table_->coding().schema(), drawn).empty());
  EXPECT_TRUE(check_constraints(table_->coding().schema(), drawn).empty());
  std::set<std::string_view> ids;
  for (std::int64_t row = 0; row < drawn.rows; ++row) ids.insert(drawn.columns[0].at(row));
  EXPECT_EQ(ids.size(), 500u);
  EXPECT_EQ(rows_of(table_->sample(500)), rows_of(drawn));
  EXPECT_NE(rows_of(table_->sample(500, 2)), rows_of(drawn));
  EXPECT_EQ(table_->sample(0).columns.size(), real.columns.size());
}

TEST_F(FittedTable, DrawsWhatIsAskedFor) {
  const TextTable drawn = table_->sample(60, 1, {.where = "sex=F, sbp>120", .balance = "ward"});
  EXPECT_EQ(drawn.columns[2].counts(), (std::vector<std::int64_t>{20, 20, 20}));
  for (std::int64_t row = 0; row < drawn.rows; ++row) EXPECT_EQ(drawn.columns[1].at(row), "F");
  EXPECT_THROW(table_->sample(5, 1, {.where = "sax=F"}), ConfigurationError);
  EXPECT_THROW(table_->sample(5, 1, {.balance = "sbp"}), ConfigurationError);
}

TEST_F(FittedTable, ComesBackFromAFile) {
  const test::TemporaryFolder folder;
  table_->save(folder.path() / "t.safetensors");
  Table back = Table::load(folder.path() / "t.safetensors", Device::cpu(1));
  EXPECT_EQ(rows_of(back.sample(100, 5)), rows_of(table_->sample(100, 5, {.allow_copies = true})));
  back.never_draw(test::patients());
  EXPECT_EQ(rows_of(back.sample(100, 5)), rows_of(table_->sample(100, 5)));
  GanConfig config;
  config.generator.widths = {2, 4, 3}, config.discriminator.widths = {3, 4, 1};
  write_checkpoint(folder.path() / "numbers.safetensors",
                   {config, Gan(config, Device::cpu(1)).snapshot(), "cpu", 1, {}});
  EXPECT_THROW(Table::load(folder.path() / "numbers.safetensors", Device::cpu(1)), DataError);
}

TEST(Tables, DrawCopiesOfFewPeopleOnlyWhereThatIsAllowed) {
  const test::TemporaryFolder folder;
  const TextTable real = test::pairs();
  const auto copies = [&](const Table& table, const SampleRequest& request) {
    return test::copies_of_few(rows_of(table.sample(500, 1, request)), real);
  };
  const Table table = Table::fit(real, infer_schema(real).schema, Device::cpu(1), {.steps = 2});
  EXPECT_EQ(copies(table, {}), 0);
  EXPECT_GT(copies(table, {.allow_copies = true}), 20);
  table.save(folder.path() / "t.safetensors");
  Table back = Table::load(folder.path() / "t.safetensors", Device::cpu(1));
  EXPECT_GT(copies(back, {}), 20);
  back.never_draw(real);
  EXPECT_EQ(copies(back, {}), 0);
}

TEST(Tables, TrainingTellsHowFarItIsAndCanBeEnded) {
  std::vector<std::uint64_t> told;
  const FitOptions options{.steps = 100000, .progress = [&](std::uint64_t step, std::uint64_t of) {
                             EXPECT_EQ(of, 100000u);
                             told.push_back(step);
                             return told.size() < 3;
                           }};
  Table::fit(test::patients(), schema_of_patients(), Device::cpu(1), options);
  ASSERT_EQ(told.size(), 3u);
  EXPECT_EQ(told.front(), 0u);
  EXPECT_GT(told.back(), 0u);
}

TEST(Tables, ASchemaThatDoesNotFitIsRefused) {
  Schema schema = schema_of_patients();
  schema.constraints.push_back("dbp < spb");
  schema.columns[2].kind = ColumnKind::count;
  try {
    Table::fit(test::patients(), schema, Device::cpu(1), {.steps = 1});
    FAIL();
  } catch (const DataError& error) {
    EXPECT_TRUE(has(error.what(), "column 'ward': not a number"));
    EXPECT_TRUE(has(error.what(), "\"dbp < spb\""));
  }
}

}  // namespace table_test
}  // namespace agon
