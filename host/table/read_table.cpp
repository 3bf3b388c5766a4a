#include "host/table/read_table.hpp"

#include <algorithm>
#include <memory>
#include <span>
#include <unordered_map>
#include <utility>

#include "engine/table/spellings.hpp"
#include "host/table/encoding.hpp"
#include "host/table/file_bytes.hpp"
#include "host/table/findings.hpp"
#include "host/table/foreign_format.hpp"
#include "host/table/row_reader.hpp"
#include "host/table/text.hpp"
#include "host/table/tidy.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

constexpr std::size_t kBlockFields =
    4096;  // read before their spellings are looked up: they fit in the cache

void refuse_foreign(std::string_view bytes, std::string_view name) {
  if (const auto format = foreign_format(bytes)) {
    throw DataError(std::string(name) + ": this is " + std::string(format->what) + "; " +
                    std::string(format->remedy));
  }
}

void refuse_nul_bytes(const Source& source) {
  const std::string_view text = source.text();
  const std::size_t first = text.find('\0');
  if (first == text.npos) return;
  source.fail(first, counted(std::ranges::count(text, '\0'), "NUL byte") +
                         ", the first here: the file is damaged or no text; save it again as CSV");
}

// The table as it stands in the file.
TextTable read_rows(RowReader& rows) {
  const std::size_t width = rows.width();
  TextTable table;
  table.columns.resize(width);
  std::vector<Spellings> spellings(width);
  const std::size_t block_rows = std::max<std::size_t>(1, kBlockFields / width);
  std::vector<std::string_view> fields;
  std::size_t expected = 0;
  for (bool more = true; more;) {
    fields.clear();
    std::size_t count = 0;
    while (count < block_rows && (more = rows.next(fields))) ++count;
    if (count == 0) break;
    const auto before = static_cast<std::size_t>(table.rows);
    if (before == 0 && more) expected = rows.expected_rows(count);
    table.rows += static_cast<std::int64_t>(count);
    for (std::size_t c = 0; c < width; ++c) {
      std::vector<std::uint32_t>& cells = table.columns[c].cells;
      if (before == 0) cells.reserve(expected);
      cells.resize(before + count);
      spellings[c].number(fields.data() + c, width, std::span(cells).subspan(before));
    }
  }
  for (std::size_t c = 0; c < width; ++c) {
    const std::size_t unnamed = rows.row_names() ? 1 : 0;
    if (c >= unnamed) table.columns[c].name = std::string(rows.header()[c - unnamed]);
    table.columns[c].spellings = std::move(spellings[c]).take();
  }
  return table;
}

void refuse_same_names(const TableFile& file) {
  std::unordered_map<std::string_view, std::size_t> numbers;  // of the file's columns, from 0
  std::string what;
  std::int64_t first = -1;
  for (std::size_t c = 0; c < file.table.columns.size(); ++c) {
    const std::string_view name = file.table.columns[c].name;
    const auto [it, fresh] = numbers.emplace(name, file.places.fields[c]);
    if (fresh) continue;
    if (first < 0) first = static_cast<std::int64_t>(c);
    if (what.size() > 300) continue;
    what += (what.empty() ? "columns " : ", ") + std::to_string(it->second + 1) + " and " +
            std::to_string(file.places.fields[c] + 1) + " are both named " + in_quotes(name);
  }
  if (first >= 0) throw DataError(file.places.at(-1, first) + ": " + what);
}

}  // namespace

Place CellPlaces::of(std::int64_t row, std::int64_t column) const {
  TextArena arena;
  RowReader rows(source, dialect, arena);
  const std::size_t field = fields[static_cast<std::size_t>(column)];
  if (row < 0) {
    const std::size_t unnamed = rows.row_names() ? 1 : 0;
    return place_at(source.text(), rows.begin_of_name(field - std::min(field, unnamed)));
  }
  std::vector<std::string_view> texts;
  for (std::int64_t i = 0; i <= row; ++i) {
    texts.clear();
    rows.next(texts);
  }
  return place_at(source.text(), rows.begin_of_field(field));
}

std::string CellPlaces::at(std::int64_t row, std::int64_t column) const {
  return source.name + ':' + to_string(of(row, column));
}

TableFile parse_table(std::string packed, std::string_view name) {
  std::string bytes = unpacked(std::move(packed), name);
  refuse_foreign(bytes, name);
  Utf8Text text = to_utf8(std::move(bytes));

  TableFile file;
  file.findings = std::move(text.findings);
  CellPlaces& places = file.places;
  places.source = {std::string(name), std::make_shared<const std::string>(std::move(text.bytes)), text.begin};
  refuse_nul_bytes(places.source);
  places.dialect = detect_dialect(places.source);
  if (const char separator = places.dialect.separator; separator != ',') {
    file.findings.push_back(note_of("fields separated by " + std::string(plural_name(separator))));
  }

  const auto arena = std::make_shared<TextArena>();
  RowReader rows(places.source, places.dialect, *arena);
  file.table = read_rows(rows);
  rows.report(file.findings);
  file.table.storage = {places.source.bytes, arena};
  if (file.table.rows == 0) {
    places.source.fail(places.source.text().size(), "no rows after the column names");
  }
  places.fields = tidy_columns(file.table, rows.row_names(), file.findings);
  refuse_same_names(file);
  tidy_cells(file.table, *arena, file.findings);
  check_header(file.table, file.findings);
  return file;
}

TableFile read_table(const std::string& path) { return parse_table(read_bytes(path), name_of_file(path)); }

}  // namespace agon::host
