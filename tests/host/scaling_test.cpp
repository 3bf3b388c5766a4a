// Standardised values and the way back; the scaling's JSON.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>
#include <ostream>

#include "host/table/scaling.hpp"
#include "tests/host/table_cases.hpp"

namespace agon::test {
namespace scaling_test {

using host::Column;
using host::Table;

Column column(int decimals, double mean = 0, double deviation = 1) {
  return {.name = "a",
          .decimals = decimals,
          .printed_decimals = decimals,
          .minimum = mean - deviation,
          .maximum = mean + deviation,
          .mean = mean,
          .deviation = deviation};
}

double restored(float value, const Column& column) { return host::restore({&value, 1}, {&column, 1})[0]; }

TEST(Scaling, StandardisedColumnsHaveMeanZeroAndDeviationOne) {
  const Table table = host::read_csv(std::filesystem::path(AGON_SOURCE_FOLDER) / "host/data/diabetes.csv");
  const std::vector<float> z = host::standardise(table);
  for (std::int64_t c = 0; c < table.width(); ++c) {
    double sum = 0, squares = 0;
    for (std::int64_t row = 0; row < table.rows; ++row) {
      const double value = z[row * table.width() + c];
      sum += value;
      squares += value * value;
    }
    EXPECT_NEAR(sum / 442, 0, 1e-7);
    EXPECT_NEAR(squares / 442, 1, 1e-7);
  }
}

TEST(Scaling, ThereAndBackIsTheTableItself) {
  const Table table = host::read_csv(std::filesystem::path(AGON_SOURCE_FOLDER) / "host/data/diabetes.csv");
  EXPECT_EQ(host::restore(host::standardise(table), table.columns), table.values);
}

TEST(Scaling, RoundsToTheColumnsDecimals) {
  EXPECT_EQ(restored(1.26f, column(1)), 1.3);
  EXPECT_EQ(restored(-0.3f, column(0)), 0);
  EXPECT_FALSE(std::signbit(restored(-0.3f, column(0))));
  EXPECT_EQ(restored(0.5f, column(0)), 1);
  EXPECT_EQ(restored(-0.5f, column(0)), -1);
  EXPECT_EQ(restored(0.1f, column(Column::kAsNeeded)), static_cast<double>(0.1f));
  EXPECT_EQ(restored(1, column(2, 1e18, 1e17)), 1.1e18);
}

TEST(Scaling, WholeNumbersWrittenWithAPointStayWhole) {
  const Table table = lenient("a\n54.0\n61.0\n");
  EXPECT_EQ(table.columns[0].decimals, 0);
  const std::vector<float> z = {0.123f};
  Table drawn{table.columns, 1, host::restore(z, table.columns)};
  EXPECT_EQ(written(drawn), "a\n58.0\n");
}

TEST(Scaling, AValueThatIsNotFiniteIsNamed) {
  const std::vector<float> z = {std::numeric_limits<float>::quiet_NaN()};
  const Column a = column(0);
  try {
    host::restore(z, {&a, 1});
    FAIL();
  } catch (const DataError& error) {
    EXPECT_STREQ(error.what(), "column 'a': a generated value is not finite");
  }
}

TEST(Scaling, JsonKeepsEveryBit) {
  EXPECT_TRUE(rc::check([](double a, double b, double c) {
    RC_PRE(std::abs(a) < 1e300 && std::abs(b) < 1e300 && a != b && std::isfinite(c));
    Column one{.name = "größe, \"x\"\n",
               .decimals = 3,
               .printed_decimals = 18,
               .minimum = std::min(a, b),
               .maximum = std::max(a, b),
               .mean = std::max(a, b),
               .deviation = 0};
    one.deviation = std::max((one.maximum - one.minimum) / 3, std::numeric_limits<double>::denorm_min());
    RC_PRE(one.deviation <= (one.maximum - one.minimum) / 2);
    const std::vector<Column> columns = {one};
    RC_ASSERT(host::columns_from_json(host::columns_to_json(columns), "x") == columns);
  }));
}

struct BadColumns {
  const char* name;
  const char* json;
  const char* error;
};

void PrintTo(const BadColumns& columns, std::ostream* out) { *out << columns.name; }

class ScalingJson : public testing::TestWithParam<BadColumns> {};

TEST_P(ScalingJson, NonsenseIsADataError) {
  try {
    host::columns_from_json(GetParam().json, "c.safetensors");
    FAIL() << "no error";
  } catch (const DataError& error) {
    const std::string what = error.what();
    EXPECT_TRUE(what.starts_with("c.safetensors: columns: ")) << what;
    EXPECT_NE(what.find(GetParam().error), std::string::npos) << what;
    EXPECT_EQ(what.find('\n'), std::string::npos) << what;
  }
}

std::string case_name(const testing::TestParamInfo<BadColumns>& info) { return info.param.name; }

#define AGON_COLUMN(name, decimals, printed, low, high, mean, deviation)                           \
  "{\"name\":" name ",\"decimals\":" decimals ",\"printed_decimals\":" printed ",\"minimum\":" low \
  ",\"maximum\":" high ",\"mean\":" mean ",\"deviation\":" deviation "}"

INSTANTIATE_TEST_SUITE_P(
    , ScalingJson,
    testing::Values(
        BadColumns{"NotJson", "{\"columns\":[\n", "parse error"}, BadColumns{"NoColumns", "{}", "columns"},
        BadColumns{"None", "{\"columns\":[]}", "none"},
        BadColumns{"NotAList", "{\"columns\":3}", "type_error"},
        BadColumns{"NoName", "{\"columns\":[" AGON_COLUMN("\"\"", "0", "0", "0", "1", "0.5", "0.5") "]}",
                   "has no name"},
        BadColumns{"NameOfAnotherType",
                   "{\"columns\":[" AGON_COLUMN("7", "0", "0", "0", "1", "0.5", "0.5") "]}", "string"},
        BadColumns{"NegativeDecimals",
                   "{\"columns\":[" AGON_COLUMN("\"a\"", "-1", "0", "0", "1", "0.5", "0.5") "]}",
                   "'a' has impossible decimals"},
        BadColumns{"FractionalDecimals",
                   "{\"columns\":[" AGON_COLUMN("\"a\"", "1e300", "2", "0", "1", "0.5", "0.5") "]}",
                   "'a' has impossible decimals"},
        BadColumns{"TooManyDecimals",
                   "{\"columns\":[" AGON_COLUMN("\"a\"", "0", "19", "0", "1", "0.5", "0.5") "]}",
                   "'a' has impossible decimals"},
        BadColumns{"FewerPrinted",
                   "{\"columns\":[" AGON_COLUMN("\"a\"", "3", "2", "0", "1", "0.5", "0.5") "]}",
                   "'a' has impossible decimals"},
        BadColumns{"NoRange", "{\"columns\":[" AGON_COLUMN("\"a\"", "0", "0", "1", "1", "1", "0.5") "]}",
                   "'a' has no range"},
        BadColumns{"MeanOutside", "{\"columns\":[" AGON_COLUMN("\"a\"", "0", "0", "0", "1", "2", "0.5") "]}",
                   "mean outside"},
        BadColumns{"NoDeviation", "{\"columns\":[" AGON_COLUMN("\"a\"", "0", "0", "0", "1", "0.5", "0") "]}",
                   "impossible deviation"},
        BadColumns{"LargeDeviation",
                   "{\"columns\":[" AGON_COLUMN("\"a\"", "0", "0", "0", "1", "0.5", "0.6") "]}",
                   "impossible deviation"},
        BadColumns{"NumberThatOverflows",
                   "{\"columns\":[" AGON_COLUMN("\"a\"", "0", "0", "0", "1e999", "0.5", "0.5") "]}",
                   "out_of_range"},
        BadColumns{"NullMean", "{\"columns\":[" AGON_COLUMN("\"a\"", "0", "0", "0", "1", "null", "0.5") "]}",
                   "number"},
        BadColumns{"Twice",
                   "{\"columns\":[" AGON_COLUMN("\"a\"", "0", "0", "0", "1", "0.5", "0.5") "," AGON_COLUMN(
                       "\"a\"", "0", "0", "0", "1", "0.5", "0.5") "]}",
                   "'a' is there twice"}),
    case_name);
#undef AGON_COLUMN

}  // namespace scaling_test
}  // namespace agon::test
