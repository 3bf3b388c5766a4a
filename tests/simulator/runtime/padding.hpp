// Zeroes the bytes of an object that belong to no member, so that equal arguments have equal bytes.
//
// The members of an aggregate are counted by how many initialisers it takes, then bound: what lies between
// them is padding. Of aggregates with arrays GCC knows it; with other compilers they are not comparable.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <type_traits>
#include <utility>

namespace agon::simulator {

inline constexpr std::size_t kMostMembers = 11;

/// Converts to any member's type.
struct Anything {
  template <class T>
  operator T() const;
};
template <std::size_t>
using AnythingAt = Anything;

template <class T, class Indices>
struct Takes : std::false_type {};
template <class T, std::size_t... i>
requires requires { T{AnythingAt<i>{}...}; }
struct Takes<T, std::index_sequence<i...>> : std::true_type {};

/// How many initialisers the aggregate T takes; more than its members where one of them is an array.
template <class T, std::size_t n = kMostMembers + 1>
constexpr std::size_t initialisers() {
  if constexpr (n == 0 || Takes<T, std::make_index_sequence<n>>::value) {
    return n;
  } else {
    return initialisers<T, n - 1>();
  }
}

/// Whether initialiser `i` of n can stand in braces of its own: an array there would leave the rest without a
/// member.
template <class T, class Before, class After>
struct TakesBraced : std::false_type {};
template <class T, std::size_t... i, std::size_t... j>
requires requires { T{AnythingAt<i>{}..., {Anything{}}, AnythingAt<j>{}...}; }
struct TakesBraced<T, std::index_sequence<i...>, std::index_sequence<j...>> : std::true_type {};

template <class T, std::size_t n, std::size_t... i>
constexpr bool no_arrays(std::index_sequence<i...>) {
  return (TakesBraced<T, std::make_index_sequence<i>, std::make_index_sequence<n - 1 - i>>::value && ...);
}

/// Calls `use` with every member of `object`, which has n.
template <std::size_t n, class T, class Use>
void with_members(T& object, const Use& use) {
  if constexpr (n == 1) {
    auto& [a] = object;
    use(a);
  } else if constexpr (n == 2) {
    auto& [a, b] = object;
    use(a, b);
  } else if constexpr (n == 3) {
    auto& [a, b, c] = object;
    use(a, b, c);
  } else if constexpr (n == 4) {
    auto& [a, b, c, d] = object;
    use(a, b, c, d);
  } else if constexpr (n == 5) {
    auto& [a, b, c, d, e] = object;
    use(a, b, c, d, e);
  } else if constexpr (n == 6) {
    auto& [a, b, c, d, e, f] = object;
    use(a, b, c, d, e, f);
  } else if constexpr (n == 7) {
    auto& [a, b, c, d, e, f, g] = object;
    use(a, b, c, d, e, f, g);
  } else if constexpr (n == 8) {
    auto& [a, b, c, d, e, f, g, h] = object;
    use(a, b, c, d, e, f, g, h);
  } else if constexpr (n == 9) {
    auto& [a, b, c, d, e, f, g, h, i] = object;
    use(a, b, c, d, e, f, g, h, i);
  } else if constexpr (n == 10) {
    auto& [a, b, c, d, e, f, g, h, i, j] = object;
    use(a, b, c, d, e, f, g, h, i, j);
  } else if constexpr (n == 11) {
    auto& [a, b, c, d, e, f, g, h, i, j, k] = object;
    use(a, b, c, d, e, f, g, h, i, j, k);
  }
}

/// Sets the bytes of `mask` that are value bytes of `object`, which lies at `offset` of the whole. False
/// where that cannot be told.
template <class T>
bool mark_values(const T& object, const std::byte* whole, std::byte* mask, std::size_t bytes) {
  const auto offset = static_cast<std::size_t>(reinterpret_cast<const std::byte*>(&object) - whole);
  if (offset + sizeof(T) > bytes) return false;  // a bit field: bound to a copy
  if constexpr (std::is_scalar_v<T> || std::has_unique_object_representations_v<T>) {
    std::memset(mask + offset, 1, sizeof(T));
    return true;
  } else if constexpr (std::is_empty_v<T>) {
    return true;
  } else if constexpr (std::is_aggregate_v<T> && !std::is_array_v<T>) {
    constexpr std::size_t n = initialisers<T>();
    bool known = false;
    if constexpr (n >= 1 && n <= kMostMembers) {
      if constexpr (no_arrays<T, n>(std::make_index_sequence<n>())) {
        with_members<n>(
            object, [&](const auto&... member) { known = (mark_values(member, whole, mask, bytes) && ...); });
      }
    }
    return known;
  } else {
    return false;
  }
}

/// clear_padding() without the compiler's help.
template <class T>
bool clear_padding_by_members(T& object) {
  auto* const bytes = reinterpret_cast<std::byte*>(&object);
  std::array<std::byte, sizeof(T)> mask{};
  if (!mark_values<T>(object, bytes, mask.data(), sizeof(T))) return false;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    if (mask[i] == std::byte{}) bytes[i] = std::byte{};
  return true;
}

/// False where padding could not be told from values: the bytes are then not comparable. `object` is
/// trivially copyable, and has no array of structures with padding: behind one GCC 12 clears bytes of the
/// object's beginning.
template <class T>
bool clear_padding(T& object) {
#if __has_builtin(__builtin_clear_padding)
  if (clear_padding_by_members(object)) return true;
  __builtin_clear_padding(&object);
  return true;
#else
  return clear_padding_by_members(object);
#endif
}

}  // namespace agon::simulator
