// Text in HTML and SVG.
#pragma once

#include <fmt/format.h>

#include <iterator>
#include <string>
#include <string_view>
#include <utility>

namespace agon::host {

/// `text` as character data or the value of an attribute: markup's own characters as entities, control
/// characters and bytes that are not UTF-8 as \xNN, at most `longest` bytes, then "...".
std::string escaped(std::string_view text, std::size_t longest = 120);

/// Formats to the end of `markup`, as fmt::format().
template <class... Arguments>
void append(std::string& markup, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  fmt::format_to(std::back_inserter(markup), format, std::forward<Arguments>(arguments)...);
}

}  // namespace agon::host
