#include "host/table/scaling.hpp"

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "host/table/text.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

constexpr std::array<double, Column::kAsNeeded> kDecimalSteps = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17};

// Multiples of 10^-decimals; the quotient of two exact doubles is the double nearest to the decimal number.
double rounded(double value, int decimals) {
  constexpr double kEveryInteger = 9007199254740992.0;  // 2^53: doubles above are whole numbers already
  if (decimals >= Column::kAsNeeded) return value;
  const double scaled = value * kDecimalSteps[decimals];
  if (!(std::abs(scaled) < kEveryInteger)) return value;
  return std::round(scaled) / kDecimalSteps[decimals] + 0.0;
}

nlohmann::json json_of_column(const Column& column) {
  return {{"name", column.name},
          {"decimals", column.decimals},
          {"printed_decimals", column.printed_decimals},
          {"minimum", column.minimum},
          {"maximum", column.maximum},
          {"mean", column.mean},
          {"deviation", column.deviation}};
}

// -1 where it is not a whole number in [0, kAsNeeded]: the library's own conversion would truncate or
// overflow.
int decimals_from_json(const nlohmann::json& json) {
  if (!json.is_number_integer()) return -1;
  const auto value = json.get<std::int64_t>();
  return value < 0 || value > Column::kAsNeeded ? -1 : static_cast<int>(value);
}

Column column_from_json(const nlohmann::json& json) {
  return {.name = json.at("name").get<std::string>(),
          .decimals = decimals_from_json(json.at("decimals")),
          .printed_decimals = decimals_from_json(json.at("printed_decimals")),
          .minimum = json.at("minimum").get<double>(),
          .maximum = json.at("maximum").get<double>(),
          .mean = json.at("mean").get<double>(),
          .deviation = json.at("deviation").get<double>()};
}

// What is wrong with the column; empty where nothing is.
std::string_view fault(const Column& c) {
  if (c.name.empty()) return "has no name";
  if (c.decimals < 0 || c.printed_decimals < c.decimals) return "has impossible decimals";
  if (!std::isfinite(c.minimum) || !std::isfinite(c.maximum) || !(c.minimum < c.maximum))
    return "has no range";
  if (!(c.minimum <= c.mean && c.mean <= c.maximum)) return "has a mean outside its range";
  // Popoviciu's inequality bounds the deviation by half the range.
  if (!(c.deviation > 0 && c.deviation <= (c.maximum - c.minimum) * 0.5000001))
    return "has an impossible deviation";
  return {};
}

}  // namespace

std::vector<float> standardise(const Table& table) {
  const std::size_t width = table.columns.size();
  std::vector<float> result(table.values.size());
  for (std::size_t i = 0; i < result.size(); i += width) {
    for (std::size_t c = 0; c < width; ++c) {
      const Column& column = table.columns[c];
      result[i + c] = static_cast<float>((table.values[i + c] - column.mean) / column.deviation);
    }
  }
  return result;
}

std::vector<double> restore(std::span<const float> standardised, std::span<const Column> columns) {
  const std::size_t width = columns.size();
  std::vector<double> result(standardised.size());
  for (std::size_t i = 0; i < result.size(); i += width) {
    for (std::size_t c = 0; c < width; ++c) {
      const double value = standardised[i + c] * columns[c].deviation + columns[c].mean;
      if (!std::isfinite(value)) {
        throw DataError("column " + in_quotes(columns[c].name) + ": a generated value is not finite");
      }
      result[i + c] = rounded(value, columns[c].decimals);
    }
  }
  return result;
}

std::string columns_to_json(std::span<const Column> columns) {
  nlohmann::json list = nlohmann::json::array();
  for (const Column& column : columns) list.push_back(json_of_column(column));
  return nlohmann::json{{"columns", std::move(list)}}.dump();
}

std::vector<Column> columns_from_json(std::string_view json, std::string_view source) {
  const auto fail = [&](const std::string& what) {
    throw DataError(std::string(source) + ": columns: " + what);
  };
  std::vector<Column> columns;
  try {
    const auto document = nlohmann::json::parse(json);
    for (const auto& item : document.at("columns")) columns.push_back(column_from_json(item));
  } catch (const nlohmann::json::exception& error) {
    fail(error.what());
  }
  if (columns.empty()) fail("none");
  std::set<std::string_view> names;
  for (const Column& column : columns) {
    const std::string_view what = fault(column);
    if (!what.empty()) fail(in_quotes(column.name) + ' ' + std::string(what));
    if (!names.insert(column.name).second) fail(in_quotes(column.name) + " is there twice");
  }
  return columns;
}

}  // namespace agon::host
