#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "engine/runtime/atomic_file.hpp"
#include "host/table/csv.hpp"
#include "host/table/write_table.hpp"

namespace agon::host {
namespace {

constexpr std::size_t kPiece = 64 << 10;
constexpr double kExactMultiples = 1e15;
constexpr std::array<double, 16> kWholePowersOfTen = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                      1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

// `units` * 10^-decimals, exactly.
void append_multiple(std::string& out, std::int64_t units, int decimals) {
  std::array<char, 40> text;
  char* p = text.data() + text.size();
  const bool negative = units < 0;
  std::uint64_t rest = negative ? -units : units;
  for (int digit = 0; rest != 0 || digit <= decimals; ++digit) {
    if (digit == decimals && decimals != 0) *--p = '.';
    *--p = static_cast<char>('0' + rest % 10);
    rest /= 10;
  }
  if (negative) *--p = '-';
  out.append(p, text.data() + text.size());
}

// What std::to_chars makes of it: correctly rounded, at most 1e300 with 17 decimals.
void append_long(std::string& out, double value, int decimals) {
  std::array<char, 352> text;
  char* const end = text.data() + text.size();
  const auto result = decimals == Column::kAsNeeded
                          ? std::to_chars(text.data(), end, value)
                          : std::to_chars(text.data(), end, value, std::chars_format::fixed, decimals);
  const std::string_view written(text.data(), result.ptr - text.data());
  const bool minus_zero = written.starts_with('-') && written.find_first_not_of("-0.") == written.npos;
  out += written.substr(minus_zero ? 1 : 0);
}

}  // namespace

CsvWriter::CsvWriter(std::span<const Column> columns, std::function<void(std::string_view)> sink)
    : columns_(columns.begin(), columns.end()), sink_(std::move(sink)) {
  std::vector<std::string> names;
  for (const Column& column : columns_) names.push_back(column.name);
  buffer_ = header_of(names);
}

void CsvWriter::append(const Column& column, double value) {
  const int decimals = column.printed_decimals;
  if (decimals < std::ssize(kWholePowersOfTen)) {
    // A value that is a multiple of 10^-decimals is scaled to within a fraction of that whole number.
    const double units = std::rint(value * kWholePowersOfTen[decimals]);
    if (std::abs(units) <= kExactMultiples)
      return append_multiple(buffer_, static_cast<std::int64_t>(units), decimals);
  }
  append_long(buffer_, value, decimals);
}

void CsvWriter::write_rows(std::span<const double> values) {
  const std::size_t width = columns_.size();
  for (std::size_t i = 0; i < values.size(); i += width) {
    for (std::size_t c = 0; c < width; ++c) {
      if (c != 0) buffer_ += ',';
      append(columns_[c], values[i + c]);
    }
    buffer_ += '\n';
    if (buffer_.size() >= kPiece) {
      sink_(buffer_);
      buffer_.clear();
    }
  }
}

void CsvWriter::finish() {
  sink_(buffer_);
  buffer_.clear();
}

void write_csv(const std::filesystem::path& path, const Table& table) {
  AtomicFile file(path);
  CsvWriter writer(table.columns, [&file](std::string_view text) { file.write(text); });
  writer.write_rows(table.values);
  writer.finish();
  file.commit();
}

}  // namespace agon::host
