// An image inside a page.
#pragma once

#include <string>
#include <string_view>

namespace agon::host {

/// Appends an img element that carries the PNG file's bytes, so that the page loads nothing. `text` stands
/// for it where it cannot be seen; it is escaped.
void append_picture(std::string& html, std::string_view png, std::string_view text);

/// RFC 4648, with padding.
std::string base64(std::string_view bytes);

}  // namespace agon::host
