#include "host/table/dialect.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <span>
#include <vector>

namespace agon::host {
namespace {

// Of equally good ones the first is taken: a comma is also a decimal mark, and stands in texts.
constexpr std::string_view kSeparators = "\t;|,";
constexpr std::string_view kTellable = ",;\t|:!#$%&*/@^_~";  // by a line "sep=;"
constexpr std::size_t kSampleBytes = 1 << 16;
constexpr std::size_t kSampleRecords = 100;

// How often a record holds each of kSeparators outside quotes, and how it starts.
struct RecordCounts {
  std::array<int, 4> count{};
  std::string_view text;

  bool blank() const { return text.find_first_not_of(" \t;|,\r") == text.npos; }
};

// The first records, as far as the sample holds them whole.
std::vector<RecordCounts> sample_records(std::string_view text) {
  std::vector<RecordCounts> records;
  RecordCounts record;
  bool in_quotes = false;
  std::size_t begin = 0;
  const std::size_t stop = std::min(text.size(), kSampleBytes);
  for (std::size_t i = 0; i <= stop && records.size() < kSampleRecords; ++i) {
    const char c = i == text.size() ? '\n' : text[i];
    if (c == '"') in_quotes = !in_quotes;
    if (in_quotes) continue;
    if (c != '\n' && c != '\r') {
      if (const std::size_t s = kSeparators.find(c); s != kSeparators.npos) ++record.count[s];
      continue;
    }
    record.text = text.substr(begin, i - begin);
    if (!record.blank()) records.push_back(record);
    record = {};
    begin = i + 1;
  }
  begin = std::min(begin, stop);
  record.text = text.substr(begin, stop - begin);
  if (records.empty() && !record.blank()) records.push_back(record);  // a header longer than the sample
  return records;
}

// The share of the rows with as many separators as the header, or one more: R's row names, a comma at the
// end.
double agreement(const std::vector<RecordCounts>& records, std::size_t separator) {
  const int header = records.front().count[separator];
  std::array<std::size_t, 2> rows{};
  for (std::size_t i = 1; i < records.size(); ++i) {
    const int more = records[i].count[separator] - header;
    if (more == 0 || more == 1) ++rows[static_cast<std::size_t>(more)];
  }
  const double total = static_cast<double>(std::max<std::size_t>(records.size() - 1, 1));
  return records.size() == 1 ? 1 : static_cast<double>(std::max(rows[0], rows[1])) / total;
}

bool decimal_comma(std::string_view record) {
  const std::size_t comma = record.find(',');
  return comma != record.npos && record.find_first_of("0123456789", comma) == comma + 1 &&
         record.find_first_not_of("0123456789-+eE \r", comma + 1) == record.npos &&
         record.substr(0, comma).find_first_not_of("0123456789-+ ") == record.npos;
}

// A header of one name says nothing of the separator. R's row names do, which it writes in quotes; a single
// column of numbers with decimal commas has none, which any but the comma says.
char separator_of_one_name(const std::vector<RecordCounts>& records) {
  if (records.size() < 2) return ',';
  const std::span<const RecordCounts> rows = std::span(records).subspan(1);
  for (std::size_t s = 0; s < kSeparators.size(); ++s) {
    const auto named = [s](const RecordCounts& row) { return row.text[0] == '"' && row.count[s] == 1; };
    if (std::ranges::all_of(rows, named)) return kSeparators[s];
  }
  const bool decimals = std::ranges::all_of(rows, [](const RecordCounts& row) {
    return decimal_comma(row.text) || row.text.find_first_not_of("0123456789") == row.text.npos;
  });
  const bool any = std::ranges::any_of(rows, [](const RecordCounts& row) { return row.count[3] != 0; });
  return decimals && any ? ';' : ',';
}

char separator_of(const std::vector<RecordCounts>& records) {
  if (records.empty()) return ',';
  std::size_t best = kSeparators.size();
  double best_share = 0;
  for (std::size_t s = 0; s < kSeparators.size(); ++s) {
    if (records.front().count[s] == 0) continue;
    const double share = agreement(records, s);
    const bool more_names = records.size() == 1 && best != kSeparators.size() &&
                            records.front().count[s] > records.front().count[best];
    if (best != kSeparators.size() && share <= best_share && !more_names) continue;
    best = s;
    best_share = share;
  }
  return best == kSeparators.size() ? separator_of_one_name(records) : kSeparators[best];
}

// "age" "sex", as R's write.table has it.
bool separated_by_spaces(std::string_view header) {
  const std::size_t gap = header.find("\" \"", 1);
  return header.starts_with('"') && gap != header.npos && header[gap - 1] != '"' && gap + 3 < header.size() &&
         header[gap + 3] != '"';
}

}  // namespace

bool begins_separator_line(std::string_view text) {
  constexpr std::string_view kSep = "sep=";
  const auto same = [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); };
  return text.size() >= kSep.size() && std::equal(kSep.begin(), kSep.end(), text.begin(), same);
}

std::string_view plural_name(char separator) {
  switch (separator) {
    case ',':
      return "commas";
    case ';':
      return "semicolons";
    case '\t':
      return "tabs";
    case '|':
      return "bars";
    default:
      return "the character of its sep= line";
  }
}

Dialect detect_dialect(const Source& source) {
  const std::string_view text = source.text();
  const std::size_t line_end = std::min(text.find_first_of("\r\n"), text.size());
  const bool separator_line =
      line_end == 5 && begins_separator_line(text) && kTellable.find(text[4]) != kTellable.npos;
  if (separator_line) {
    const bool crlf = text.substr(line_end).starts_with("\r\n");
    return {text[4], std::min(text.size(), line_end + (crlf ? 2 : 1))};
  }
  const std::vector<RecordCounts> records = sample_records(text);
  const char separator = separator_of(records);
  if (!records.empty() && records.front().text.find(separator) == std::string_view::npos &&
      separated_by_spaces(records.front().text)) {
    source.fail(0,
                "columns separated by spaces; agon reads commas, semicolons, tabs and bars: write it with "
                "sep = \",\"");
  }
  return {separator, 0};
}

}  // namespace agon::host
