// Zeroes the bytes of an object that belong to no member, so that equal arguments have equal bytes.
//
// The members of an aggregate are counted by the initialisers they take, then bound: what lies between them
// is padding. Of what has more members GCC knows it; with other compilers it is not comparable.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <type_traits>
#include <utility>

namespace agon::simulator {

inline constexpr std::size_t kMostMembers = 13;
inline constexpr std::size_t kMostInitialisers = 20;

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

/// How many initialisers the aggregate T takes: one for each member, for each element where it is an array.
template <class T, std::size_t n = kMostInitialisers + 1>
constexpr std::size_t initialisers() {
  if constexpr (n == 0 || Takes<T, std::make_index_sequence<n>>::value) {
    return n;
  } else {
    return initialisers<T, n - 1>();
  }
}

template <class T, class Before, class Inside, class After>
struct TakesBraced : std::false_type {};
template <class T, std::size_t... i, std::size_t... j, std::size_t... k>
requires requires { T{AnythingAt<i>{}..., {AnythingAt<j>{}...}, AnythingAt<k>{}...}; }
struct TakesBraced<T, std::index_sequence<i...>, std::index_sequence<j...>, std::index_sequence<k...>>
    : std::true_type {};

/// How many of T's n initialisers the member takes whose first is number `at`: so many as can stand in braces
/// of their own and leave no more than a member for each of the rest. 0 where that cannot be told.
template <class T, std::size_t n, std::size_t at, std::size_t width = 1>
constexpr std::size_t width_of_member() {
  if constexpr (at + width > n) {
    return 0;
  } else if constexpr (TakesBraced<T, std::make_index_sequence<at>, std::make_index_sequence<width>,
                                   std::make_index_sequence<n - at - width>>::value) {
    return width;
  } else {
    return width_of_member<T, n, at, width + 1>();
  }
}

/// How many members take T's initialisers from `at` on; more than there can be where that cannot be told.
template <class T, std::size_t n, std::size_t at = 0>
constexpr std::size_t members() {
  if constexpr (at == n) {
    return 0;
  } else if constexpr (constexpr std::size_t width = width_of_member<T, n, at>(); width == 0) {
    return kMostMembers + 1;
  } else {
    return 1 + members<T, n, at + width>();
  }
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
  } else if constexpr (n == 12) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l] = object;
    use(a, b, c, d, e, f, g, h, i, j, k, l);
  } else if constexpr (n == 13) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m] = object;
    use(a, b, c, d, e, f, g, h, i, j, k, l, m);
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
  } else if constexpr (std::is_array_v<T>) {
    bool known = true;
    for (const auto& element : object) known = known && mark_values(element, whole, mask, bytes);
    return known;
  } else if constexpr (std::is_aggregate_v<T>) {
    bool known = false;
    if constexpr (constexpr std::size_t n = initialisers<T>(); n >= 1 && n <= kMostInitialisers) {
      if constexpr (constexpr std::size_t count = members<T, n>(); count <= kMostMembers)
        with_members<count>(
            object, [&](const auto&... member) { known = (mark_values(member, whole, mask, bytes) && ...); });
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
/// trivially copyable, and what is left to the compiler has no array of structures ahead of other members:
/// GCC 12 then clears bytes of values.
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
