#include "engine/table/identifiers.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "kernels/formula/permutation.hpp"
#include "kernels/random.hpp"

namespace agon {
namespace {

using kernels::formula::PhiloxBlock;

constexpr std::uint64_t kMostNames = std::uint64_t{1} << 62;         // that places are counted for
constexpr std::uint64_t kMostSlots = (std::uint64_t{1} << 31) - 1;   // of one permutation
constexpr std::uint32_t kSpread = 0x1D000000u, kFree = 0x1E000000u;  // streams of a column

bool is_decimal_digit(char letter) { return letter >= '0' && letter <= '9'; }

/// The places at the end that together have at most kMostNames names: the first of them, and the names.
std::pair<std::size_t, std::uint64_t> counted_places(const std::vector<std::string>& alphabets) {
  std::uint64_t names = 1;
  std::size_t first = alphabets.size();
  while (first > 0 && names <= kMostNames / alphabets[first - 1].size()) names *= alphabets[--first].size();
  return {first, names};
}

std::uint64_t number_of(const std::vector<std::string>& alphabets, std::size_t first, std::string_view name) {
  std::uint64_t number = 0;
  for (std::size_t i = first; i < alphabets.size(); ++i)
    number = number * alphabets[i].size() + alphabets[i].find(name[i]);
  return number;
}

/// A class of numbers, modulo about twice as many as there are originals, that has none of them.
void keep_away(IdentifierPattern& pattern, const std::vector<std::string_view>& originals) {
  const auto [first, names] = counted_places(pattern.alphabets);
  const std::uint64_t modulus = 2 * originals.size() + 1;
  if (names / modulus < 4 * originals.size()) return;
  std::vector<bool> taken(modulus);
  for (const std::string_view name : originals)
    taken[number_of(pattern.alphabets, first, name) % modulus] = true;
  // Somewhere in the middle, so that which class it is says little.
  for (std::uint64_t i = 0; i < modulus; ++i)
    if (const std::uint64_t residue = (i + modulus / 3) % modulus; !taken[residue]) {
      pattern.modulus = modulus;
      pattern.residue = residue;
      return;
    }
}

std::size_t common_beginning(const std::vector<std::string_view>& names, bool backwards) {
  std::size_t length = names.front().size();
  for (const std::string_view name : names) {
    std::size_t same = 0;
    const auto letter = [&](std::string_view text) {
      return backwards ? text[text.size() - 1 - same] : text[same];
    };
    while (same < std::min(length, name.size()) && letter(name) == letter(names.front())) ++same;
    length = same;
  }
  return length;
}

/// [before][digits][after] in all names, as numbers below 10^18; the pattern counts up from the largest.
/// Returns how many numbers there are up to it for each name; 0 where names are not of this form.
double counts_up(const std::vector<std::string_view>& names, IdentifierPattern& pattern) {
  std::size_t begin = common_beginning(names, false), end = common_beginning(names, true);
  while (begin > 0 && is_decimal_digit(names.front()[begin - 1])) --begin;
  while (end > 0 && is_decimal_digit(names.front()[names.front().size() - end])) --end;
  std::uint64_t least = UINT64_MAX, most = 0;
  std::size_t shortest = SIZE_MAX;
  for (const std::string_view name : names) {
    if (name.size() <= begin + end) return 0;
    const std::string_view digits = name.substr(begin, name.size() - begin - end);
    std::uint64_t number = 0;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (digits.size() > 18 || error != std::errc() || stop != digits.data() + digits.size()) return 0;
    least = std::min(least, number), most = std::max(most, number);
    shortest = std::min(shortest, digits.size());
  }
  pattern.before = names.front().substr(0, begin);
  pattern.after = names.front().substr(names.front().size() - end);
  pattern.next = most + 1;
  pattern.digits = static_cast<std::int64_t>(shortest);
  return static_cast<double>(most - least + 1) / static_cast<double>(names.size());
}

/// The letters at each place of the names of the commonest length.
std::vector<std::string> alphabets_of(const std::vector<std::string_view>& names, std::size_t length) {
  std::vector<std::string> alphabets(length);
  for (std::size_t i = 0; i < length; ++i) {
    std::array<bool, 256> seen{};
    for (const std::string_view name : names)
      if (name.size() == length) seen[static_cast<unsigned char>(name[i])] = true;
    for (int letter = 0; letter < 256; ++letter)
      if (seen[static_cast<std::size_t>(letter)]) alphabets[i] += static_cast<char>(letter);
  }
  return alphabets;
}

std::size_t commonest_length(const std::vector<std::string_view>& names) {
  std::array<std::size_t, 65> rows{};
  for (const std::string_view name : names) ++rows[std::min<std::size_t>(name.size(), 64)];
  return static_cast<std::size_t>(std::max_element(rows.begin(), rows.end()) - rows.begin());
}

/// Letters of several bytes must not be cut.
bool is_ascii(const std::vector<std::string_view>& names) {
  return std::ranges::all_of(names, [](std::string_view name) {
    return std::ranges::all_of(name, [](char letter) { return static_cast<unsigned char>(letter) < 128; });
  });
}

}  // namespace

IdentifierPattern fit_identifiers(const std::vector<std::string_view>& originals) {
  constexpr double kCounted =
      8;  // numbers up to the largest, for each name: more of them are drawn, not counted
  IdentifierPattern pattern;
  if (originals.empty()) return pattern;
  const double numbers = counts_up(originals, pattern);
  if (numbers > 0 && numbers <= kCounted) return pattern;
  const std::size_t length = commonest_length(originals);
  if (length == 0 || length == 64 || !is_ascii(originals)) {
    if (numbers == 0) pattern = {};
    return pattern;
  }
  std::vector<std::string_view> alike;
  for (const std::string_view name : originals)
    if (name.size() == length) alike.push_back(name);
  IdentifierPattern drawn;
  drawn.alphabets = alphabets_of(alike, length);
  const std::uint64_t names = counted_places(drawn.alphabets).second;
  if (names < 2 * originals.size()) return numbers > 0 ? pattern : IdentifierPattern{};
  keep_away(drawn, alike);
  return drawn;
}

IdentifierMaker::IdentifierMaker(const IdentifierPattern& pattern, std::uint64_t seed, std::uint32_t column)
    : pattern_(pattern), seed_(seed), column_(column) {
  if (pattern.alphabets.empty()) return;
  const auto [first, names] = counted_places(pattern.alphabets);
  first_counted_ = first;
  const std::uint64_t allowed = names / pattern.modulus;
  slots_ = std::min(allowed, kMostSlots);
  stride_ = allowed / slots_;
}

void IdentifierMaker::make(std::uint64_t number, std::string& out) const {
  if (pattern_.alphabets.empty()) {
    const std::string digits = std::to_string(pattern_.next + number);
    const auto least = static_cast<std::size_t>(pattern_.digits);
    out += pattern_.before;
    if (digits.size() < least) out.append(least - digits.size(), '0');
    out += digits;
    out += pattern_.after;
    return;
  }
  using kernels::formula::random_block;
  const auto order = kernels::formula::permutation(static_cast<std::uint32_t>(slots_), seed_,
                                                   kSpread + column_, number / slots_);
  const std::uint64_t slot = kernels::formula::permute(order, static_cast<std::uint32_t>(number % slots_));
  const PhiloxBlock bits = random_block(seed_, kFree + column_, number, 0);
  const std::uint64_t within = (std::uint64_t{bits.word[0]} << 32 | bits.word[1]) % stride_;
  std::uint64_t rest = (slot * stride_ + within) * pattern_.modulus + pattern_.residue;
  const std::size_t start = out.size(), places = pattern_.alphabets.size();
  out.resize(start + places);
  for (std::size_t i = places; i-- > first_counted_; rest /= pattern_.alphabets[i].size())
    out[start + i] = pattern_.alphabets[i][rest % pattern_.alphabets[i].size()];
  for (std::size_t i = 0; i < first_counted_; ++i) {
    const PhiloxBlock letter =
        random_block(seed_, kFree + column_, number, static_cast<std::uint32_t>(1 + i / 4));
    out[start + i] = pattern_.alphabets[i][letter.word[i % 4] % pattern_.alphabets[i].size()];
  }
}

}  // namespace agon
