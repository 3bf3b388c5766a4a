#include "host/table/write_table.hpp"

#include <utility>

#include "engine/runtime/atomic_file.hpp"

namespace agon::host {
namespace {

constexpr std::size_t kTextPiece = 64 << 10;

}  // namespace

void append_field(std::string& out, std::string_view text) {
  // A byte order mark or "sep=" at the start of a file would not be taken for text.
  const bool plain = text.find_first_of(",\"\r\n;\t|") == text.npos && !text.starts_with("\xEF\xBB\xBF") &&
                     !text.starts_with("sep=");
  if (plain) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

TextTableWriter::TextTableWriter(const std::vector<std::string>& names,
                                 std::function<void(std::string_view)> sink)
    : sink_(std::move(sink)) {
  for (std::size_t c = 0; c < names.size(); ++c) {
    if (c != 0) buffer_ += ',';
    append_field(buffer_, names[c]);
  }
  buffer_ += '\n';
}

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
