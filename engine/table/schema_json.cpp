#include <nlohmann/json.hpp>

#include "engine/table/json_text.hpp"
#include "engine/table/schema.hpp"
#include "kernels/error.hpp"

namespace agon {
namespace {

using nlohmann::json;

json json_of(const NumberFormat& number) {
  return {{"decimals", number.decimals},
          {"printed_decimals", number.printed_decimals},
          {"fewest_decimals", number.fewest_decimals},
          {"step", number.step},
          {"offset", number.offset},
          {"mark", std::string(1, number.mark)},
          {"group", number.group == '\0' ? std::string() : std::string(1, number.group)},
          {"before", number.before},
          {"after", number.after}};
}

json json_of(const ColumnSchema& column) {
  json object = {
      {"name", column.name},           {"kind", to_string(column.kind)}, {"number", json_of(column.number)},
      {"format", column.format},       {"missing", column.missing},      {"marks", column.marks},
      {"sentinels", column.sentinels}, {"keep_rare", column.keep_rare},  {"ignored", column.ignored}};
  if (column.rare_marks) object["rare_marks"] = true;  // older versions had none
  return object;
}

/// One character, or '\0' for none.
char letter(const json& value) {
  const auto& text = value.get_ref<const std::string&>();
  if (text.size() > 1) throw DataError("a mark between digits is longer than one character");
  return text.empty() ? '\0' : text[0];
}

int decimals_of(const json& value) {
  const auto decimals = value.get<std::int64_t>();
  constexpr std::int64_t kMost = 18;
  if (!value.is_number_integer() || decimals < 0 || decimals > kMost)
    throw DataError("decimals are not a whole number from 0 to 18");
  return static_cast<int>(decimals);
}

NumberFormat number_format(const json& object) {
  return {.decimals = decimals_of(object.at("decimals")),
          .printed_decimals = decimals_of(object.at("printed_decimals")),
          .fewest_decimals = decimals_of(object.at("fewest_decimals")),
          .step = object.at("step").get<double>(),
          .offset = object.at("offset").get<double>(),
          .mark = letter(object.at("mark")),
          .group = letter(object.at("group")),
          .before = object.at("before").get<std::string>(),
          .after = object.at("after").get<std::string>()};
}

ColumnSchema column_schema(const json& object) {
  return {.name = object.at("name").get<std::string>(),
          .kind = parse_kind(object.at("kind").get_ref<const std::string&>()),
          .number = number_format(object.at("number")),
          .format = object.at("format").get<std::string>(),
          .missing = object.at("missing").get<std::vector<std::string>>(),
          .marks = object.at("marks").get<std::vector<std::string>>(),
          .sentinels = object.at("sentinels").get<std::vector<double>>(),
          .rare_marks = object.value("rare_marks", false),
          .keep_rare = object.at("keep_rare").get<bool>(),
          .ignored = object.at("ignored").get<bool>()};
}

}  // namespace

std::string schema_to_json(const Schema& schema) {
  json columns = json::array();
  for (const ColumnSchema& column : schema.columns) columns.push_back(json_of(column));
  const json object = {
      {"columns", std::move(columns)}, {"rarest", schema.rarest}, {"constraints", schema.constraints}};
  return json_text(object);
}

Schema schema_from_json(std::string_view text, std::string_view source) {
  const std::string place = std::string(source) + ": ";
  try {
    const json object = json::parse(text);
    Schema schema;
    for (const json& column : object.at("columns")) schema.columns.push_back(column_schema(column));
    schema.rarest = object.at("rarest").get<std::int64_t>();
    schema.constraints = object.at("constraints").get<std::vector<std::string>>();
    return schema;
  } catch (const json::exception& error) {
    throw DataError(place + "its schema cannot be read: " + error.what());
  } catch (const Error& error) {
    throw DataError(place + "its schema: " + error.what());
  }
}

}  // namespace agon
