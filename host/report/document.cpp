#include "host/report/document.hpp"

#include "host/report/markup.hpp"
#include "host/report/page_style.hpp"

namespace agon::host {

void append_document_begin(std::string& html, std::string_view title, std::string_view heading) {
  append(html,
         "<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n<meta "
         "charset=\"utf-8\"/>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
         "<title>{} - agon</title>\n<style>{}</style>\n</head>\n<body>\n<header>\n<h1>{}</h1>\n",
         escaped(title), kPageStyle, escaped(heading));
}

void append_document_end(std::string& html) { html += "</body>\n</html>\n"; }

}  // namespace agon::host
