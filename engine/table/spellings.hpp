// Distinct texts and their numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace agon {

/// Numbers texts from 0 in the order in which each is first seen: an open-addressing hash table made for
/// millions of short texts. It keeps views only: what they point into must outlive it.
class Spellings {
 public:
  /// Writes the number of texts[i * stride] to numbers[i], for each of `numbers`.
  void number(const std::string_view* texts, std::size_t stride, std::span<std::uint32_t> numbers);

  const std::vector<std::string_view>& texts() const { return texts_; }
  std::vector<std::string_view> take() && { return std::move(texts_); }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t number = kNone;
    std::uint32_t length = 0;
  };
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  std::uint32_t find_or_add(std::string_view text, std::uint64_t hash, Slot* slots, std::size_t mask);
  void make_room(std::size_t more);

  std::vector<Slot> slots_;  // a power of two of them, at most three quarters taken
  std::vector<std::string_view> texts_;
};

}  // namespace agon
