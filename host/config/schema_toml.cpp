#include "host/config/schema_toml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "engine/table/moment.hpp"
#include "engine/table/number_text.hpp"
#include "engine/table/suggestion.hpp"
#include "host/config/toml_document.hpp"
#include "host/table/text.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

/// A key and its value, with all that a message needs.
struct SchemaEntry {
  const std::string& source;
  const toml::key& key;
  const toml::node& node;

  [[noreturn]] void expected(std::string_view what) const {
    throw ConfigurationError(
        fmt::format("{}: {}: expected {}", toml_place(source, node.source().begin), key.str(), what));
  }
  [[noreturn]] void unknown(const std::vector<std::string>& known) const {
    throw ConfigurationError(fmt::format("{}: unknown key '{}'{}", toml_place(source, key.source().begin),
                                         printable(key.str()), suggestion(key.str(), known)));
  }

  std::string text() const {
    if (const auto* value = node.as_string()) return value->get();
    expected("a text in quotes");
  }
  bool truth() const {
    if (const auto* value = node.as_boolean()) return value->get();
    expected("true or false");
  }
  double number() const {
    const auto value = node.value<double>();
    if (!node.is_number() || !value || !std::isfinite(*value)) expected("a number");
    return *value;
  }
  std::int64_t whole(std::int64_t least, std::int64_t most) const {
    const auto* value = node.as_integer();
    if (value == nullptr || value->get() < least || value->get() > most)
      expected(fmt::format("a whole number from {} to {}", least, most));
    return value->get();
  }
  /// Numbers are taken as their spelling: missing = [-999].
  std::vector<std::string> texts() const {
    std::vector<std::string> list;
    const auto* array = node.as_array();
    if (array == nullptr) expected("a list of texts");
    for (const toml::node& item : *array) {
      if (const auto* value = item.as_string()) {
        list.push_back(value->get());
      } else if (item.is_number()) {
        list.push_back(fmt::format("{}", item.value<double>().value_or(0)));
      } else {
        expected("a list of texts");
      }
    }
    return list;
  }
  std::vector<double> numbers() const {
    std::vector<double> list;
    const auto* array = node.as_array();
    if (array == nullptr) expected("a list of numbers");
    for (const toml::node& item : *array) {
      const auto value = item.value<double>();
      if (!item.is_number() || !value || !std::isfinite(*value)) expected("a list of numbers");
      list.push_back(*value);
    }
    return list;
  }
  /// '\0' for "".
  char mark(std::string_view allowed, bool may_be_none) const {
    const std::string value = text();
    if (value.empty() && may_be_none) return '\0';
    if (value.size() != 1 || allowed.find(value[0]) == allowed.npos)
      expected(fmt::format("one of {}{}", allowed, may_be_none ? " or \"\"" : ""));
    return value[0];
  }
};

const std::vector<std::string> kSchemaKeys = {"rarest", "constraints", "column"};
const std::vector<std::string> kColumnKeys = {"name",      "kind",      "ignored", "missing", "marks",
                                              "sentinels", "keep_rare", "format",  "number",  "rare_marks"};
const std::vector<std::string> kNumberKeys = {
    "decimals", "printed_decimals", "fewest_decimals", "step", "offset", "mark", "group", "before", "after"};

template <class Use>
void for_each_entry(const toml::table& table, const std::string& source, Use&& use) {
  for (const auto& [key, node] : table) use(SchemaEntry{source, key, node});
}

void read_number_key(const SchemaEntry& entry, NumberFormat& number) {
  const std::string_view key = entry.key.str();
  const auto decimals = [&] { return static_cast<int>(entry.whole(0, kDecimalsAsNeeded)); };
  if (key == "decimals") {
    number.decimals = decimals();
  } else if (key == "printed_decimals") {
    number.printed_decimals = decimals();
  } else if (key == "fewest_decimals") {
    number.fewest_decimals = decimals();
  } else if (key == "step") {
    number.step = entry.number();
    if (number.step < 0) entry.expected("a number of at least 0");
  } else if (key == "offset") {
    number.offset = entry.number();
  } else if (key == "mark") {
    number.mark = entry.mark(".,", false);
  } else if (key == "group") {
    number.group = entry.mark(",.' ", true);
  } else if (key == "before") {
    number.before = entry.text();
  } else if (key == "after") {
    number.after = entry.text();
  } else {
    entry.unknown(kNumberKeys);
  }
}

ColumnKind kind_named(const SchemaEntry& entry) {
  const std::string name = entry.text();
  try {
    return parse_kind(name);
  } catch (const ConfigurationError& error) {
    throw ConfigurationError(
        fmt::format("{}: {}", toml_place(entry.source, entry.node.source().begin), error.what()));
  }
}

void read_column_key(const SchemaEntry& entry, ColumnSchema& column) {
  const std::string_view key = entry.key.str();
  if (key == "name") {
    column.name = entry.text();
  } else if (key == "kind") {
    column.kind = kind_named(entry);
  } else if (key == "ignored") {
    column.ignored = entry.truth();
  } else if (key == "missing") {
    column.missing = entry.texts();
  } else if (key == "marks") {
    column.marks = entry.texts();
  } else if (key == "rare_marks") {
    column.rare_marks = entry.truth();
  } else if (key == "sentinels") {
    column.sentinels = entry.numbers();
  } else if (key == "keep_rare") {
    column.keep_rare = entry.truth();
  } else if (key == "format") {
    column.format = entry.text();
  } else if (key == "number") {
    const auto* table = entry.node.as_table();
    if (table == nullptr) entry.expected("a table: { decimals = 1 }");
    for_each_entry(*table, entry.source,
                   [&](const SchemaEntry& inner) { read_number_key(inner, column.number); });
    if (column.number.group == column.number.mark) entry.expected("other marks of decimals and thousands");
  } else {
    entry.unknown(kColumnKeys);
  }
}

void read_column_table(const toml::table& table, const std::string& source, ColumnSchema& column) {
  for_each_entry(table, source, [&](const SchemaEntry& entry) { read_column_key(entry, column); });
  const std::string fault = column.is_moment() ? fault_of_format(column.format, column.kind) : "";
  if (!fault.empty())
    throw ConfigurationError(fmt::format("{}: column {}: its format '{}' {}",
                                         toml_place(source, table.source().begin), in_quotes(column.name),
                                         printable(column.format), fault));
}

/// Calls use(name, table) for each [[column]] and reads the rest into `schema`.
template <class Use>
void read_document(std::string_view text, const std::string& source, Schema& schema, Use&& use) {
  const toml::table document = parse_toml(text, source);
  std::unordered_set<std::string> named;
  for_each_entry(document, source, [&](const SchemaEntry& entry) {
    const std::string_view key = entry.key.str();
    if (key == "rarest") {
      schema.rarest = entry.whole(1, INT64_MAX);
    } else if (key == "constraints") {
      schema.constraints = entry.texts();
    } else if (key != "column") {
      entry.unknown(kSchemaKeys);
    } else {
      const auto* array = entry.node.as_array();
      if (array == nullptr) entry.expected("[[column]] ahead of each column");
      for (const toml::node& item : *array) {
        const auto* table = item.as_table();
        if (table == nullptr) entry.expected("[[column]] ahead of each column");
        const auto name = (*table)["name"].value<std::string>();
        const std::string at = toml_place(source, table->source().begin);
        if (!name) throw ConfigurationError(at + ": this column has no name");
        if (!named.insert(*name).second)
          throw ConfigurationError(fmt::format("{}: column {} stands here twice", at, in_quotes(*name)));
        use(*name, *table, at);
      }
    }
  });
}

/// What stands for no value is no level.
void drop_missing_levels(ColumnSchema& column) {
  const auto is_missing = [&](const std::string& text) {
    return std::find(column.missing.begin(), column.missing.end(), text) != column.missing.end();
  };
  std::erase_if(column.marks, is_missing);
  for (const std::string& text : column.missing) {
    Number number;
    if (read_number(text, column.number, number) == NumberReading::number)
      std::erase(column.sentinels, number.value);
  }
}

}  // namespace

Schema schema_from_toml(std::string_view text, const std::string& source) {
  Schema schema;
  read_document(text, source, schema, [&](const std::string&, const toml::table& table, const std::string&) {
    read_column_table(table, source, schema.columns.emplace_back());
  });
  return schema;
}

void apply_schema_toml(std::string_view text, const std::string& source, Schema& inferred) {
  read_document(
      text, source, inferred, [&](const std::string& name, const toml::table& table, const std::string& at) {
        auto& columns = inferred.columns;
        const auto found = std::find_if(columns.begin(), columns.end(),
                                        [&](const ColumnSchema& c) { return c.name == name; });
        if (found == columns.end()) {
          std::vector<std::string> names;
          for (const ColumnSchema& column : columns) names.push_back(column.name);
          throw ConfigurationError(
              fmt::format("{}: the table has no column {}{}", at, in_quotes(name), suggestion(name, names)));
        }
        read_column_table(table, source, *found);
        drop_missing_levels(*found);
      });
}

}  // namespace agon::host
