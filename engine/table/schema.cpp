#include "engine/table/schema.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

#include "engine/table/cell_reader.hpp"
#include "engine/table/cell_text.hpp"
#include "engine/table/finding_text.hpp"
#include "engine/table/moment.hpp"
#include "engine/table/number_text.hpp"
#include "engine/table/whole_table.hpp"
#include "kernels/error.hpp"

namespace agon {
namespace {

using Weight = Finding::Weight;

constexpr std::array<std::pair<ColumnKind, std::string_view>, 11> kColumnKinds = {{
    {ColumnKind::continuous, "continuous"},
    {ColumnKind::count, "count"},
    {ColumnKind::code, "ordered code"},
    {ColumnKind::category, "category"},
    {ColumnKind::boolean, "boolean"},
    {ColumnKind::date, "date"},
    {ColumnKind::time, "time"},
    {ColumnKind::date_time, "date-time"},
    {ColumnKind::identifier, "identifier"},
    {ColumnKind::constant, "constant"},
    {ColumnKind::text, "text"},
}};

/// Cells of a column that are not of its kind.
void check_cells(const ColumnSchema& schema, const TextColumn& column, std::vector<Finding>& findings) {
  const CellReader reader(schema);
  const std::vector<std::int64_t> rows = column.counts();
  std::int64_t misfits = 0;
  std::vector<std::string_view> examples;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    double value = 0;
    if (rows[i] == 0 || reader.read(column.spellings[i], value) != CellReader::Cell::misfit) continue;
    misfits += rows[i];
    examples.push_back(column.spellings[i]);
  }
  if (misfits == 0) return;
  findings.push_back(
      {Weight::error, schema.name,
       "not " + reader.expected() + " in " + rows_text(misfits) + ": " + examples_text(examples),
       "correct the cells, or list them under missing or marks, or give another kind"});
}

void check_column(const ColumnSchema& schema, const TextColumn& column, std::vector<Finding>& findings) {
  if (schema.is_moment()) {
    const std::string fault = fault_of_format(schema.format, schema.kind);
    if (!fault.empty()) {
      findings.push_back({Weight::error, schema.name,
                          "its format " + quoted_text(schema.format) + " " + fault,
                          "write it as strftime has it, \"%Y-%m-%d\""});
      return;
    }
  }
  check_cells(schema, column, findings);
}

}  // namespace

std::string_view to_string(ColumnKind kind) {
  for (const auto& [known, name] : kColumnKinds)
    if (known == kind) return name;
  throw ConfigurationError("no kind of column has number " + std::to_string(static_cast<int>(kind)));
}

ColumnKind parse_kind(std::string_view name) {
  std::string all;
  for (const auto& [kind, known] : kColumnKinds) {
    if (known == name) return kind;
    all += (all.empty() ? "" : ", ") + std::string(known);
  }
  throw ConfigurationError("no kind of column is called " + quoted_text(name) + "; the kinds are " + all);
}

std::string line_of(const Finding& finding) {
  const std::string column = finding.column.empty() ? "" : "column " + quoted_text(finding.column) + ": ";
  return column + finding.what + (finding.remedy.empty() ? "" : "; ") + finding.remedy;
}

std::vector<Finding> check_schema(const Schema& schema, const TextTable& table) {
  require_whole(table);
  std::vector<Finding> findings;
  std::unordered_set<std::string_view> named;
  for (const ColumnSchema& column : schema.columns) {
    const std::int64_t index = table.find(column.name);
    if (!named.insert(column.name).second) {
      findings.push_back({Weight::error, column.name, "stands twice in the schema", "leave one of them out"});
    } else if (index < 0) {
      findings.push_back({Weight::error, column.name, "the table has no such column",
                          "correct its name, or leave it out of the schema"});
    } else if (!column.ignored) {
      check_column(column, table.columns[static_cast<std::size_t>(index)], findings);
    }
  }
  for (const TextColumn& column : table.columns)
    if (!named.contains(column.name))
      findings.push_back({Weight::error, column.name, "is not in the schema",
                          "add it, with ignored = true if it is not wanted"});
  return findings;
}

ReadColumn read_column(const TextColumn& column, const ColumnSchema& schema) {
  const CellReader reader(schema);
  ReadColumn read;
  read.cell.resize(column.spellings.size());
  read.value.resize(column.spellings.size());
  for (std::size_t i = 0; i < column.spellings.size(); ++i) {
    switch (reader.read(column.spellings[i], read.value[i])) {
      case CellReader::Cell::value:
        read.cell[i] = ReadColumn::Cell::value;
        break;
      case CellReader::Cell::missing:
        read.cell[i] = ReadColumn::Cell::missing;
        break;
      case CellReader::Cell::mark:
        read.cell[i] = ReadColumn::Cell::mark;
        break;
      case CellReader::Cell::misfit:
        throw DataError("column " + quoted_text(schema.name) + ": " + quoted_text(column.spellings[i]) +
                        " is not " + reader.expected() + ", nor listed under missing or marks");
    }
  }
  return read;
}

Schema without_rare_marks(Schema schema, const TextTable& table) {
  require_whole(table);
  for (ColumnSchema& column : schema.columns) {
    const std::int64_t index = table.find(column.name);
    if (column.keep_rare || column.marks.empty() || index < 0) continue;
    std::unordered_map<std::string_view, std::int64_t> rows;
    const TextColumn& cells = table.columns[static_cast<std::size_t>(index)];
    const std::vector<std::int64_t> counts = cells.counts();
    for (std::size_t i = 0; i < counts.size(); ++i) rows[trimmed(cells.spellings[i])] += counts[i];
    const auto is_rare = [&](const std::string& mark) { return rows[trimmed(mark)] < schema.rarest; };
    if (std::erase_if(column.marks, is_rare) > 0) column.rare_marks = true;
  }
  return schema;
}

std::string spell(double value, const ColumnSchema& schema) {
  if (schema.is_moment())
    return spell_moment(value, schema.format, schema.kind, schema.number.printed_decimals);
  const auto& sentinels = schema.sentinels;
  if (std::find(sentinels.begin(), sentinels.end(), value) == sentinels.end())
    return spell_number(value, schema.number);
  NumberFormat bare = schema.number;  // "-999" among "13.0"
  bare.fewest_decimals = 0;
  return spell_number(value, bare);
}

}  // namespace agon
