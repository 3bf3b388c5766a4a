// What a report says of where it is from: labels and their texts.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace agon::host {

/// A label and its text, a row each.
using AboutRows = std::vector<std::pair<std::string, std::string>>;

/// Appends them as an HTML table below a heading; both are escaped.
void append_about(std::string& html, std::string_view heading, const AboutRows& rows);

}  // namespace agon::host
