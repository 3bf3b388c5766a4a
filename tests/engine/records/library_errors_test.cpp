// Every failure that leaves the library is an agon::Error: tables, schemas, codings and draws with arguments
// that make no sense.
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "engine/agon.hpp"
#include "tests/engine/error_of.hpp"
#include "tests/engine/records/drawn_patients.hpp"
#include "tests/engine/table/table_of.hpp"
#include "tests/engine/trained_gan.hpp"
#include "tests/temporary_folder.hpp"

namespace agon {
namespace record_errors_test {

using test::error_of, test::has;

constexpr std::int64_t kHuge = std::int64_t{1} << 60, kMost = std::numeric_limits<std::int64_t>::max();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

class FittedPatients : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    table_ = std::make_unique<Table>(
        Table::fit(test::patients(), infer_schema(test::patients()).schema, Device::cpu(1), {.steps = 4}));
  }
  static void TearDownTestSuite() { table_.reset(); }
  static const Coding& coding() { return table_->coding(); }
  static inline std::unique_ptr<Table> table_;
};

/// Tables that no reader makes.
std::vector<TextTable> broken_tables() {
  std::vector<TextTable> all(4, test::patients());
  all[0].rows += 1;
  all[1].columns[1].cells.pop_back();
  all[2].columns[1].cells[3] = 4'000'000'000u;
  all[3].rows = -1;
  return all;
}

TEST_F(FittedPatients, AreNotDrawnBeyondMemory) {
  for (const std::int64_t count : {kHuge, kMost, std::int64_t{1} << 50})
    EXPECT_TRUE(has(error_of([&] { table_->sample(count); }), "sample(): out of memory"));
  error_of([&] { table_->sample(-1); });
  error_of([&] { table_->sample(-kMost); });
  error_of([&] { table_->sample(1, 1, {.where = "\xff"}); });
  error_of([&] { table_->sample(1, 1, {.where = std::string(10000, '(')}); });
  error_of([&] { table_->sample(1, 1, {.balance = "no such column"}); });
}

TEST_F(FittedPatients, AreNotSavedNowhere) {
  const test::TemporaryFolder folder;
  error_of([&] { table_->save(""); });
  error_of([&] { table_->save(folder.path()); });
  error_of([&] { table_->save(folder.path() / "absent" / "t"); });
  error_of([&] { Table::load(folder.path(), Device::cpu(1)); });
  error_of([&] { Table::load("", Device::cpu(1)); });
}

TEST_F(FittedPatients, AreNoBrokenTable) {
  const Schema schema = infer_schema(test::patients()).schema;
  const RealRecords real(test::patients(), schema);
  for (const TextTable& broken : broken_tables()) {
    error_of([&] { infer_schema(broken); });
    error_of([&] { check_schema(schema, broken); });
    error_of([&] { check_constraints(schema, broken); });
    error_of([&] { without_rare_marks(schema, broken); });
    error_of([&] { Coding::fit(broken, schema, Device::cpu(1)); });
    error_of([&] { coding().encode(broken); });
    error_of([&] { Table::fit(broken, schema, Device::cpu(1)); });
    error_of([&] { RealRecords(broken, schema); });
    error_of([&] { real.copies_in(broken); });
    error_of([&] { table_->never_draw(broken); });
    error_of([&] { broken.part(std::vector<std::int64_t>{0}); });
  }
  error_of([&] { Coding::fit({}, {}, Device::cpu(1)); });
  error_of([&] { Coding::fit({}, schema, Device::cpu(1)); });
  error_of([&] { coding().encode({}); });
  error_of([&] { RealRecords({}, schema); });
  error_of([&] { real.copies_in({}); });
  error_of([&] { Table::fit({}, {}, Device::cpu(1)); });
  EXPECT_NO_THROW(infer_schema({}));
  EXPECT_NO_THROW(check_schema({}, {}));
}

TEST_F(FittedPatients, AreNotDecodedFromNonsense) {
  const RecordLayout& layout = coding().layout();
  const DrawnRows good{2, std::vector<std::uint16_t>(2 * layout.heads.size()),
                       std::vector<float>(2 * layout.gates.size(), 0.5f)};
  EXPECT_EQ(coding().decode(good, 1).rows, 2);
  const auto refused = [&](const auto& change) {
    DrawnRows bad = good;
    change(bad);
    error_of([&] { coding().decode(bad, 1); });
  };
  refused([](DrawnRows& rows) { rows.rows = kHuge; });
  refused([](DrawnRows& rows) { rows.rows = -2; });
  refused([](DrawnRows& rows) { rows.codes.pop_back(); });
  refused([](DrawnRows& rows) { rows.codes[0] = 65535; });
  refused([](DrawnRows& rows) { rows.ranks.pop_back(); });
  refused([](DrawnRows& rows) { rows.ranks[0] = kNan; });
  refused([](DrawnRows& rows) { rows.ranks[0] = -1e30f; });
  EXPECT_NO_THROW(coding().decode(good, 1, kMost));
  EXPECT_NO_THROW(coding().decode(good, 1, -kMost));
}

TEST_F(FittedPatients, AreNotCalibratedByNonsense) {
  const RecordLayout& layout = coding().layout();
  const auto scores = test::normal_numbers(8 * layout.scores(), 3);
  const std::vector<float>& shares = coding().shares();
  const Calibration good = calibrate(scores, layout, shares, 1);
  for (const int threads : {-1, 1 << 30}) {
    error_of([&] { calibrate(scores, layout, shares, threads); });
    error_of([&] { choose(scores, layout, good, threads); });
  }
  const std::span<const float> cut(scores.data(), scores.size() - 1);
  error_of([&] { calibrate(cut, layout, shares, 1); });
  error_of([&] { choose(cut, layout, good, 1); });
  error_of([&] { calibrate(scores, layout, {}, 1); });
  error_of([&] { calibrate(scores, {}, {}, 1); });
  error_of([&] { choose(scores, layout, {}, 1); });
  error_of([&] { choose(scores, {{0}, {}}, {}, 1); });
  error_of([&] { choose(scores, {{2}, {9}}, {}, 1); });
  error_of([&] { good.lost({}); });
  EXPECT_NO_THROW(calibrate({}, layout, shares, 1));
  const std::vector<float> odd(scores.size(), kNan);
  EXPECT_NO_THROW(choose(odd, layout, calibrate(odd, layout, shares, 1), 1));
}

TEST_F(FittedPatients, AreNotDrawnByAnotherGenerator) {
  const Gan other(test::records_config(), Device::cpu(1));
  error_of([&] { RecordDraw(other, coding()); });
  const Gan gan(table_config(coding().layout(), 4), Device::cpu(1));
  error_of([&] { RecordDraw(gan, coding(), -1); });
  error_of([&] { RecordDraw(gan, coding(), 1); });
  const RecordDraw draw(gan, coding());
  error_of([&] {
    draw.draw(
        {.count = -1}, [](const TextTable&) {}, [] { return true; });
  });
}

TEST_F(FittedPatients, KeepToRowsThatAreThere) {
  const TextTable real = test::patients();
  const TextColumn& ward = real.columns[2];
  for (const std::int64_t row : {std::int64_t{-1}, real.rows, kMost, -kMost}) {
    error_of([&] { ward.at(row); });
    error_of([&] { real.part(std::vector{row}); });
  }
  Balance balance("ward", coding());
  error_of([&] { balance.wants(0); });
  error_of([&] { balance.take(0); });
  error_of([&] { balance.share_out(-1, {}); });
  error_of([&] { balance.look_at({}); });
  error_of([&] { Balance("", coding()); });
  const Conditions where("sex = F, sbp > 100", coding());
  std::vector<char> keep(static_cast<std::size_t>(real.rows - 1), 1);
  error_of([&] { where.apply(real, keep); });
  error_of([&] { where.apply({}, keep); });
  error_of([&] { where.apply_to_column({}, keep); });
  for (const char* const text : {"=", "sex", "sex = = F", "\"", "sex = F,", "nobody = 1", "sex < F"})
    error_of([&] { Conditions(text, coding()); });
}

TEST(SchemaOf, NothingIsRefused) {
  error_of([] { to_string(static_cast<ColumnKind>(200)); });
  error_of([] { parse_kind("nonsense"); });
  for (const char* const text :
       {"", "{}", "[]", "nonsense", "{\"columns\":1}", "{\"columns\":[{}],\"rarest\":\"x\"}"}) {
    error_of([&] { schema_from_json(text, "file"); });
    error_of([&] { Coding::from_json(text, "file"); });
  }
  Schema odd;
  odd.columns.push_back({.name = "\xff\xfe"});
  error_of([&] { schema_to_json(odd); });
  error_of([] { make_table({{"a", {"1", "2"}}, {"b", {"1"}}}); });
  EXPECT_EQ(make_table({}).rows, 0);
}

TEST(NamesThatAreNotUtf8, AreRefusedWhereJsonIsMade) {
  const TextTable table =
      make_table({{"\xff", test::cells_of(50, [](int row) { return row % 3 ? "a" : "b"; })},
                  {"x", test::cells_of(50, [](int row) { return std::to_string(row % 7); })}});
  const Coding coding = Coding::fit(table, infer_schema(table).schema, Device::cpu(1));
  EXPECT_TRUE(has(error_of([&] { coding.to_json(); }), "not UTF-8"));
}

TEST(Spelled, IsEveryNumber) {
  constexpr double kValues[] = {0,
                                -1e300,
                                1e300,
                                1e18,
                                std::numeric_limits<double>::infinity(),
                                -std::numeric_limits<double>::infinity(),
                                kNan};
  for (const double value : kValues)
    for (int kind = 0; kind <= static_cast<int>(ColumnKind::text); ++kind)
      for (const int digits : {-5, 0, 3, 18, 1000}) {
        ColumnSchema schema{.name = "x", .kind = static_cast<ColumnKind>(kind)};
        schema.number.decimals = schema.number.printed_decimals = schema.number.fewest_decimals = digits;
        schema.format = "%Y-%m-%d %H:%M:%S.%f %b %p";
        try {
          EXPECT_LT(spell(value, schema).size(), 1500u);
        } catch (const Error&) {
        }
      }
}

}  // namespace record_errors_test
}  // namespace agon
