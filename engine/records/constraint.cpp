#include "engine/records/constraint.hpp"

#include <algorithm>
#include <utility>

#include "engine/table/cell_text.hpp"

namespace agon {
namespace {

constexpr std::pair<std::string_view, Relation> kRelationSigns[] = {
    {"!=", Relation::different}, {"<=", Relation::at_most}, {">=", Relation::at_least},
    {"==", Relation::equal},     {"=", Relation::equal},    {"<", Relation::less},
    {">", Relation::greater}};

[[noreturn]] void refuse_open_quote(std::string_view text) {
  throw ConstraintError("a quote is not closed in " + quoted_text(text), "");
}

/// The text without the double quotes around it, where they are around all of it.
std::string unquoted(std::string_view text, bool& quoted) {
  text = trimmed(text);
  quoted = text.size() >= 2 && text.find('"') == 0 && text.find('"', 1) == text.size() - 1;
  return std::string(quoted ? text.substr(1, text.size() - 2) : text);
}

/// Where the first sign outside of quotes begins; npos where there is none.
std::size_t find_sign(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (!quoted && std::string_view("!<>=").find(text[i]) != std::string_view::npos) return i;
  }
  return std::string_view::npos;
}

}  // namespace

ConstraintError::ConstraintError(const std::string& what_is_wrong, const std::string& what_to_do)
    : ConfigurationError(what_is_wrong + (what_to_do.empty() ? "" : "; ") + what_to_do),
      fault(what_is_wrong),
      remedy(what_to_do) {}

std::string Constraint::text() const {
  const auto sign = std::ranges::find_if(
      kRelationSigns, [&](const auto& entry) { return entry.second == relation && entry.first != "=="; });
  return left + " " + std::string(sign->first) + " " + right;
}

Constraint parse_constraint(std::string_view text) {
  if (std::ranges::count(text, '"') % 2 != 0) refuse_open_quote(text);
  const std::size_t at = find_sign(text);
  for (const auto& [sign, relation] : kRelationSigns) {
    if (at == text.npos || text.substr(at, sign.size()) != sign) continue;
    Constraint constraint;
    bool name_quoted = false;
    constraint.relation = relation;
    constraint.left = unquoted(text.substr(0, at), name_quoted);
    constraint.right = unquoted(text.substr(at + sign.size()), constraint.quoted);
    if (!constraint.left.empty()) return constraint;
  }
  throw ConstraintError(
      "expected COLUMN=VALUE, or != < <= > >= in place of =, got " + quoted_text(trimmed(text)), "");
}

std::vector<Constraint> parse_constraints(std::string_view text) {
  std::vector<Constraint> constraints;
  if (trimmed(text).empty()) return constraints;
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '"') quoted = !quoted;
    if (i < text.size() && (text[i] != ',' || quoted)) continue;
    if (quoted) refuse_open_quote(text);
    constraints.push_back(parse_constraint(text.substr(begin, i - begin)));
    begin = i + 1;
  }
  return constraints;
}

}  // namespace agon
