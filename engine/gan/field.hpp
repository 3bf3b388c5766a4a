// What is known of one member of a configuration: its name, the numbers it may hold, its words for people.
#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

namespace agon {

/// Numbers from `low` to `high`, inclusive where not said otherwise. An infinite end bounds nothing, and is
/// itself out of bounds. Ends of integers are whole, and inclusive.
struct Bounds {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool above_low = false;   ///< `low` itself is out of bounds
  bool below_high = false;  ///< `high` itself is

  static constexpr Bounds from(double low) { return {.low = low}; }
  static constexpr Bounds between(double low, double high) { return {.low = low, .high = high}; }
  static constexpr Bounds above(double low) { return {.low = low, .above_low = true}; }
  /// Above `low`, at most `high`.
  static constexpr Bounds above(double low, double high) {
    return {.low = low, .high = high, .above_low = true};
  }
  /// At least `low`, below `high`.
  static constexpr Bounds below(double low, double high) {
    return {.low = low, .high = high, .below_high = true};
  }

  bool hold(double value) const {
    return std::isfinite(value) && (above_low ? value > low : value >= low) &&
           (below_high ? value < high : value <= high);
  }
  /// As integers: a double does not tell 2^53 + 1 from 2^53.
  template <std::integral Integer>
  bool hold(Integer value) const {
    return (std::isinf(low) || std::cmp_greater_equal(value, static_cast<std::int64_t>(low))) &&
           (std::isinf(high) || std::cmp_less_equal(value, static_cast<std::int64_t>(high)));
  }
};

/// How a member stands in a checkpoint. What came later than the format may be missing: configurations that
/// older versions know stay as they were.
enum class Entry : std::uint8_t {
  optional,    ///< not there at its default
  always,      ///< there
  with_group,  ///< there unless all of its group is at its defaults
};

struct Field {
  /// The member's: "clip_norm", "penalties.r1". Also its place in a checkpoint's JSON.
  std::string_view path;
  std::string_view text{};  ///< its meaning, for who sets it; empty: it is no setting but follows from others
  Bounds bounds{};          ///< of its numbers, or of each in its list
  Entry entry = Entry::optional;
  Bounds asked{};  ///< what a setting takes, where that is narrower
  /// Its name as a setting, "section.key"; where empty the path, after "training." where that has no group.
  std::string_view setting{};
  /// Its flag without "--", "" for none; where not given the setting's key with dashes, in the networks'
  /// sections after "generator-" or "discriminator-".
  std::optional<std::string_view> flag{};

  // The same field, but for one thing: Field{"pack", "rows ...", kRows}.as("discriminator.pack").
  constexpr Field as(std::string_view name) const { return changed(&Field::setting, name); }
  constexpr Field with_flag(std::string_view name) const {
    return changed(&Field::flag, std::optional(name));
  }
  constexpr Field takes(Bounds narrower) const { return changed(&Field::asked, narrower); }
  constexpr Field always() const { return changed(&Field::entry, Entry::always); }
  constexpr Field with_group() const { return changed(&Field::entry, Entry::with_group); }

 private:
  template <class Part>
  constexpr Field changed(Part Field::*part, Part value) const {
    Field field = *this;
    field.*part = value;
    return field;
  }
};

}  // namespace agon
