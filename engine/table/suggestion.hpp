// "Did you mean ...?"
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace agon {

/// Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b` (optimal string
/// alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// "; did you mean 'epochs'?" for the nearest of `names` when it is near enough, else "".
std::string suggestion(std::string_view wrong, const std::vector<std::string>& names);

}  // namespace agon
