#include "host/table/write_table.hpp"

#include <utility>
#include <vector>

#include "engine/runtime/atomic_file.hpp"
#include "host/table/dialect.hpp"
#include "host/table/foreign_format.hpp"

namespace agon::host {
namespace {

constexpr std::size_t kTextPiece = 64 << 10;

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

void append_field(std::string& out, std::string_view text) {
  if (text.find_first_of(",\"\r\n;\t|") == text.npos) {
    out += text;
  } else {
    append_quoted(out, text);
  }
}

}  // namespace

std::string header_of(std::span<const std::string> names) {
  std::string line;
  for (const std::string& name : names) {
    if (&name != names.data()) line += ',';
    append_field(line, name);
  }
  line += '\n';
  // What would not be taken for a name at the start of a file.
  const bool other = line.starts_with("\xEF\xBB\xBF") || begins_separator_line(line) ||
                     foreign_format(line) || line.find_first_of("{[<") == 0;
  if (!other) return line;
  std::string quoted;
  append_quoted(quoted, names[0]);
  return quoted + line.substr(names[0].size());
}

TextTableWriter::TextTableWriter(std::span<const std::string> names,
                                 std::function<void(std::string_view)> sink)
    : sink_(std::move(sink)), buffer_(header_of(names)) {}

void TextTableWriter::write_rows(const TextTable& table) {
  for (std::size_t row = 0; row < static_cast<std::size_t>(table.rows); ++row) {
    const std::size_t begin = buffer_.size();
    bool blank = true;
    for (const TextColumn& column : table.columns) {
      const std::string_view text = column.spellings[column.cells[row]];
      blank = blank && text.empty();
      if (&column != &table.columns.front()) buffer_ += ',';
      append_field(buffer_, text);
    }
    if (blank) buffer_.insert(begin, "\"\"");  // or it would be a blank line
    buffer_ += '\n';
    if (buffer_.size() < kTextPiece) continue;
    sink_(buffer_);
    buffer_.clear();
  }
}

void TextTableWriter::finish() {
  sink_(buffer_);
  buffer_.clear();
}

void write_table(const std::filesystem::path& path, const TextTable& table) {
  std::vector<std::string> names;
  for (const TextColumn& column : table.columns) names.push_back(column.name);
  AtomicFile file(path);
  TextTableWriter writer(names, [&file](std::string_view text) { file.write(text); });
  writer.write_rows(table);
  writer.finish();
  file.commit();
}

}  // namespace agon::host
