#include <fmt/format.h>

#include <cmath>

#include "host/config/schema_toml.hpp"
#include "host/table/text.hpp"

namespace agon::host {
namespace {

constexpr std::string_view kHeading =
    R"(# What the columns of a table mean. Edit it, and give it to agon with --schema. What is not written is inferred.
#   kind       continuous, count (whole, from 0 on), ordered code (few numbers in order), category, boolean,
#              date, time, date-time, identifier (made anew), constant, text (not learnt)
#   ignored    true: neither learnt nor drawn
#   missing    spellings that stand for no value
#   marks      spellings among numbers or dates that are levels of their own: "<0.5"
#   rare_marks true: whatever else stands there is one, too, in fewer than `rarest` rows (agon inspect --exact-bounds
#              lists them)
#   sentinels  numbers that are levels of their own: a code for no value, or a ceiling
#   keep_rare  true: levels in fewer than `rarest` rows are learnt, not pooled
#   format     of dates and times: %Y %y %m %d %b %B %H %I %M %S %f (of a second) %p %z; %-d has no zero ahead
#   number     decimals: values are multiples of 10^-decimals (18: any); printed_decimals, fewest_decimals: most and
#              fewest digits behind the mark; step, offset: values are whole multiples of step from offset on;
#              mark: "." or ","; group: "", ",", ".", "'" or " " between thousands; before, after: words of a unit
)";

std::string basic_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\u{:04X}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

/// The shortest exact form that TOML takes: integers there have 64 bits.
std::string toml_number(double value) {
  constexpr double kLargestPlain = 1e15;
  const std::string text = fmt::format("{}", value);
  const bool digits_only = text.find_first_of(".e") == text.npos;
  if (digits_only && std::abs(value) >= kLargestPlain) return text + ".0";
  return text;
}

template <class Value, class Spell>
std::string array_of(const std::vector<Value>& values, Spell&& spell_one) {
  std::string out = "[";
  for (const Value& value : values) out += (out.size() > 1 ? ", " : "") + spell_one(value);
  return out + "]";
}

std::string comment(std::string_view text) { return "# " + printable(text, text.size()) + "\n"; }

std::string number_table(const NumberFormat& number) {
  const std::string group = number.group == '\0' ? "" : std::string(1, number.group);
  return fmt::format(
      "{{ decimals = {}, printed_decimals = {}, fewest_decimals = {}, step = {}, offset = {}, mark = {}, "
      "group = {}, "
      "before = {}, after = {} }}",
      number.decimals, number.printed_decimals, number.fewest_decimals, toml_number(number.step),
      toml_number(number.offset), basic_string(std::string_view(&number.mark, 1)), basic_string(group),
      basic_string(number.before), basic_string(number.after));
}

std::string column_text(const ColumnSchema& column) {
  std::string text = "\n[[column]]\n";
  const auto add = [&](std::string_view key, const std::string& value) {
    text += fmt::format("{} = {}\n", key, value);
  };
  const bool leveled = column.kind == ColumnKind::category || column.kind == ColumnKind::boolean ||
                       column.kind == ColumnKind::code;
  add("name", basic_string(column.name));
  add("kind", basic_string(to_string(column.kind)));
  add("ignored", column.ignored ? "true" : "false");
  add("missing", array_of(column.missing, basic_string));
  if (!column.marks.empty()) add("marks", array_of(column.marks, basic_string));
  if (column.rare_marks) add("rare_marks", "true");
  if (!column.sentinels.empty()) add("sentinels", array_of(column.sentinels, toml_number));
  if (leveled || column.keep_rare) add("keep_rare", column.keep_rare ? "true" : "false");
  if (!column.format.empty()) add("format", basic_string(column.format));
  if (column.is_number() || column.number != NumberFormat()) add("number", number_table(column.number));
  return text;
}

}  // namespace

std::string schema_to_toml(const Schema& schema, std::span<const std::string> remarks) {
  std::string text(kHeading);
  if (!remarks.empty()) text += "#\n";
  for (const std::string& remark : remarks) text += comment(remark);
  text +=
      fmt::format("\nrarest = {}  # rows that a level must have, or it is pooled: a rare level is a person\n",
                  schema.rarest);
  text += fmt::format("constraints = {}  # of every record drawn: [\"dbp < sbp\"]\n",
                      array_of(schema.constraints, basic_string));
  for (const ColumnSchema& column : schema.columns) text += column_text(column);
  return text;
}

}  // namespace agon::host
