// Ends of ranges of numbers, rounded so that they are no one's value.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "host/evaluate/tables/compared_tables.hpp"

namespace agon::host {

/// How a number of a column is spelled; none: with ten digits.
using SpellNumber = std::function<std::string(double)>;
std::string spelled(double x, const SpellNumber& spell);

/// Rising, without those that are none.
std::vector<double> sorted_numbers(const ComparedCells& cells);
/// A power of ten, some 20 to 200 of which span the middle nine tenths of the numbers; 0 where these are one
/// number.
double rounding_step(const std::vector<double>& sorted);
/// The nearest multiple; as it is where the step is 0.
double to_step(double x, double step);
/// The ends of `parts` ranges with about as many numbers each, rounded: rising, fewer where they coincide,
/// none where the step is 0.
std::vector<double> round_ends(const std::vector<double>& sorted, int parts);

}  // namespace agon::host
