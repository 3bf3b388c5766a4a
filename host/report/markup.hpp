// Text in HTML and SVG.
#pragma once

#include <string>
#include <string_view>

namespace agon::host {

/// `text` as character data or the value of an attribute: markup's own characters as entities, control
/// characters and bytes that are not UTF-8 as \xNN, at most `longest` bytes, then "...".
std::string escaped(std::string_view text, std::size_t longest = 120);

}  // namespace agon::host
