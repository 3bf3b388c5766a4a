// A column's cells in a few bins with names that no single person stands behind.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "host/evaluate/models/round_ends.hpp"
#include "host/evaluate/tables/compared_tables.hpp"

namespace agon::host {

struct NamedBins {
  std::size_t ranges = 0;  ///< the first bins are ranges of numbers, rising; 0 of a nominal column
  /// (ranges - 1) where ranges i and i + 1 meet: all below, all above, and the end itself.
  std::vector<std::string> below, above, ends;
  std::vector<std::string> names;  ///< (bins): ranges; the commonest levels; "another value"; "no value"
  std::vector<bool> used;          ///< (bins): whether any row is there
  std::vector<std::size_t> real, synthetic;  ///< (rows) the bin of each
};

/// Some ten ranges between round ends, or, where most numbers are one, below, at and above it; the commonest
/// twelve levels that five or more real rows have.
NamedBins named_bins(const ComparedColumn& column, const ComparedCells& real, const ComparedCells& synthetic,
                     const SpellNumber& spell);

}  // namespace agon::host
