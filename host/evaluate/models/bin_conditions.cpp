#include "host/evaluate/models/bin_conditions.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "host/table/text.hpp"

namespace agon::host {
namespace {

// Of the bins behind the ranges: those that are, or are not, in the set, "'A' or 'B'".
std::string levels_in_words(const NamedBins& bins, const BinSet& set, bool in_set) {
  std::string words;
  for (std::size_t b = bins.ranges; b < set.size(); ++b)
    if (set[b] == in_set && bins.used[b]) words += (words.empty() ? "" : " or ") + bins.names[b];
  return words;
}

// Of the ranges of the set, which lie side by side.
std::string ranges_in_words(const NamedBins& bins, const BinSet& set) {
  const auto end = set.begin() + static_cast<std::ptrdiff_t>(bins.ranges);
  const auto first = static_cast<std::size_t>(std::find(set.begin(), end, true) - set.begin());
  std::size_t last = first;
  while (last + 1 < bins.ranges && set[last + 1]) ++last;
  if (first == 0) return bins.below[last];
  if (last + 1 == bins.ranges) return bins.above[first - 1];
  return first == last ? bins.names[first] : "from " + bins.ends[first - 1] + " to below " + bins.ends[last];
}

}  // namespace

std::vector<BinSet> possible_sides(const NamedBins& bins) {
  std::vector<BinSet> sides;
  for (std::size_t k = 1; k < bins.ranges; ++k) {
    BinSet side(bins.names.size());
    std::fill_n(side.begin(), k, true);
    sides.push_back(std::move(side));
  }
  for (std::size_t b = bins.ranges; b < bins.names.size(); ++b) {
    if (!bins.used[b]) continue;
    BinSet side(bins.names.size());
    side[b] = true;
    sides.push_back(std::move(side));
  }
  return sides;
}

std::string condition_in_words(const std::string& column, const NamedBins& bins, const BinSet& set) {
  const std::string name = printable(column, 32);
  const auto ranges = static_cast<std::size_t>(
      std::count(set.begin(), set.begin() + static_cast<std::ptrdiff_t>(bins.ranges), true));
  const std::string within = levels_in_words(bins, set, true), without = levels_in_words(bins, set, false);
  if (ranges == bins.ranges) {  // all numbers, or there are none
    const bool few = bins.ranges == 0 && within.find("' or ") == std::string::npos;
    if (without == "no value") return name + " with a value";
    return name + (few ? " " + within : " not " + without);
  }
  if (ranges == 0) return name + " " + within;
  std::string words = name + " " + ranges_in_words(bins, set);
  if (!within.empty()) words += without.empty() ? ", or no number" : ", or " + within;
  return words;
}

}  // namespace agon::host
