#include "host/run/records_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <string_view>

#include "engine/records/conditions.hpp"
#include "engine/table/suggestion.hpp"
#include "host/config/schema_toml.hpp"
#include "host/table/read_table.hpp"
#include "host/table/text.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

/// The names in a list with commas between; each must be a column's.
std::set<std::string> names_in(const std::string& list, const char* flag, const Schema& schema) {
  std::vector<std::string> known;
  for (const ColumnSchema& column : schema.columns) known.push_back(column.name);
  std::set<std::string> names;
  for (std::size_t at = 0; at <= list.size() && !list.empty();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    const std::string_view word = std::string_view(list).substr(at, end - at);
    const std::size_t first = word.find_first_not_of(' ');
    const std::string name(first == word.npos ? ""
                                              : word.substr(first, word.find_last_not_of(' ') + 1 - first));
    if (std::ranges::find(known, name) == known.end())
      throw ConfigurationError(
          fmt::format("{}: the table has no column {}{}", flag, in_quotes(name), suggestion(name, known)));
    names.insert(name);
    at = end + 1;
  }
  return names;
}

void leave_out(const RecordsRequest& request, Schema& schema) {
  const auto wanted = names_in(request.columns, "--columns", schema);
  const auto unwanted = names_in(request.ignore, "--ignore", schema);
  for (ColumnSchema& column : schema.columns)
    if ((!wanted.empty() && !wanted.contains(column.name)) || unwanted.contains(column.name))
      column.ignored = true;
}

std::string content_of_schema(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw ConfigurationError(path + ": cannot read this schema");
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

RecordsFile read_records_file(const RecordsRequest& request) {
  TableFile read = read_table(request.table);
  Inferred inferred = infer_schema(read.table, request.examples);
  RecordsFile file{std::move(read.table), std::move(inferred.schema), std::move(read.findings)};
  if (!request.schema.empty()) {
    apply_schema_toml(content_of_schema(request.schema), request.schema, file.schema);
    for (Finding& finding : check_schema(file.schema, file.table))
      file.findings.push_back(std::move(finding));
  }
  leave_out(request, file.schema);
  for (Finding& finding : check_constraints(file.schema, file.table))
    file.findings.push_back(std::move(finding));
  // What is said of a column that is left out, or that the user has described, is of no use.
  for (Finding& finding : inferred.findings) {
    const auto its = std::ranges::find(file.schema.columns, finding.column, &ColumnSchema::name);
    if (its == file.schema.columns.end() || !its->ignored) file.findings.push_back(std::move(finding));
  }
  return file;
}

std::string require_sound(const RecordsFile& file, const std::string& name) {
  std::string errors, warnings;
  for (const Finding& finding : file.findings) {
    if (finding.weight == Finding::Weight::error)
      errors += fmt::format("{}{}", errors.empty() ? "" : "\n  ", line_of(finding));
    if (finding.weight == Finding::Weight::warning) warnings += "agon: " + line_of(finding) + "\n";
  }
  if (!errors.empty()) throw DataError(fmt::format("{}: {}", name, errors));
  return warnings;
}

}  // namespace agon::host
