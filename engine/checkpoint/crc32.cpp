#include "engine/checkpoint/crc32.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace agon::crc32 {
namespace {

constexpr std::string_view kPrefix = R"({"__metadata__":{"agon.crc32":")";
static_assert(kPrefix.find(kKey) != std::string_view::npos);
constexpr std::size_t kPrefixPlace = sizeof(std::uint64_t);  // behind the header's length
constexpr std::size_t kDigitsPlace = kPrefixPlace + kPrefix.size();
constexpr std::size_t kDigitsEnd = kDigitsPlace + kBlank.size();

}  // namespace

std::uint32_t extend(std::uint32_t crc, std::string_view bytes) {
  return static_cast<std::uint32_t>(
      ::crc32_z(crc, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

bool present(std::string_view file) {
  if (file.size() <= kDigitsEnd || file.substr(kPrefixPlace, kPrefix.size()) != kPrefix) return false;
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return std::ranges::all_of(file.substr(kDigitsPlace, kBlank.size()), is_digit) && file[kDigitsEnd] == '"';
}

std::uint32_t stated(std::string_view file) {
  std::uint32_t crc = 0;
  std::from_chars(file.data() + kDigitsPlace, file.data() + kDigitsEnd, crc, 16);
  return crc;
}

std::uint32_t computed(std::string_view file) {
  return extend(extend(extend(0, file.substr(0, kDigitsPlace)), kBlank), file.substr(kDigitsEnd));
}

void set(std::string& file, std::uint32_t crc) {
  std::array<char, kBlank.size() + 1> digits{};
  std::snprintf(digits.data(), digits.size(), "%08x", static_cast<unsigned>(crc));
  file.replace(kDigitsPlace, kBlank.size(), digits.data());
}

}  // namespace agon::crc32
