// A coding in a checkpoint.
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/table/column_coding.hpp"
#include "engine/table/json_text.hpp"
#include "kernels/error.hpp"

namespace agon {
namespace {

using nlohmann::json;

/// Fields that are not written where they say nothing: checkpoints of older versions lack them.
bool may_be_missing(std::string_view name) {
  return name == "modes" || name == "conditions" || name == "exact_bounds";
}

// One list of fields for both ways: `f` is called with the name of each and the member.
template <class F, class T>
void visit_members(F&& f, T& member) requires std::same_as<std::remove_const_t<T>, CodedLevel> {
  f("kind", member.kind), f("value", member.value), f("spelling", member.spelling);
}

template <class F, class T>
void visit_members(F&& f, T& member) requires std::same_as<std::remove_const_t<T>, OrderRule> {
  f("other", member.other), f("above", member.above), f("share", member.share);
}

template <class F, class T>
void visit_members(F&& f, T& member) requires std::same_as<std::remove_const_t<T>, OwnSpelling> {
  f("value", member.value), f("text", member.text);
}

template <class F, class T>
void visit_members(F&& f, T& member) requires std::same_as<std::remove_const_t<T>, IdentifierPattern> {
  f("before", member.before), f("after", member.after), f("next", member.next), f("digits", member.digits);
  f("alphabets", member.alphabets), f("modulus", member.modulus), f("residue", member.residue);
}

template <class F, class T>
void visit_members(F&& f, T& member) requires std::same_as<std::remove_const_t<T>, QuantileCurve> {
  f("at", member.at), f("cumulative", member.cumulative);
}

template <class F, class T>
void visit_members(F&& f, T& member) requires std::same_as<std::remove_const_t<T>, NumberSupport::Gap> {
  f("below", member.below), f("above", member.above);
}

template <class F, class T>
void visit_members(F&& f, T& member) requires std::same_as<std::remove_const_t<T>, Lattice> {
  f("step", member.step), f("offset", member.offset), f("decimals", member.decimals);
}

template <class F, class T>
void visit_members(F&& f, T& member) requires std::same_as<std::remove_const_t<T>, NumberSupport> {
  f("kept", member.kept), f("gaps", member.gaps), f("low", member.low), f("high", member.high);
  f("lattice", member.lattice);
}

template <class F, class T>
void visit_members(F&& f, T& member) requires std::same_as<std::remove_const_t<T>, MixtureMode> {
  f("mean", member.mean), f("deviation", member.deviation), f("weight", member.weight);
  f("offset", member.offset);
}

template <class F, class T>
void visit_members(F&& f, T& member) requires std::same_as<std::remove_const_t<T>, NumberCoding> {
  f("support", member.support), f("source", member.source), f("residual", member.residual);
  f("edges", member.edges), f("curves", member.curves), f("modes", member.modes);
}

template <class F, class T>
void visit_members(F&& f, T& member) requires std::same_as<std::remove_const_t<T>, ColumnCoding> {
  f("role", member.role), f("levels", member.levels), f("low_levels", member.low_levels);
  f("continuous", member.continuous), f("orders", member.orders), f("sources", member.sources);
  f("choice", member.choice), f("identifier", member.identifier), f("own_spellings", member.own_spellings);
  f("pooled", member.pooled);
}

template <class F, class T>
void visit_members(F&& f, T& member) requires std::same_as<std::remove_const_t<T>, CodingOptions> {
  f("relative", member.relative), f("extrapolate", member.extrapolate), f("modes", member.modes);
  f("conditions", member.conditions), f("exact_bounds", member.exact_bounds);
}

template <class T>
bool says_nothing(std::string_view name, const T& member) {
  if constexpr (std::same_as<T, bool>) {
    return may_be_missing(name) && !member;
  } else if constexpr (std::same_as<T, std::vector<MixtureMode>>) {
    return may_be_missing(name) && member.empty();
  }
  return false;
}

template <class T>
json written(const T& value) {
  if constexpr (std::is_enum_v<T>) {
    return static_cast<int>(value);
  } else if constexpr (std::same_as<T, double>) {
    return std::isnan(value) ? json() : json(value);
  } else if constexpr (std::is_arithmetic_v<T> || std::same_as<T, std::string>) {
    return value;
  } else if constexpr (requires { value.begin(); }) {
    json list = json::array();
    for (const auto& element : value) list.push_back(written(element));
    return list;
  } else {
    json object = json::object();
    visit_members(
        [&](const char* name, const auto& member) {
          if (!says_nothing(name, member)) object[name] = written(member);
        },
        value);
    return object;
  }
}

template <class T>
void read_into(const json& from, T& value);

template <class T>
void read_enum(const json& from, T& value, int last) {
  const int number = from.get<int>();
  if (number < 0 || number > last) throw DataError("a number that names nothing");
  value = static_cast<T>(number);
}

template <class T>
void read_into(const json& from, T& value) {
  if constexpr (std::same_as<T, CodedLevel::Kind>) {
    read_enum(from, value, static_cast<int>(CodedLevel::Kind::mode));
  } else if constexpr (std::same_as<T, SourceResidual>) {
    read_enum(from, value, static_cast<int>(SourceResidual::ratio));
  } else if constexpr (std::same_as<T, ColumnCoding::Role>) {
    read_enum(from, value, static_cast<int>(ColumnCoding::Role::number));
  } else if constexpr (std::same_as<T, double>) {
    value = from.is_null() ? std::nan("") : from.get<double>();
  } else if constexpr (std::is_arithmetic_v<T> || std::same_as<T, std::string>) {
    value = from.get<T>();
  } else if constexpr (requires { value.resize(1); }) {
    value.resize(from.size());
    if (!from.is_array()) throw DataError("a list is missing");
    for (std::size_t i = 0; i < value.size(); ++i) read_into(from[i], value[i]);
  } else {
    visit_members(
        [&](const char* name, auto& member) {
          if (!may_be_missing(name) || from.contains(name)) read_into(from.at(name), member);
        },
        value);
  }
}

void need(bool holds, const char* what) {
  if (!holds) throw DataError(std::string("its coding has ") + what);
}

bool rises(const std::vector<double>& numbers) { return std::ranges::is_sorted(numbers); }

/// What decoding relies on: nothing in it would read outside of what is there.
void check_number(const CodingPlan& plan, const NumberCoding& number) {
  const auto columns = static_cast<std::int64_t>(plan.columns.size());
  need(number.source >= -1 && number.source < columns, "a source that is no column");
  need(number.support.gaps.size() == number.support.kept.size() + 1, "gaps that do not fit its values");
  need(rises(number.support.kept) && rises(number.edges), "values out of order");
  need(number.modes.empty() || number.source < 0, "modes beside a source");
  for (const MixtureMode& mode : number.modes)
    need(std::isfinite(mode.mean) && mode.deviation > 0, "a mode that is none");
  const std::size_t curves = !number.modes.empty() ? 0 : number.source < 0 ? 1 : number.edges.size() + 2;
  need(number.curves.size() == curves, "curves that do not fit its bins");
  for (const QuantileCurve& curve : number.curves)
    need(curve.any() && curve.at.size() == curve.cumulative.size() && rises(curve.at) &&
             rises(curve.cumulative),
         "a curve that is none");
}

void check_coding(const CodingPlan& plan, std::size_t c, const std::vector<bool>& decoded) {
  using Role = ColumnCoding::Role;
  const ColumnCoding& column = plan.columns[c];
  const auto count = plan.columns.size();
  const auto is_earlier = [&](std::int64_t other) {
    return other >= 0 && static_cast<std::size_t>(other) < count && decoded[static_cast<std::size_t>(other)];
  };
  const auto source = [&](std::size_t i) -> const ColumnCoding& {
    return plan.columns[static_cast<std::size_t>(column.sources[i])];
  };
  need(std::ranges::all_of(column.sources, is_earlier), "a column before its source");
  for (const OrderRule& rule : column.orders)
    need(is_earlier(rule.other) && plan.columns[static_cast<std::size_t>(rule.other)].has_numbers(),
         "an order with a column of no numbers");
  need(column.low_levels >= 0 && column.low_levels <= static_cast<std::int64_t>(column.levels.size()),
       "broken levels");
  if (column.role == Role::constant || column.role == Role::levels) need(!column.levels.empty(), "no levels");
  if (column.role == Role::levels) need(column.levels.size() > 1, "a head of one level");
  if (column.role == Role::sum)
    need(column.sources.size() > 1 && column.levels.size() == 1, "a sum of nothing");
  if (column.role == Role::sum)
    for (std::size_t i = 0; i < column.sources.size(); ++i)
      need(source(i).has_numbers(), "a sum of no numbers");
  if (column.role == Role::repeated) need(column.sources.size() == 1, "a copy of nothing");
  if (column.role == Role::looked_up) {
    need(column.sources.size() == 1 && source(0).role == Role::levels, "a choice by nothing");
    need(column.choice.size() == source(0).levels.size(), "a choice that does not fit its levels");
    for (const std::uint32_t choice : column.choice)
      need(choice < column.levels.size(), "a choice of nothing");
  }
  if (column.role == Role::number) {
    need(column.low_levels == 0 && column.levels.size() != 1, "broken levels");
    for (std::size_t i = 0; i < column.levels.size(); ++i)
      need((column.levels[i].kind == CodedLevel::Kind::mode) == (i < column.continuous.modes.size()),
           "levels that do not fit its modes");
    check_number(plan, column.continuous);
    if (column.continuous.source >= 0)
      need(is_earlier(column.continuous.source) &&
               plan.columns[static_cast<std::size_t>(column.continuous.source)].has_numbers(),
           "a source of no numbers");
  }
  if (column.role == Role::identifier) {
    need(column.identifier.modulus > 0 && column.identifier.residue < column.identifier.modulus,
         "a broken pattern");
    for (const std::string& letters : column.identifier.alphabets) need(!letters.empty(), "a broken pattern");
  }
}

void check_plan(const CodingPlan& plan) {
  const std::size_t count = plan.columns.size();
  need(plan.schema.columns.size() == count && plan.order.size() == count,
       "columns that do not fit its schema");
  std::vector<bool> decoded(count);
  for (const std::int64_t c : plan.order) {
    need(c >= 0 && static_cast<std::size_t>(c) < count && !decoded[static_cast<std::size_t>(c)],
         "a broken order");
    check_coding(plan, static_cast<std::size_t>(c), decoded);
    decoded[static_cast<std::size_t>(c)] = true;
  }
  need(static_cast<std::int64_t>(plan.shares.size()) == plan.layout.levels(),
       "shares that do not fit its levels");
}

}  // namespace

std::string coding_to_json(const CodingPlan& plan) {
  json tree;
  tree["schema"] = json::parse(schema_to_json(plan.schema));
  tree["options"] = written(plan.options);
  tree["columns"] = written(plan.columns);
  tree["order"] = written(plan.order);
  tree["shares"] = written(plan.shares);
  return json_text(tree);
}

CodingPlan coding_from_json(std::string_view text, std::string_view source) {
  try {
    const json tree = json::parse(text);
    CodingPlan plan;
    plan.schema = schema_from_json(tree.at("schema").dump(), source);
    read_into(tree.at("options"), plan.options);
    read_into(tree.at("columns"), plan.columns);
    read_into(tree.at("order"), plan.order);
    read_into(tree.at("shares"), plan.shares);
    plan.lay_out();
    check_plan(plan);
    return plan;
  } catch (const json::exception& error) {
    throw DataError(std::string(source) + ": " + error.what());
  } catch (const DataError& error) {
    const std::string what = error.what();
    throw what.starts_with(source) ? error : DataError(std::string(source) + ": " + what);
  }
}

}  // namespace agon
