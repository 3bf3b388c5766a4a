// Whether HTML and SVG that the program wrote are well-formed.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

namespace agon::test {

inline std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

/// "&" only as one of XML's own entities.
inline bool entities_only(std::string_view text) {
  for (std::size_t at = 0; (at = text.find('&', at)) != text.npos; ++at) {
    const std::string_view rest = text.substr(at);
    const auto is = [&](const char* entity) { return rest.starts_with(entity); };
    if (!is("&amp;") && !is("&lt;") && !is("&gt;") && !is("&quot;") && !is("&#39;")) return false;
  }
  return true;
}

/// ` name="value"`, any number of times. (Not std::regex, whose recursion overflows the stack on a long
/// value.)
inline bool attributes_well_formed(std::string_view text) {
  while (!text.empty()) {
    const std::size_t equals = text.find("=\""),
                      end = equals == text.npos ? equals : text.find('"', equals + 2);
    if (text.front() != ' ' || equals < 2 || end == text.npos) return false;
    const std::string_view name = text.substr(1, equals - 1),
                           value = text.substr(equals + 2, end - equals - 2);
    const auto in_name = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-'; };
    if (!std::all_of(name.begin(), name.end(), in_name) || !entities_only(value)) return false;
    text.remove_prefix(end + 1);
  }
  return true;
}

/// Every element closed by itself or by its own end tag, no bare '<' or '&' in text.
inline void expect_well_formed(std::string_view all) {
  std::vector<std::string_view> open;
  const bool declared = all.starts_with("<!DOCTYPE html>") || all.starts_with("<?xml version=");
  for (std::size_t at = declared ? all.find('>') + 1 : 0; at < all.size();) {
    const std::size_t start = all.find('<', at);
    EXPECT_TRUE(entities_only(all.substr(at, start - at))) << all.substr(at, start - at);
    if (start == all.npos) break;
    at = all.find('>', start) + 1;
    ASSERT_NE(at, 0u) << "a tag is not closed";
    std::string_view tag = all.substr(start + 1, at - start - 2);
    ASSERT_EQ(tag.find('<'), tag.npos) << tag;
    const bool closing = tag.starts_with('/'), alone = tag.ends_with('/');
    tag = tag.substr(closing ? 1 : 0);
    if (alone) tag.remove_suffix(1);
    const std::string_view name = tag.substr(0, tag.find(' '));
    ASSERT_FALSE(name.empty());
    EXPECT_TRUE(attributes_well_formed(tag.substr(name.size()))) << tag;
    if (closing) {
      ASSERT_FALSE(open.empty());
      ASSERT_EQ(open.back(), name);
      open.pop_back();
    } else if (!alone) {
      open.push_back(name);
    }
  }
  EXPECT_TRUE(open.empty());
}

}  // namespace agon::test
