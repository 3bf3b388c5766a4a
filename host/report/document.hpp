// The frame of every page that the program writes.
#pragma once

#include <string>
#include <string_view>

namespace agon::host {

/// Appends the beginning of an HTML document up to its heading, inside an open header element: one that loads
/// nothing and runs nothing, light or dark as the reader's system is, to be printed as well; it is
/// well-formed XML, too. Title and heading are escaped.
void append_document_begin(std::string& html, std::string_view title, std::string_view heading);
/// Appends its end.
void append_document_end(std::string& html);

}  // namespace agon::host
