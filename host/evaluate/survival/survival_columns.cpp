#include "host/evaluate/survival/survival_columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "engine/table/suggestion.hpp"
#include "host/evaluate/models/told_shares.hpp"
#include "host/evaluate/tables/level_index.hpp"
#include "host/evaluate/tables/named_column.hpp"
#include "host/table/text.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

using Kind = ComparedColumn::Kind;

std::int32_t followed_column(const ComparedTables& tables, std::string_view flag, const std::string& name) {
  std::vector<std::string> names;
  for (const ComparedColumn& column : tables.columns) names.push_back(column.name);
  const std::string meant = suggestion(name, names);
  return named_column(
      tables, flag, name,
      meant.empty() ? "`agon inspect` of the table shows what its columns are" : meant.substr(2));
}

// "column=value": the first part that is a column's name, and the rest.
struct NamedEvent {
  std::string column;
  std::optional<std::string> value;
};

NamedEvent parse_event(const ComparedTables& tables, const std::string& text) {
  if (find_column(tables, text) >= 0) return {text, {}};
  for (std::size_t at = text.find('='); at != std::string::npos; at = text.find('=', at + 1))
    if (find_column(tables, text.substr(0, at)) >= 0) return {text.substr(0, at), text.substr(at + 1)};
  return {text.substr(0, text.find('=')), {}};
}

// A value of the event's column in the real table.
struct EventValue {
  std::string spelling;
  double number = 0;  // NaN of a text
  std::int32_t level = -1;
  std::int64_t rows = 0;
};

std::vector<EventValue> event_values(const ComparedColumn& column, const ComparedCells& real) {
  std::vector<EventValue> values;
  if (column.kind == Kind::nominal) {
    for (std::int32_t level = 0; level < column.real_levels; ++level) {
      const std::string& spelling = column.levels[static_cast<std::size_t>(level)];
      values.push_back({spelling, plain_number(spelling).value_or(std::nan("")), level,
                        std::ranges::count(real.levels, level)});
    }
    return values;
  }
  std::vector<double> numbers;
  for (const double x : real.numbers)
    if (!std::isnan(x)) numbers.push_back(x);
  std::ranges::sort(numbers);
  for (auto first = numbers.begin(); first != numbers.end();) {
    const auto end = std::upper_bound(first, numbers.end(), *first);
    values.push_back({fmt::format("{:.10g}", *first), *first, -1, end - first});
    first = end;
  }
  return values;
}

// Of two values the one that speaks for itself.
const EventValue* plain_event(const std::vector<EventValue>& values) {
  if (values.size() != 2) return nullptr;
  if (values[0].number != values[1].number && !std::isnan(values[0].number) && !std::isnan(values[1].number))
    return &*std::ranges::max_element(values, {}, &EventValue::number);
  for (const EventValue& value : values) {
    std::string small = value.spelling;
    std::ranges::transform(small, small.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
    constexpr std::array<std::string_view, 4> kYes{"true", "t", "yes", "y"};
    if (std::ranges::find(kYes, small) != kYes.end()) return &value;
  }
  return nullptr;
}

// "--event 'status=1' or 'status=2'": values that enough people have, five of them at most.
std::string ways_to_say(const std::string& column, const std::vector<EventValue>& values) {
  std::string ways;
  int named = 0;
  for (const EventValue& value : values) {
    if (value.rows < ToldShares::kFewestRows || ++named > 5) continue;
    ways += (ways.empty() ? "--event " : " or ") + in_quotes(column + "=" + value.spelling);
  }
  return ways.empty() ? "name another column" : "say which value is the event: " + ways;
}

const EventValue& chosen_event(const NamedEvent& named, const std::vector<EventValue>& values) {
  const std::string ways = ways_to_say(named.column, values);
  if (!named.value) {
    if (const EventValue* const plain = plain_event(values)) return *plain;
    throw ConfigurationError(
        fmt::format("--event: {} has {} value{} in the real table, and none that speaks for itself; {}",
                    in_quotes(named.column), values.size(), values.size() == 1 ? "" : "s", ways));
  }
  const std::optional<double> number = plain_number(*named.value);
  const auto is_meant = [&](const EventValue& value) {
    return value.spelling == *named.value || (number && value.number == *number);
  };
  const auto found = std::ranges::find_if(values, is_meant);
  if (found == values.end())
    throw ConfigurationError(fmt::format("--event: no row of the real table has {} in {}; {}",
                                         in_quotes(*named.value), in_quotes(named.column), ways));
  return *found;
}

void check_times(const ComparedColumn& column, const ComparedCells& real) {
  if (column.kind != Kind::number)
    throw ConfigurationError(fmt::format(
        "--time: {} is read as a category, not as a number; --schema FILE.toml can say kind = \"count\"",
        in_quotes(column.name)));
  const auto negative = std::ranges::count_if(real.numbers, [](double time) { return time < 0; });
  if (negative > 0)
    throw DataError(fmt::format(
        "--time: {} row{} of the real table {} {} below 0; name a column that counts from each one's start, "
        "or "
        "correct it",
        negative, negative == 1 ? "" : "s", negative == 1 ? "has" : "have", in_quotes(column.name)));
}

}  // namespace

SurvivalColumns find_survival(const ComparedTables& tables, const std::string& time,
                              const std::string& event) {
  SurvivalColumns out;
  out.time = followed_column(tables, "--time", time);
  const NamedEvent named = parse_event(tables, event);
  out.event = followed_column(tables, "--event", named.column);
  if (out.event == out.time)
    throw ConfigurationError("--event: a column other than that of --time is needed");
  const auto at = static_cast<std::size_t>(out.event);
  check_times(tables.columns[static_cast<std::size_t>(out.time)],
              tables.real.columns[static_cast<std::size_t>(out.time)]);
  const std::vector<EventValue> values = event_values(tables.columns[at], tables.real.columns[at]);
  const EventValue& chosen = chosen_event(named, values);
  out.level = chosen.level;
  out.number = chosen.number;
  out.event_name = named.column + " = " + chosen.spelling;
  return out;
}

FollowedRows followed_rows(const SurvivalColumns& columns, const ComparedTables& tables,
                           const RecordSet& records) {
  FollowedRows out;
  const ComparedCells& times = records.columns[static_cast<std::size_t>(columns.time)];
  const ComparedCells& events = records.columns[static_cast<std::size_t>(columns.event)];
  const std::int32_t levels = tables.columns[static_cast<std::size_t>(columns.event)].real_levels;
  std::vector<double> time;
  std::vector<std::uint8_t> event;
  for (std::size_t row = 0; row < static_cast<std::size_t>(records.rows); ++row) {
    const bool known = columns.level < 0 ? !std::isnan(events.numbers[row])
                                         : events.levels[row] >= 0 && events.levels[row] < levels;
    if (!std::isfinite(times.numbers[row]) || !known) {
      ++out.without;
    } else if (times.numbers[row] < 0) {
      ++out.negative;
    } else {
      time.push_back(times.numbers[row]);
      event.push_back(columns.level < 0 ? events.numbers[row] == columns.number
                                        : events.levels[row] == columns.level);
    }
  }
  out.people = follow_up(std::move(time), std::move(event));
  return out;
}

}  // namespace agon::host
