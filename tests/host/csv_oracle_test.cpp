// The reader's grammar against libcsv's strict parser.
#include <csv.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <memory>
#include <optional>

#include "host/table/code_point.hpp"
#include "host/table/records.hpp"
#include "tests/host/table_cases.hpp"

namespace agon::test {
namespace csv_oracle_test {

using Records = std::vector<std::vector<std::string>>;

// What libcsv reads, trimmed; nothing where it finds the text malformed. It ignores spaces and tabs around
// quotes, and lines without a field, as agon does.
std::optional<Records> read_by_libcsv(const std::string& text) {
  struct Reading {
    Records records;
    std::vector<std::string> record;
  } reading;
  csv_parser parser;
  csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI);
  const auto on_field = [](void* field, std::size_t size, void* data) {
    static_cast<Reading*>(data)->record.emplace_back(host::trimmed({static_cast<const char*>(field), size}));
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
  const host::Source source{"t.csv", std::make_shared<const std::string>(text)};
  TextArena arena;
  host::Records reader(source, ',', 0, arena);
  Records records;
  try {
    for (std::vector<std::string_view> fields; reader.next(fields); fields.clear()) {
      if (fields.size() == 1 && !reader.quoted() && host::trimmed(fields[0]).empty()) continue;
      records.emplace_back();
      for (const std::string_view field : fields) records.back().emplace_back(host::trimmed(field));
    }
  } catch (const DataError&) {
    return std::nullopt;
  }
  return records;
}

// Text from pieces that matter to the grammar.
rc::Gen<std::string> csv_text() {
  const auto piece = rc::gen::element<std::string>(",", ",", "\n", "\r\n", "\r", "\"", "\"\"", "1", "-2.5",
                                                   "x", " ", "\t", "é", "\",\"", "\"\n\"", "a,b\n");
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

}  // namespace csv_oracle_test
}  // namespace agon::test
