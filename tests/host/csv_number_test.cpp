// Numbers from text: their values against the C library's, their precision by construction.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <cstdlib>

#include "engine/table/number.hpp"

namespace agon::test {
namespace csv_number_test {

Number parsed(const std::string& text) {
  Number number;
  const auto [end, status] = parse_number(text.data(), text.data() + text.size(), number);
  EXPECT_EQ(status, NumberStatus::number) << text;
  EXPECT_EQ(end, text.data() + text.size()) << text;
  return number;
}

rc::Gen<std::string> digits(int most) {
  return rc::gen::mapcat(rc::gen::inRange(0, most + 1), [](int count) {
    return rc::gen::container<std::string>(static_cast<std::size_t>(count),
                                           rc::gen::inRange('0', static_cast<char>('9' + 1)));
  });
}

TEST(CsvNumber, ValuesAreThoseOfStrtod) {
  EXPECT_TRUE(rc::check([] {
    const std::string sign = *rc::gen::element<std::string>("", "-", "+");
    const std::string whole = *digits(25), fraction = *digits(25);
    RC_PRE(!whole.empty() || !fraction.empty());
    const int power = *rc::gen::inRange(-330, 310);
    const std::string exponent = *rc::gen::arbitrary<bool>() ? "e" + std::to_string(power) : "";
    const std::string text = sign + whole + (fraction.empty() ? "" : "." + fraction) + exponent;
    const double expected = std::strtod(text.c_str(), nullptr);
    Number number;
    const auto [end, status] = parse_number(text.data(), text.data() + text.size(), number);
    RC_ASSERT(end == text.data() + text.size());
    const bool zero = (whole + fraction).find_first_not_of('0') == std::string::npos;
    if (std::abs(expected) > kLargestMagnitude) {
      RC_ASSERT(status == NumberStatus::out_of_range);
    } else {
      RC_ASSERT(status == NumberStatus::number);
      RC_ASSERT(number.value == expected);
      RC_ASSERT(number.vanished == (expected == 0 && !zero));
    }
  }));
}

TEST(CsvNumber, EveryDoubleComesBack) {
  EXPECT_TRUE(rc::check([](double value) {
    RC_PRE(std::isfinite(value) && std::abs(value) <= kLargestMagnitude);
    char text[40];
    std::snprintf(text, sizeof text, "%.17g", value);
    RC_ASSERT(parsed(text).value == value);
  }));
}

TEST(CsvNumber, PrecisionIsThatOfTheSpelling) {
  const struct {
    const char* text;
    int decimals, printed;
  } cases[] = {{"54", 0, 0},      {"54.0", 0, 1},     {"54.50", 1, 2},     {"-0.001", 3, 3},
               {".5", 1, 1},      {"1500e-2", 0, 2},  {"1.5e-2", 3, 3},    {"1.5e2", 0, 0},
               {"1.234e2", 1, 1}, {"1.2300e2", 0, 2}, {"0.000", 0, 3},     {"0e-5", 0, 5},
               {"100", 0, 0},     {"1e22", 0, 0},     {"2.500e-01", 2, 4}, {"1e-17", 17, 17},
               {"1e-18", 18, 18}, {"1e-300", 18, 18}, {"0.1e1", 0, 0},     {"1.0e-1", 1, 2}};
  for (const auto& [text, decimals, printed] : cases) {
    const Number number = parsed(text);
    EXPECT_EQ(number.decimals, decimals) << text;
    EXPECT_EQ(number.printed_decimals, printed) << text;
  }
}

TEST(CsvNumber, NoiseOfConversionIsNoPrecision) {
  const struct {
    const char* text;
    int decimals;
  } cases[] = {{"0.30000000000000004", 1},   {"4.803999999999999", 3},      {"5.3660000000000005", 3},
               {"-1234567.8000000001", 1},   {"99.99999999999999", 0},      {"22.690939482158665", 15},
               {"0.1234567890123", 13},      {"0.123456789012", 12},        {"3.3333333333333335", 16},
               {"1.0000000000000002e-5", 5}, {"1.5e-20", kDecimalsAsNeeded}};
  for (const auto& [text, decimals] : cases) {
    Number number = parsed(text);
    const double value = number.value;
    forget_noise(number);
    EXPECT_EQ(number.decimals, decimals) << text;
    EXPECT_EQ(number.value, value) << text;
  }
}

TEST(CsvNumber, WhatIsTooSmallForADoubleIsZeroAndSaysSo) {
  for (const char* text : {"1e-400", "-1e-400", "0.0001e-330", "1e-99999999999999999999",
                           "123456789012345678901234567890e-400"}) {
    const Number number = parsed(text);
    EXPECT_TRUE(number.vanished) << text;
    EXPECT_EQ(number.value, 0) << text;
    EXPECT_FALSE(std::signbit(number.value)) << text;
    EXPECT_EQ(number.printed_decimals, 0) << text;
  }
  for (const char* text : {"0e-400", "0.000", "4.9406564584124654e-324", "1e-310"}) {
    EXPECT_FALSE(parsed(text).vanished) << text;
  }
}

TEST(CsvNumber, StopsWhereANumberStops) {
  Number number;
  const auto parse = [&number](std::string_view text) {
    const auto [end, status] = parse_number(text.data(), text.data() + text.size(), number);
    return std::pair(end - text.data(), status);
  };
  EXPECT_EQ(parse("12abc"), std::pair(std::ptrdiff_t{2}, NumberStatus::number));
  EXPECT_EQ(parse("1e"), std::pair(std::ptrdiff_t{1}, NumberStatus::number));
  EXPECT_EQ(parse("1e+,"), std::pair(std::ptrdiff_t{1}, NumberStatus::number));
  EXPECT_EQ(parse("1.2.3"), std::pair(std::ptrdiff_t{3}, NumberStatus::number));
  for (const char* text : {"", "-", ".", "-.", "e5", "nan", "inf", " ", "+-1"}) {
    EXPECT_EQ(parse(text).second, NumberStatus::not_a_number) << text;
  }
}

}  // namespace csv_number_test
}  // namespace agon::test
