// Names of records, made anew in a column's pattern.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace agon {

/// Either `before`, a number that counts up from `next` with at least `digits` digits, `after`; or, where
/// `alphabets` are given, one letter of each: the original's letters at each place.
struct IdentifierPattern {
  std::string before, after;
  std::uint64_t next = 1;
  std::int64_t digits = 0;
  std::vector<std::string> alphabets;
  /// The number that the last places spell, in the alphabets' mixed base, is `residue` modulo `modulus`,
  /// which no original's is. Modulus 1: there are too few names for that, and an original's may come again.
  std::uint64_t modulus = 1, residue = 0;

  bool may_repeat() const { return !alphabets.empty() && modulus == 1; }
};

IdentifierPattern fit_identifiers(const std::vector<std::string_view>& originals);

/// Makes a pattern's names; those of one seed differ from each other as long as the pattern has enough.
class IdentifierMaker {
 public:
  IdentifierMaker(const IdentifierPattern& pattern, std::uint64_t seed, std::uint32_t column);
  /// Appends the name of the record `number` to `out`.
  void make(std::uint64_t number, std::string& out) const;

 private:
  const IdentifierPattern& pattern_;
  std::uint64_t seed_;
  std::uint32_t column_;
  std::size_t first_counted_ = 0;  // places from here on are counted
  std::uint64_t slots_ = 1, stride_ = 1;
};

}  // namespace agon
