// A nominal column's levels, found by what a spelling means.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace agon::host {

/// "12", "-0.5": digits with a point at most, and no needless zero ahead ("007" names something). Nothing for
/// other texts.
std::optional<double> plain_number(std::string_view text);

class LevelsByMeaning {
 public:
  static constexpr std::int32_t kNew = -1;

  /// `folds`: capitals make no difference, as in TRUE and True.
  explicit LevelsByMeaning(bool folds) : folds_(folds) {}

  /// The level that is spelled so; else the only one that is the same number; else, where capitals make no
  /// difference, the only one spelled so but for them; else kNew.
  std::int32_t find(std::string_view text) const;
  /// The level that is spelled so, or kNew.
  std::int32_t spelled(std::string_view text) const;
  /// Its number. The text must differ from all that are there.
  std::int32_t add(std::string_view text);

  const std::vector<std::string>& levels() const { return levels_; }

 private:
  static constexpr std::int32_t kSeveral = -2;

  bool folds_;
  std::vector<std::string> levels_;
  std::unordered_map<std::string, std::int32_t> texts_, folded_;
  std::unordered_map<double, std::int32_t> numbers_;
};

}  // namespace agon::host
