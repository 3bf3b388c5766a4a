// A hash that tells data apart by accident, not by intent.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>

namespace agon {

/// FNV-1a, 64 bits (Fowler, Noll, Vo).
struct Fnv1a {
  std::uint64_t hash = 0xcbf29ce484222325;

  void add(const void* data, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) add_whole(static_cast<const unsigned char*>(data)[i]);
  }
  void add_whole(std::uint64_t value) { hash = (hash ^ value) * 0x100000001b3; }
  /// 16 hexadecimal digits.
  std::string text() const {
    std::array<char, 17> digits;
    std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(hash));
    return digits.data();
  }
};

}  // namespace agon
