#include "host/table/column_summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/table/cell_reader.hpp"
#include "engine/table/cell_text.hpp"
#include "engine/table/moment.hpp"
#include "engine/table/number.hpp"
#include "host/table/text.hpp"

namespace agon::host {
namespace {

struct CountedValue {
  double value = 0;
  std::int64_t rows = 0;
  std::string_view text;
};

/// What one pass over the spellings finds.
struct CountedCells {
  std::vector<CountedValue> values;  // of numbers and moments; of other kinds all levels, their value is NaN
  std::int64_t rows = 0;             // that have one of them
  std::int64_t missing = 0;
  std::int64_t marks = 0;  // distinct
};

CountedCells count_cells(const TextColumn& column, const ColumnSchema& schema) {
  using Cell = CellReader::Cell;
  const CellReader reader(schema);
  const std::vector<std::int64_t> rows = column.counts();
  CountedCells cells;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] == 0) continue;
    double value = 0;
    const Cell cell = reader.read(column.spellings[i], value);
    cells.missing += cell == Cell::missing ? rows[i] : 0;
    cells.marks += cell == Cell::mark;
    if (cell != Cell::value) continue;
    cells.values.push_back({value, rows[i], agon::trimmed(column.spellings[i])});
    cells.rows += rows[i];
  }
  return cells;
}

/// Values with 1% of the rows, and at least `rarest` rows, below and above; the outermost ones where rarest
/// is 1. False where the rows are too few.
bool inner_range(const CountedCells& cells, std::int64_t rarest, double& low, double& high) {
  std::vector<CountedValue> sorted = cells.values;
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.value < b.value; });
  const std::int64_t beyond = rarest > 1 ? std::max(rarest, cells.rows / 100) : 0;
  if (cells.rows < std::max<std::int64_t>(1, 4 * beyond)) return false;
  const auto at_rank = [&](std::int64_t rank) {
    std::int64_t rows = 0;
    for (const CountedValue& value : sorted) {
      rows += value.rows;
      if (rows > rank) return value.value;
    }
    return sorted.back().value;
  };
  low = at_rank(beyond);
  high = at_rank(cells.rows - 1 - beyond);
  return true;
}

/// To a tenth of the range's leading digit's place: 20.7 to 84.2 is 21 to 84.
std::string rounded_range(double low, double high) {
  const double widest = std::max({high - low, std::abs(high) * 1e-6, 1e-12});
  const int place = static_cast<int>(std::floor(std::log10(widest))) - 1;
  const double unit = std::pow(10.0, place);
  const auto rounded_text = [&](double value) {
    const double rounded = std::round(value / unit) * unit;
    constexpr int kFarPlace = 6;
    if (std::abs(place) > kFarPlace) return fmt::format("{:.3g}", rounded);
    return fmt::format("{:.{}f}", rounded == 0 ? 0.0 : rounded, std::max(-place, 0));
  };
  return rounded_text(low) + " to " + rounded_text(high);
}

std::string number_details(const CountedCells& cells, const ColumnSchema& schema, std::int64_t rarest) {
  const NumberFormat& number = schema.number;
  CountedCells plain = cells;
  std::erase_if(plain.values, [&](const CountedValue& v) {
    const bool sentinel =
        std::find(schema.sentinels.begin(), schema.sentinels.end(), v.value) != schema.sentinels.end();
    plain.rows -= sentinel ? v.rows : 0;
    return sentinel;
  });
  double low = 0, high = 0;
  std::string text = !inner_range(plain, rarest, low, high) ? "too few rows to tell"
                     : rarest > 1                           ? rounded_range(low, high)
                                  : spell(low, schema) + " to " + spell(high, schema);
  const std::string unit(agon::trimmed(number.before + number.after));
  if (!unit.empty() && rarest > 1) text += " " + printable(unit);
  if (number.step > 0) {
    text += fmt::format(", step {}", number.step);
  } else if (number.decimals > 0 && number.decimals < kDecimalsAsNeeded) {
    text += fmt::format(", {} decimal{}", number.decimals, number.decimals == 1 ? "" : "s");
  }
  if (number.mark == ',') text += ", decimal comma";
  for (const double sentinel : schema.sentinels) text += fmt::format(", and {}", sentinel);
  if (cells.marks > 0) text += fmt::format(", {} mark{}", cells.marks, cells.marks == 1 ? "" : "s");
  return text;
}

std::string moment_details(const CountedCells& cells, const ColumnSchema& schema, std::int64_t rarest) {
  double low = 0, high = 0;
  std::string text = printable(schema.format);
  if (!inner_range(cells, rarest, low, high)) return text;
  const std::string rounded = rarest == 1                       ? schema.format
                              : schema.kind == ColumnKind::time ? "%H:00"
                                                                : "%Y-%m";
  text += fmt::format(", {} to {}", spell_moment(low, rounded, schema.kind, 0),
                      spell_moment(high, rounded, schema.kind, 0));
  if (cells.marks > 0) text += fmt::format(", {} mark{}", cells.marks, cells.marks == 1 ? "" : "s");
  return text;
}

std::string level_details(CountedCells cells, bool in_order, std::int64_t rarest) {
  constexpr std::size_t kShown = 20, kLongestLevel = 24;
  const auto rare = std::erase_if(cells.values, [&](const CountedValue& v) { return v.rows < rarest; });
  std::stable_sort(cells.values.begin(), cells.values.end(),
                   [&](const CountedValue& a, const CountedValue& b) {
                     return in_order ? a.value < b.value : a.rows > b.rows;
                   });
  std::string text;
  for (std::size_t i = 0; i < std::min(cells.values.size(), kShown); ++i)
    text += (i > 0 ? ", " : "") + printable(cells.values[i].text, kLongestLevel);
  if (cells.values.size() > kShown) text += ", ...";
  if (rare > 0) text += fmt::format("{}{} rare", text.empty() ? "" : ", ", rare);
  return text;
}

}  // namespace

ColumnSummary summarise(const TextColumn& column, const ColumnSchema& schema, std::int64_t rarest) {
  const CountedCells cells = count_cells(column, schema);
  ColumnSummary summary{static_cast<std::int64_t>(cells.values.size()), cells.missing, {}};
  switch (schema.kind) {
    case ColumnKind::continuous:
    case ColumnKind::count:
      summary.details = number_details(cells, schema, rarest);
      break;
    case ColumnKind::code:
      summary.details = level_details(cells, true, rarest);
      break;
    case ColumnKind::category:
    case ColumnKind::boolean:
    case ColumnKind::constant:
      summary.details = level_details(cells, false, rarest);
      break;
    case ColumnKind::date:
    case ColumnKind::time:
    case ColumnKind::date_time:
      summary.details = moment_details(cells, schema, rarest);
      break;
    case ColumnKind::identifier:
      summary.details = "made anew";
      break;
    case ColumnKind::text:
      summary.details = "not learnt";
      break;
  }
  if (schema.ignored) summary.details = "ignored";
  return summary;
}

}  // namespace agon::host
