#include "engine/checkpoint/config_json.hpp"

#include <map>
#include <nlohmann/json.hpp>

#include "engine/gan/config_fields.hpp"
#include "engine/gan/config_names.hpp"
#include "kernels/error.hpp"

namespace agon {
namespace {

using nlohmann::json;

/// "/penalties/r1"
json::json_pointer place_of(const Field& field) {
  const std::size_t dot = field.path.find('.');
  json::json_pointer place;
  if (dot != field.path.npos) place /= std::string(field.path.substr(0, dot));
  return place / std::string(field.path.substr(dot + 1));
}

/// Every member, those at their defaults too.
json whole_tree(const GanConfig& config) {
  json tree;
  visit_fields(config, [&](const Field& field, const auto& member) {
    if constexpr (Named<std::remove_cvref_t<decltype(member)>>) {
      tree[place_of(field)] = name_of(member);
    } else {
      tree[place_of(field)] = member;
    }
  });
  return tree;
}

[[noreturn]] void reject(const std::string& what) { throw DataError("its configuration's " + what); }

void read(const json& value, const std::string& name, double& member) {
  if (!value.is_number()) reject(name + " is no number");
  member = value.get<double>();
}

void read(const json& value, const std::string& name, float& member) {
  double number = 0;
  read(value, name, number);
  member = static_cast<float>(number);
}

void read(const json& value, const std::string& name, bool& member) {
  if (!value.is_boolean()) reject(name + " is neither true nor false");
  member = value.get<bool>();
}

void read(const json& value, const std::string& name, std::uint64_t& member) {
  if (!value.is_number_unsigned()) reject(name + " is no whole number");
  member = value.get<std::uint64_t>();
}

void read(const json& value, const std::string& name, std::int64_t& member) {
  std::uint64_t number = 0;
  read(value, name, number);
  if (number > INT64_MAX) reject(name + " is too large");
  member = static_cast<std::int64_t>(number);
}

void read(const json& value, const std::string& name, std::vector<std::int64_t>& member) {
  if (!value.is_array()) reject(name + " is no list");
  member.resize(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (!value[i].is_number_integer()) reject(name + "[" + std::to_string(i) + "] is no whole number");
    member[i] = value[i].get<std::int64_t>();
  }
}

template <Named Value>
void read(const json& value, const std::string& name, Value& member) {
  if constexpr (requires { Names<Value>::earlier; })
    if (value.is_boolean()) return void(member = value_named<Value>(value.dump()));
  if (!value.is_string()) reject(name + " is no text");
  member = value_named<Value>(value.get_ref<const std::string&>());
}

/// Where all that may not be missing is there, this many entries are all that are known.
void require_known_entries(const json& object) {
  std::map<std::string, std::size_t> known;
  const GanConfig any;
  visit_fields(any, [&](const Field& field, const auto&) {
    const auto place = place_of(field);
    const std::string group = place.parent_pointer().to_string();
    const bool in_root = group.empty(), there = in_root || object.contains(place.parent_pointer());
    if (!there && field.entry != Entry::always) return;
    if (!known.contains(group) && !in_root) ++known[""];
    known[group] += field.entry != Entry::optional || object.contains(place);
  });
  for (const auto& [group, count] : known) {
    const json::json_pointer place(group);
    const std::string name = group.empty() ? "" : group.substr(1) + (group.ends_with('s') ? "' " : "'s ");
    if (!object.contains(place) || !object[place].is_object() || object[place].size() != count)
      reject(name + "entries are not the " + std::to_string(count) + " that this version of agon knows");
  }
}

void read_fields(const json& object, GanConfig& config) {
  visit_fields(config, [&](const Field& field, auto& member) {
    const auto place = place_of(field);
    const std::string name(field.path);
    if (object.contains(place)) return read(object[place], name, member);
    const bool group_there = !place.parent_pointer().empty() && object.contains(place.parent_pointer());
    if (field.entry == Entry::always || (field.entry == Entry::with_group && group_there))
      reject(name + " is missing");
  });
}

}  // namespace

std::string to_json(const GanConfig& config) {
  const json whole = whole_tree(config), defaults = whole_tree({});
  json object;
  visit_fields(config, [&](const Field& field, const auto&) {
    const auto place = place_of(field), group = place.parent_pointer();
    if (field.entry == Entry::optional && whole[place] == defaults[place]) return;
    if (field.entry == Entry::with_group && whole[group] == defaults[group]) return;
    object[place] = whole[place];
  });
  return object.dump();
}

GanConfig config_from_json(std::string_view source) {
  const json object = json::parse(source, nullptr, /*allow_exceptions=*/false);
  if (object.is_discarded()) throw DataError("its configuration is no JSON");
  require_known_entries(object);
  try {
    GanConfig config;
    read_fields(object, config);
    config.validate();
    return config;
  } catch (const ConfigurationError& error) {
    throw DataError(std::string("its configuration: ") + error.what());
  }
}

}  // namespace agon
