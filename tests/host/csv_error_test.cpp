// Every kind of bad input, with the place and the words of its error.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ostream>

#include "host/table/row_reader.hpp"
#include "tests/host/table_cases.hpp"
#include "tests/temporary_folder.hpp"

namespace agon::test {
namespace csv_error_test {

using namespace std::string_literals;

struct BadInput {
  const char* name;
  std::string text;
  std::string error;
};

void PrintTo(const BadInput& input, std::ostream* out) { *out << input.name; }

class CsvError : public testing::TestWithParam<BadInput> {};

TEST_P(CsvError, SaysWhereAndWhat) { EXPECT_EQ(error_of(GetParam().text), GetParam().error); }

std::string case_name(const testing::TestParamInfo<BadInput>& info) { return info.param.name; }

const std::string kMark = "\xEF\xBB\xBF";
const std::string kText = "; agon reads numeric columns only";
const std::string kNul = "1 NUL byte, the first here: the file is damaged or no text; save it again as CSV";
const std::string kComplete = "; agon reads complete columns only";

INSTANTIATE_TEST_SUITE_P(
    Shape, CsvError,
    testing::Values(BadInput{"Empty", "", "t.csv:1:1: the file is empty"},
                    BadInput{"OnlyAByteOrderMark", kMark, "t.csv:1:1: the file is empty"},
                    BadInput{"HeaderOnly", "a,b\n", "t.csv:2:1: no rows after the column names"},
                    BadInput{"HeaderOnlyWithoutLineEnd", "a,b", "t.csv:1:4: no rows after the column names"},
                    BadInput{"HeaderAndBlankLines", "a,b\n\n\n", "t.csv:4:1: no rows after the column names"},
                    BadInput{"TooFew", "a,b,c\n1,2,3\n4,5\n",
                             "t.csv:3:4: the row ends after 2 fields; the header names 3 columns"},
                    BadInput{"TooFewAtTheEnd", "a,b\n1,2\n3",
                             "t.csv:3:2: the row ends after 1 field; the header names 2 columns"},
                    BadInput{"LineBreakInQuotes", "a,b\n\"1\n2\",2\n",
                             "t.csv:2:1: column 'a' holds text '1\\x0a2'; agon reads numeric columns only"},
                    BadInput{"TooMany", "a,b\n1,2,3\n",
                             "t.csv:2:5: the row goes on after 2 fields; the header names 2 columns"},
                    BadInput{
                        "SeveralRows", "a,b\n1\n1,2\n1,2,3\n1\n1,2,3,4\n\"1\n1\"\n1\n1\n",
                        "t.csv:2:2: the row ends after 1 field; the header names 2 columns; likewise 4:5 (3 "
                        "fields), 5:2 (1 field), 6:5 (4 fields), 8:3 (1 field) and 2 more rows"},
                    BadInput{"OneRow", "a,b\n1,2\n", "t.csv:2:1: the only row; training needs two or more"}),
    case_name);

INSTANTIATE_TEST_SUITE_P(
    Header, CsvError,
    testing::Values(
        BadInput{"NamedTwice", "a,b,a\n1,2,3\n", "t.csv:1:5: columns 1 and 3 are both named 'a'"},
        BadInput{
            "SeveralNamedTwice", "a,b,a,c,b,a\n1,2,3,4,5,6\n",
            "t.csv:1:5: columns 1 and 3 are both named 'a', 2 and 5 are both named 'b', 1 and 6 are both "
            "named 'a'"},
        BadInput{"NamedTwiceByQuotes", "a,\"a\"\n1,2\n", "t.csv:1:3: columns 1 and 2 are both named 'a'"},
        BadInput{"NulInAName", "a,b\0c\n1,2\n"s, "t.csv:1:4: " + kNul},
        BadInput{"ConstantColumn", "a,b\n1,2\n1.0,3\n",
                 "t.csv:1:1: column 'a' is constant, so nothing can be learned from it; drop it"},
        BadInput{"ConstantAfterAQuotedLineBreak", "\"a\nb\",c\n1,2\n3,2\n",
                 "t.csv:2:4: column 'c' is constant, so nothing can be learned from it; drop it"}),
    case_name);

INSTANTIATE_TEST_SUITE_P(
    Value, CsvError,
    testing::Values(
        BadInput{"Text", "age,sex\n59,2\n61,male\n", "t.csv:3:4: column 'sex' holds text 'male'" + kText},
        BadInput{"TextInQuotes", "a\n\"x\"\"y\"\n", "t.csv:2:1: column 'a' holds text 'x\"y'" + kText},
        BadInput{"TextBehindANumber", "a\n12mg\n", "t.csv:2:1: column 'a' holds text '12mg'" + kText},
        BadInput{"TwoNumbers", "a\n1 2\n", "t.csv:2:1: column 'a' holds text '1 2'" + kText},
        BadInput{"Hexadecimal", "a\n0x1F\n", "t.csv:2:1: column 'a' holds text '0x1F'" + kText},
        BadInput{"TwoSigns", "a\n--1\n", "t.csv:2:1: column 'a' holds text '--1'" + kText},
        BadInput{"NoDigits", "a\n-.\n", "t.csv:2:1: column 'a' holds text '-.'" + kText},
        BadInput{"NoExponent", "a\n1e+\n", "t.csv:2:1: column 'a' holds text '1e+'" + kText},
        BadInput{"DecimalComma", "a,b\n\"1,5\",2\n", "t.csv:2:1: column 'a' holds text '1,5'" + kText},
        BadInput{"NulByte", "a\n1\0\n"s, "t.csv:2:2: " + kNul},
        BadInput{"EscapeSequence", "a\n\x1B[31m\n", "t.csv:2:1: column 'a' holds text '\\x1b[31m'" + kText},
        BadInput{"LongText", "a\n" + std::string(100, 'x') + "\n",
                 "t.csv:2:1: column 'a' holds text '" + std::string(40, 'x') + "...'" + kText},
        BadInput{"Missing", "a,b\n1,2\n,4\n", "t.csv:3:1: column 'a' has no value here" + kComplete},
        BadInput{"MissingLast", "a,b\n1,2\n3,\n", "t.csv:3:3: column 'b' has no value here" + kComplete},
        BadInput{"MissingAtTheEndOfTheFile", "a,b\n1,2\n3,",
                 "t.csv:3:3: column 'b' has no value here" + kComplete},
        BadInput{"MissingInQuotes", "a\n\"\"\n", "t.csv:2:1: column 'a' has no value here" + kComplete},
        BadInput{"OnlySpaces", "a\n\"  \"\n", "t.csv:2:1: column 'a' has no value here" + kComplete},
        BadInput{"Na", "a\nNA\n", "t.csv:2:1: column 'a' holds 'NA', a missing value" + kComplete},
        BadInput{"Nan", "a\nNaN\n", "t.csv:2:1: column 'a' holds 'NaN', a missing value" + kComplete},
        BadInput{"Infinite", "a,b\n1, -Inf\n", "t.csv:2:3: column 'b' holds '-Inf', which is not finite"},
        BadInput{"TooLarge", "a\n1e301\n", "t.csv:2:1: column 'a' holds '1e301', out of range (1e300)"},
        BadInput{"FarTooLarge", "a\n1e99999999999999999999\n",
                 "t.csv:2:1: column 'a' holds '1e99999999999999999999', out of range (1e300)"}),
    case_name);

INSTANTIATE_TEST_SUITE_P(Quotes, CsvError,
                         testing::Values(BadInput{"NotClosed", "a,b\n1,\"2\n3,4\n",
                                                  "t.csv:2:3: quoted field without a closing quote"},
                                         BadInput{"NotClosedAfterADoubledOne", "a\n\"1\"\"",
                                                  "t.csv:2:1: quoted field without a closing quote"},
                                         BadInput{"TextBehind", "a\n\"1\"2\n",
                                                  "t.csv:2:1: text behind the closing quote of a field"},
                                         BadInput{
                                             "QuoteInside", "a,b\n1,2\"\n",
                                             "t.csv:2:3: quote inside a field that does not start with one"}),
                         case_name);

TEST(CsvLimits, AFieldOfOneMebibyteIsRead) {
  const std::string digits = "0." + std::string(host::kLongestField - 2, '3');
  for (const std::string& field : {digits, '"' + digits + '"'}) {
    const host::Table table = lenient("a\n" + field + "\n");
    EXPECT_EQ(table.values[0], 1.0 / 3);
    EXPECT_EQ(table.columns[0].decimals, host::Column::kAsNeeded);
  }
}

TEST(CsvLimits, ALongerOneIsNot) {
  const std::string error = "t.csv:2:1: field longer than 1 MiB (a missing quote?)";
  const std::string digits(host::kLongestField + 1, '7'), doubled(host::kLongestField / 2 * 2 + 2, '"');
  EXPECT_EQ(error_of("a\n" + digits + "\n"), error);
  EXPECT_EQ(error_of("a\n" + std::string(digits.size(), 'x')), error);
  EXPECT_EQ(error_of("a\n\"" + digits + "\"\n"), error);
  EXPECT_EQ(error_of("a\n\"" + doubled + "\"\n"), error);
  EXPECT_EQ(error_of("a\n\"" + digits), error);
}

TEST(CsvLimits, ATableOfTooManyColumnsIsNotRead) {
  std::string header = "0";
  for (std::size_t c = 1; c <= host::kMostColumns; ++c) header += ',' + std::to_string(c);
  EXPECT_EQ(error_of(header), "t.csv:1:382107: more than 65536 columns");
}

std::string error_of_file(const std::filesystem::path& path) {
  try {
    host::read_csv(path);
    return {};
  } catch (const DataError& error) {
    return error.what();
  }
}

TEST(CsvFiles, ThatCannotBeReadAreDataErrors) {
  const TemporaryFolder folder;
  const std::string prefix = folder.path().string();
  EXPECT_EQ(error_of_file(folder / "absent.csv"),
            prefix + "/absent.csv: cannot read: No such file or directory");
  EXPECT_EQ(error_of_file(folder.path()), prefix + ": cannot read: Is a directory");
  put(folder / "empty.csv", "");
  EXPECT_EQ(error_of_file(folder / "empty.csv"), prefix + "/empty.csv:1:1: the file is empty");
}

TEST(CsvFiles, ThatMayNotBeReadAreDataErrors) {
  const TemporaryFolder folder;
  put(folder / "secret.csv", "a\n1\n2\n");
  ASSERT_EQ(::chmod((folder / "secret.csv").c_str(), 0), 0);
  const bool root = ::geteuid() == 0;  // who may read everything: be nobody for a moment
  ASSERT_TRUE(!root || ::seteuid(65534) == 0);
  const std::string error = error_of_file(folder / "secret.csv");
  ASSERT_TRUE(!root || ::seteuid(0) == 0);
  EXPECT_EQ(error, (folder / "secret.csv").string() + ": cannot read: Permission denied");
}

TEST(CsvOptions, EvaluationTakesConstantColumnsAndSingleRows) {
  const host::Table table = lenient("a,b\n5,1\n");
  EXPECT_TRUE(table.columns[0].constant());
  EXPECT_EQ(table.columns[0].deviation, 0);
  EXPECT_EQ(table.columns[0].mean, 5);
}

}  // namespace csv_error_test
}  // namespace agon::test
