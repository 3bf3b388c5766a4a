// What the library writes and reads does not depend on the locale: a global one with a decimal comma and
// points between thousands, of the test's own.
#include <gtest/gtest.h>

#include <clocale>
#include <limits>
#include <locale>
#include <sstream>
#include <string>
#include <vector>

#include "engine/agon.hpp"
#include "engine/runtime/decimal_text.hpp"
#include "tests/engine/error_of.hpp"
#include "tests/engine/records/drawn_patients.hpp"
#include "tests/engine/trained_gan.hpp"

namespace agon {
namespace locale_test {

class German : public std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

/// C++'s, and C's where the machine has one with a decimal comma.
class CommaLocale {
 public:
  CommaLocale() : before_(std::locale::global(std::locale(std::locale::classic(), new German))) {
    std::ostringstream text;
    text << 12345.5;
    EXPECT_EQ(text.str(), "12.345,5");  // the test can fail
    for (const char* const name : {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "nl_NL.UTF-8"})
      if (std::setlocale(LC_ALL, name) != nullptr) break;
  }
  ~CommaLocale() {
    std::locale::global(before_);
    std::setlocale(LC_ALL, "C");
  }

 private:
  std::locale before_;
};

/// All texts of the library that have numbers in them.
std::vector<std::string> texts() {
  std::vector<std::string> all;
  GanConfig config;
  config.generator.widths = {4, 1000, 3};
  config.discriminator.widths = {3, 1000, 1};
  config.batch = 1000;
  config.generator_rate = 0.00025;
  config.penalties.r1 = 0.5;
  Gan gan(config, Device::cpu(1));
  std::vector<float> table = test::normal_numbers(3000, 1);
  for (float& value : table) value = 1234.5f + 67.25f * value;
  gan.set_data(table, 1000);
  all = gan.warnings();
  all.push_back(serialize_checkpoint({config, gan.snapshot(), "cpu", 1, {}}));
  EXPECT_EQ(parse_checkpoint(all.back()).config, config);
  const auto add = [&](const auto& call) { all.push_back(test::error_of(call)); };
  add([&] { config.generator_rate = -1.5, config.validate(); });
  add([&] { config = GanConfig{}, config.batch = 123456789, config.validate(); });
  add([&] { config = GanConfig{}, config.pack = 7, config.validate(); });
  add([&] { gan.sample(std::int64_t{1} << 60, 1); });
  add([&] { gan.set_data(table, 1234567); });
  add([&] { table[1] = std::numeric_limits<float>::infinity(), gan.set_data(table, 1000); });
  add([&] { Device::cpu(1234567); });
  for (const Device& device : Device::all()) all.push_back(device.description());

  const TextTable patients = test::patients();
  const Inferred inferred = infer_schema(patients);
  for (const Finding& finding : inferred.findings) all.push_back(line_of(finding));
  all.push_back(schema_to_json(inferred.schema));
  const Table fitted = Table::fit(patients, inferred.schema, Device::cpu(1), {.steps = 2});
  for (const auto& lines : {fitted.warnings(), fitted.coding().relations(), fitted.coding().description()})
    all.insert(all.end(), lines.begin(), lines.end());
  all.push_back(fitted.coding().to_json());
  EXPECT_EQ(Coding::from_json(all.back(), "text").to_json(), all.back());
  for (const TextColumn& column : fitted.sample(1500).columns)
    for (const std::string_view spelling : column.spellings) all.emplace_back(spelling);
  add([&] { fitted.sample(5, 1, {.where = "sbp = x"}); });
  return all;
}

TEST(Texts, AreThoseOfCsLocale) {
  const std::vector<std::string> plain = texts();
  const CommaLocale comma;
  EXPECT_EQ(texts(), plain);
}

TEST(DecimalText, IsPrintfsInCsLocale) {
  const CommaLocale comma;
  EXPECT_EQ(short_decimal(0.25, 4), "0.25");
  EXPECT_EQ(short_decimal(1e30, 3), "1e+30");
  EXPECT_EQ(short_decimal(123456, 2), "1.2e+05");
  EXPECT_EQ(fixed_decimal(15.949, 1), "15.9");
  EXPECT_EQ(fixed_decimal(1234567.5, 1), "1234567.5");
  EXPECT_EQ(fixed_decimal(-1e308, 6).size(), 317u);
}

}  // namespace locale_test
}  // namespace agon
