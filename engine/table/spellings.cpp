#include "engine/table/spellings.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "kernels/error.hpp"

namespace agon {
namespace {

constexpr std::size_t kExactLength = 8;  // up to it, a text's length and hash tell it from every other
constexpr std::size_t kFewestSlots = 16;

template <class Word>
std::uint64_t load(const char* p) {
  Word word;
  std::memcpy(&word, p, sizeof word);
  return word;
}

// Its bytes in one word, the same for no two texts of one length.
std::uint64_t word_of_short(std::string_view text) {
  const char* const p = text.data();
  const std::size_t n = text.size();
  if (n >= 4) return load<std::uint32_t>(p) << 32 | load<std::uint32_t>(p + n - 4);
  if (n == 0) return 0;
  return load<std::uint8_t>(p) << 16 | load<std::uint8_t>(p + n / 2) << 8 | load<std::uint8_t>(p + n - 1);
}

// One-to-one, so that it keeps words apart (the shape of MurmurHash3's finaliser, A. Appleby).
std::uint64_t mix(std::uint64_t word) {
  word = (word ^ word >> 32) * 0x9E3779B97F4A7C15;
  return word ^ word >> 29;
}

std::uint64_t hash_of(std::string_view text) {
  const std::size_t n = text.size();
  if (n <= kExactLength) return mix(word_of_short(text) + n * 0xD6E8FEB86659FD93);
  std::uint64_t hash = n * 0xD6E8FEB86659FD93;
  const char* p = text.data();
  const char* const last = p + n - 8;
  for (; p < last; p += 8) hash = mix(hash ^ load<std::uint64_t>(p)) * 0xA0761D6478BD642F;
  return mix(hash ^ load<std::uint64_t>(last));
}

}  // namespace

void Spellings::make_room(std::size_t more) {
  const std::size_t needed = texts_.size() + more;
  if (4 * needed <= 3 * slots_.size()) return;
  if (needed >= kNone) throw DataError("more than 4 billion different texts in a column");
  std::vector<Slot> slots(std::bit_ceil(std::max(kFewestSlots, (4 * needed + 2) / 3)));
  const std::size_t mask = slots.size() - 1;
  for (const Slot& old : slots_) {
    if (old.number == kNone) continue;
    std::size_t i = old.hash & mask;
    while (slots[i].number != kNone) i = (i + 1) & mask;
    slots[i] = old;
  }
  slots_ = std::move(slots);
}

inline std::uint32_t Spellings::find_or_add(std::string_view text, std::uint64_t hash, Slot* slots,
                                            std::size_t mask) {
  const auto length = static_cast<std::uint32_t>(std::min<std::size_t>(text.size(), kNone));
  for (std::size_t i = hash & mask;; i = (i + 1) & mask) {
    Slot& slot = slots[i];
    if (slot.hash == hash && slot.length == length && slot.number != kNone &&
        (length <= kExactLength || texts_[slot.number] == text)) {
      return slot.number;
    }
    if (slot.number != kNone) continue;
    slot = {hash, static_cast<std::uint32_t>(texts_.size()), length};
    texts_.push_back(text);
    return slot.number;
  }
}

void Spellings::number(const std::string_view* texts, std::size_t stride, std::span<std::uint32_t> numbers) {
  constexpr std::size_t kPiece = 64;  // hashed ahead, so that the slots are on their way from memory
  std::array<std::uint64_t, kPiece> hashes;
  for (std::size_t begin = 0; begin < numbers.size(); begin += kPiece) {
    const std::size_t n = std::min(kPiece, numbers.size() - begin);
    make_room(n);
    Slot* const slots = slots_.data();
    const std::size_t mask = slots_.size() - 1;
    const std::string_view* const piece = texts + begin * stride;
    for (std::size_t i = 0; i < n; ++i) {
      hashes[i] = hash_of(piece[i * stride]);
      __builtin_prefetch(slots + (hashes[i] & mask));
    }
    for (std::size_t i = 0; i < n; ++i)
      numbers[begin + i] = find_or_add(piece[i * stride], hashes[i], slots, mask);
  }
}

}  // namespace agon
