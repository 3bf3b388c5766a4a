#include "host/report/about.hpp"

#include "host/report/markup.hpp"

namespace agon::host {

void append_about(std::string& html, std::string_view heading, const AboutRows& rows) {
  constexpr std::size_t kLongestText = 400;  // bytes of one cell
  append(html, "<h2>{}</h2>\n<div class=\"wide\"><table>\n", escaped(heading));
  for (const auto& [label, text] : rows)
    append(html, "<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", escaped(label),
           escaped(text, kLongestText));
  html += "</table></div>\n";
}

}  // namespace agon::host
