#include "host/report/images/picture.hpp"

#include <cstdint>

#include "host/report/markup.hpp"

namespace agon::host {

std::string base64(std::string_view bytes) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t three = 0;
    for (std::size_t k = 0; k < 3; ++k)
      three = three << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k)
      text += i + k <= bytes.size() ? kLetters[three >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

void append_picture(std::string& html, std::string_view png, std::string_view text) {
  append(html, "<img class=\"picture\" src=\"data:image/png;base64,{}\" alt=\"{}\"/>", base64(png),
         escaped(text));
}

}  // namespace agon::host
