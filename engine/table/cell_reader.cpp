#include "engine/table/cell_reader.hpp"

#include <algorithm>
#include <limits>

#include "engine/table/cell_text.hpp"
#include "engine/table/moment.hpp"
#include "engine/table/number_text.hpp"

namespace agon {

CellReader::CellReader(const ColumnSchema& schema) : schema_(schema) {
  for (const std::string& text : schema.missing) missing_.insert(trimmed(text));
  for (const std::string& text : schema.marks) marks_.insert(trimmed(text));
  Number number;
  for (const std::string_view text : missing_)
    if (schema.is_number() && read_number(text, schema.number, number) == NumberReading::number)
      missing_numbers_.push_back(number.value);
}

CellReader::Cell CellReader::read(std::string_view spelling, double& value) const {
  value = std::numeric_limits<double>::quiet_NaN();
  const std::string_view text = trimmed(spelling);
  if (missing_.contains(text)) return Cell::missing;
  if (!schema_.is_number() && !schema_.is_moment()) return Cell::value;
  if (!marks_.empty() && marks_.contains(text)) return Cell::mark;
  const Cell other = schema_.rare_marks ? Cell::mark : Cell::misfit;
  double read = 0;
  if (schema_.is_number()) {
    Number number;
    if (read_number(text, schema_.number, number) != NumberReading::number) return other;
    read = number.value;
    const auto& none = missing_numbers_;
    if (std::find(none.begin(), none.end(), read) != none.end()) return Cell::missing;
  } else if (read_moment(text, schema_.format, schema_.kind, read) != MomentReading::moment) {
    return other;
  }
  value = read;
  return Cell::value;
}

std::string CellReader::expected() const {
  if (schema_.is_number()) return "a number";
  const std::string what = schema_.kind == ColumnKind::time ? "a time" : "a date";
  return what + " as " + quoted_text(schema_.format);
}

}  // namespace agon
