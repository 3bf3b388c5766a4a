#include "host/table/schema_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "host/table/column_summary.hpp"
#include "host/table/text.hpp"

namespace agon::host {
namespace {

constexpr std::size_t kReportWidth = 110;
constexpr std::size_t kLongestName = 28;

/// Characters of UTF-8 text, each taken as one place wide.
std::size_t places(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// At most `width` places, the last three of them points where it was longer.
std::string shortened(std::string_view text, std::size_t width) {
  if (places(text) <= width) return std::string(text);
  std::size_t bytes = 0, seen = 0;
  for (; bytes < text.size(); ++bytes) {
    const bool starts = (static_cast<unsigned char>(text[bytes]) & 0xC0) != 0x80;
    if (starts && seen == width - 3) break;
    seen += starts;
  }
  return std::string(text.substr(0, bytes)) + "...";
}

std::string padded(std::string_view text, std::size_t width) {
  const std::size_t used = places(text);
  return std::string(text) + std::string(used < width ? width - used : 0, ' ');
}

std::string missing_percent(std::int64_t missing, std::int64_t rows) {
  if (missing == 0 || rows == 0) return "-";
  const double percent = 100.0 * static_cast<double>(missing) / static_cast<double>(rows);
  return percent < 0.1 ? "<0.1%" : fmt::format("{:.1f}%", percent);
}

/// Words in lines of at most kReportWidth places, all but the first behind `indent`.
std::string wrapped(std::string_view first, std::string_view indent, std::string_view text) {
  std::string out(first);
  std::size_t column = places(first);
  bool line_start = true;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string word = shortened(text.substr(0, end), kReportWidth - indent.size());
    const std::size_t needed = places(word) + (line_start ? 0 : 1);
    if (!line_start && column + needed > kReportWidth) {
      (out += '\n') += indent;
      column = indent.size();
      line_start = true;
    }
    if (!line_start) out += ' ';
    out += word;
    column += places(word) + (line_start ? 0 : 1);
    line_start = false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out + "\n";
}

std::string finding_lines(const Finding& finding) {
  constexpr std::string_view kWeights[] = {"note     ", "warning  ", "error    "};
  constexpr std::string_view kIndent = "         ";
  const std::string name = finding.column.empty() ? "" : printable(finding.column) + ": ";
  std::string text =
      wrapped(kWeights[static_cast<std::size_t>(finding.weight)], kIndent, name + finding.what);
  if (!finding.remedy.empty()) text += wrapped("         -> ", "            ", finding.remedy);
  return text;
}

std::string column_lines(const TextTable& table, const Schema& schema, Examples examples) {
  const bool any = examples == Examples::any;
  std::vector<std::string> names;
  std::size_t width = 6;
  for (const ColumnSchema& column : schema.columns) {
    names.push_back(shortened(printable(column.name), kLongestName));
    width = std::max(width, places(names.back()));
  }
  const auto line = [&](std::string_view name, std::string_view kind, std::string_view values,
                        std::string_view missing, std::string_view details) {
    const std::string start =
        fmt::format("{}  {:<12} {:>8} {:>8}  ", padded(name, width), kind, values, missing);
    const std::string text = start + shortened(details, kReportWidth - places(start));
    return text.substr(0, text.find_last_not_of(' ') + 1) + "\n";
  };
  std::string text =
      line("column", "kind", "values", "missing",
           any ? "least to greatest, levels or format" : "1st to 99th percentile, levels or format");
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::int64_t index = table.find(schema.columns[i].name);
    if (index < 0) continue;
    const ColumnSummary summary =
        summarise(table.columns[static_cast<std::size_t>(index)], schema.columns[i], any ? 1 : schema.rarest);
    text += line(names[i], to_string(schema.columns[i].kind), std::to_string(summary.distinct),
                 missing_percent(summary.missing, table.rows), summary.details);
  }
  return text;
}

}  // namespace

std::string describe_schema(const TextTable& table, const Schema& schema, std::span<const Finding> findings,
                            Examples examples) {
  std::string text = fmt::format("{} rows, {} columns\n\n", table.rows, table.columns.size());
  text += column_lines(table, schema, examples);
  std::vector<Finding> sorted(findings.begin(), findings.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Finding& a, const Finding& b) { return a.weight > b.weight; });
  if (!sorted.empty()) text += "\n";
  for (const Finding& finding : sorted) text += finding_lines(finding);
  return text;
}

}  // namespace agon::host
