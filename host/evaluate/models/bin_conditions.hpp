// Conditions on a column's named bins, and how they are said.
#pragma once

#include <string>
#include <vector>

#include "host/evaluate/models/named_bins.hpp"

namespace agon::host {

using BinSet = std::vector<bool>;  ///< (bins): those that fulfil the condition

/// One side of each split of a column: ranges below an end (levels and "no value" are on the other side), or
/// a single level, or "no value".
std::vector<BinSet> possible_sides(const NamedBins& bins);

/// "age below 30", "sex 'F'", "ward not 'A' or 'B'", "lab 5 or more, or no number": a set that such splits
/// leave.
std::string condition_in_words(const std::string& column, const NamedBins& bins, const BinSet& set);

}  // namespace agon::host
