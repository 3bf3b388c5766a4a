// The reader's grammar against libcsv's strict parser, and against itself on other cuts of the same text.
#include <csv.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <optional>

#include "host/table/csv_fields.hpp"
#include "host/table/csv_parser.hpp"
#include "tests/host/table_cases.hpp"

namespace agon::test {
namespace csv_oracle_test {

using Records = std::vector<std::vector<std::string>>;

// What libcsv reads; nothing where it finds the text malformed. Its habits that are no part of RFC 4180 are
// off: it trims no spaces.
std::optional<Records> read_by_libcsv(const std::string& text) {
  struct Reading {
    Records records;
    std::vector<std::string> record;
  } reading;
  csv_parser parser;
  csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI);
  csv_set_space_func(&parser, [](unsigned char) { return 0; });
  const auto on_field = [](void* field, std::size_t size, void* data) {
    static_cast<Reading*>(data)->record.emplace_back(static_cast<const char*>(field), size);
  };
  const auto on_record = [](int, void* data) {
    auto& [records, record] = *static_cast<Reading*>(data);
    records.push_back(std::move(record));
    record.clear();
  };
  const bool read =
      csv_parse(&parser, text.data(), text.size(), on_field, on_record, &reading) == text.size() &&
      csv_fini(&parser, on_field, on_record, &reading) == 0;
  csv_free(&parser);
  if (!read) return std::nullopt;
  return reading.records;
}

std::optional<Records> read_by_agon(const std::string& text) {
  host::CsvFields fields("t.csv");
  Records records;
  try {
    for (fields.open(text, true); !fields.exhausted();) {
      if (fields.skip_blank_line()) continue;
      records.emplace_back();
      do {
        records.back().emplace_back(fields.next_field());
      } while (fields.next_in_record());
      fields.end_record();
    }
  } catch (const DataError&) {
    return std::nullopt;
  }
  return records;
}

// Text from pieces that matter to the grammar; no lone CR, which libcsv takes for a line end.
rc::Gen<std::string> csv_text() {
  const auto piece =
      rc::gen::element<std::string>(",", ",", "\n", "\r\n", "\"", "\"\"", "1", "-2.5", "x", " ", "é", "\",\"",
                                    "\"\n\"", "a,b\n", std::string(1, '\0'));
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(piece),
                      [](const std::vector<std::string>& pieces) {
                        std::string text;
                        for (const std::string& one : pieces) text += one;
                        return text;
                      });
}

TEST(CsvOracle, ReadsWhatLibcsvReads) {
  EXPECT_TRUE(rc::check([] {
    for (const std::string& text : *rc::gen::container<std::vector<std::string>>(30, csv_text())) {
      RC_ASSERT(read_by_agon(text) == read_by_libcsv(text));
    }
  }));
}

TEST(CsvOracle, ReadsWhatLibcsvReadsOfPickedTexts) {
  for (const std::string text :
       {"a,b\n1,2", "a,b\r\n\"1\r\n\",2\r\n", "\"\"\"\"", "\"a\"\"b\",c\n", ",", ",\n,", "\n\n1\n\n",
        "\"a\nb\"\n\"c\"", "a,", "\"a\"b", "a\"b", "\"a", "\"a\"\"", "\"\"x", "\"\",\"\"\n", ""}) {
    EXPECT_EQ(read_by_agon(text), read_by_libcsv(text)) << text;
  }
}

// Reads `text` in pieces of the given sizes, the rest at the end.
std::string outcome(const std::string& text, const std::vector<std::size_t>& sizes) {
  host::CsvParser parser("t.csv", {.for_training = false});
  try {
    std::string held;
    std::size_t fed = 0;
    for (const std::size_t size : sizes) {
      held += text.substr(fed, size);
      fed = std::min(text.size(), fed + size);
      held.erase(0, parser.feed(held, false));
    }
    held += text.substr(fed);
    parser.feed(held, true);
    return written(std::move(parser).finish());
  } catch (const DataError& error) {
    return error.what();
  }
}

rc::Gen<std::string> table_text() {
  const auto line =
      rc::gen::element<std::string>("1,2\n", "-1.5,2e3\r\n", "\"1\",\"2\"\n", "\"3\n\",4\n", "5,x\n", "6\n",
                                    "7,8,9\n", "\n", "\r\n", "1,\"2", "1,2\r", " 1 , 2 \n", ",\n");
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(line),
                      [](const std::vector<std::string>& lines) {
                        std::string text = "a,\"b\n\"\"\"\r\n";
                        for (const std::string& one : lines) text += one;
                        return text;
                      });
}

TEST(CsvOracle, DoesNotDependOnHowTheTextIsCut) {
  EXPECT_TRUE(rc::check([] {
    const std::string bytes = *csv_text();
    const std::string text =
        *rc::gen::arbitrary<bool>() ? "\xEF\xBB\xBF" + *table_text() : *table_text() + bytes;
    const auto sizes = *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 7));
    RC_ASSERT(outcome(text, sizes) == outcome(text, {}));
  }));
}

TEST(CsvOracle, ReadsTheSameByteByByte) {
  const std::string text = "\xEF\xBB\xBF\"a\",b\r\n1,\"2\"\r\n\"3\",4.5\n\n";
  EXPECT_EQ(outcome(text, std::vector<std::size_t>(text.size(), 1)), "a,b\n1,2.0\n3,4.5\n");
}

}  // namespace csv_oracle_test
}  // namespace agon::test
