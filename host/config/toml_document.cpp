#include "host/config/toml_document.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "kernels/error.hpp"

namespace agon::host {
namespace {

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

std::string toml_place(const std::string& source, const toml::source_position& at) {
  return fmt::format("{}:{}:{}", source, at.line, at.column);
}

toml::table parse_toml(std::string_view text, const std::string& source) {
  try {
    return toml::parse(text, source);
  } catch (const toml::parse_error& error) {
    throw ConfigurationError(fmt::format("{}: {}", toml_place(source, error.source().begin),
                                         one_line(std::string(error.description()))));
  }
}

}  // namespace agon::host
