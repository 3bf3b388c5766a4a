#include "host/evaluate/tables/compared_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "engine/table/finding_text.hpp"
#include "engine/table/table_fit.hpp"
#include "host/evaluate/tables/column_reader.hpp"
#include "host/table/text.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

/// Errors of the schema, or of the real table by it.
void require_fit(const TextTable& real, const Schema& schema) {
  std::string errors;
  for (const Finding& finding : check_schema(schema, real))
    if (finding.weight == Finding::Weight::error) errors += (errors.empty() ? "" : "\n  ") + line_of(finding);
  if (!errors.empty()) throw DataError("the real table: " + errors);
}

bool is_compared(const ColumnSchema& column) {
  return !column.ignored && column.kind != ColumnKind::identifier && column.kind != ColumnKind::text;
}

const TextColumn* column_named(const TextTable& table, std::string_view name) {
  const std::int64_t index = table.find(name);
  return index < 0 ? nullptr : &table.columns[static_cast<std::size_t>(index)];
}

/// A column that a table lacks.
ComparedCells no_cells(std::int64_t rows, ComparedColumn::Kind kind) {
  const auto n = static_cast<std::size_t>(rows);
  ComparedCells cells;
  cells.levels.assign(n, ComparedCells::kNone);
  if (kind == ComparedColumn::Kind::number) cells.numbers.assign(n, std::nan(""));
  return cells;
}

std::string misfit_warning(const std::string& name, const char* which, std::int64_t misfits,
                           std::int64_t rows, const ColumnSchema& schema) {
  return fmt::format("column {}: not {} in {} of the {} table; they count as no value", in_quotes(name),
                     CellReader(schema).expected(), share_text(misfits, rows), which);
}

/// What one column of the result is made of.
struct ColumnParts {
  ComparedColumn column;
  ComparedCells real, synthetic, held_out;
  std::vector<std::string> warnings;
};

ColumnParts read_compared_column(const TextColumn& real, const TextTable& synthetic,
                                 const TextTable* held_out, const ColumnSchema& schema,
                                 const Device& device) {
  ComparedColumnReader reader(real, schema, device);
  ColumnParts parts;
  parts.real = reader.real();
  std::int64_t misfits = 0;
  const TextColumn* const drawn = column_named(synthetic, schema.name);
  if (drawn != nullptr) {
    parts.synthetic = reader.read(*drawn, misfits);
  } else {
    parts.synthetic = no_cells(synthetic.rows, reader.column().kind);
    parts.warnings.push_back(fmt::format("the synthetic table lacks column {}", in_quotes(schema.name)));
  }
  if (misfits > 0)
    parts.warnings.push_back(misfit_warning(schema.name, "synthetic", misfits, synthetic.rows, schema));
  if (held_out != nullptr) {
    parts.held_out = reader.read(*column_named(*held_out, schema.name), misfits);
    if (misfits > 0)
      parts.warnings.push_back(misfit_warning(schema.name, "held-out", misfits, held_out->rows, schema));
  }
  parts.column = reader.column();
  parts.column.in_synthetic = drawn != nullptr;
  return parts;
}

std::string list_of(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + in_quotes(name);
  return text;
}

/// The compared columns, in the real table's order.
std::vector<const ColumnSchema*> compared_columns(const TextTable& real, const Schema& schema,
                                                  std::vector<std::string>& left_out) {
  std::vector<const ColumnSchema*> compared;
  for (const TextColumn& column : real.columns) {
    const auto its = std::ranges::find(schema.columns, column.name, &ColumnSchema::name);
    if (is_compared(*its))
      compared.push_back(&*its);
    else
      left_out.push_back(column.name);
  }
  if (compared.empty())
    throw DataError("nothing to compare: every column of the real table is an identifier, text, or ignored");
  return compared;
}

void check_shared(const std::vector<const ColumnSchema*>& compared, const TextTable& synthetic,
                  const TextTable* held_out) {
  std::vector<std::string> missing;
  bool shared = false;
  for (const ColumnSchema* column : compared) {
    shared = shared || synthetic.find(column->name) >= 0;
    if (held_out != nullptr && held_out->find(column->name) < 0) missing.push_back(column->name);
  }
  if (!missing.empty()) throw DataError("the held-out table lacks " + list_of(missing));
  if (!shared) throw DataError("the synthetic table has none of the real table's columns");
}

}  // namespace

RecordSet part(const RecordSet& records, const std::vector<std::int64_t>& which) {
  RecordSet result;
  result.rows = std::ssize(which);
  for (const ComparedCells& column : records.columns) {
    ComparedCells& some = result.columns.emplace_back();
    for (const std::int64_t row : which) some.levels.push_back(column.levels[static_cast<std::size_t>(row)]);
    if (column.numbers.empty()) continue;
    for (const std::int64_t row : which)
      some.numbers.push_back(column.numbers[static_cast<std::size_t>(row)]);
  }
  return result;
}

ComparedTables compare_tables(const TextTable& real, const TextTable& synthetic, const TextTable* held_out,
                              const Schema& schema, const Device& device) {
  require_fit(real, schema);
  ComparedTables tables;
  const std::vector<const ColumnSchema*> compared = compared_columns(real, schema, tables.left_out);
  check_shared(compared, synthetic, held_out);

  std::vector<ColumnParts> parts(compared.size());
  for_columns(compared.size(), [&](std::size_t c) {
    const TextColumn& column = *column_named(real, compared[c]->name);
    parts[c] = read_compared_column(column, synthetic, held_out, *compared[c], device);
  });

  tables.real.rows = real.rows;
  tables.synthetic.rows = synthetic.rows;
  if (held_out != nullptr) tables.held_out.emplace().rows = held_out->rows;
  for (ColumnParts& one : parts) {
    tables.columns.push_back(std::move(one.column));
    tables.real.columns.push_back(std::move(one.real));
    tables.synthetic.columns.push_back(std::move(one.synthetic));
    if (held_out != nullptr) tables.held_out->columns.push_back(std::move(one.held_out));
    std::ranges::move(one.warnings, std::back_inserter(tables.warnings));
  }
  std::vector<std::string> extra;
  for (const TextColumn& column : synthetic.columns)
    if (real.find(column.name) < 0) extra.push_back(column.name);
  if (!extra.empty())
    tables.warnings.push_back(
        fmt::format("the real table lacks {} of the synthetic one; left out", list_of(extra)));
  return tables;
}

}  // namespace agon::host
