// Rows that replicas are scored by: kept out of training, and what a replica's samples are compared with.
#pragma once

#include <cstdint>
#include <span>

#include "engine/training/gan.hpp"
#include "host/table/table.hpp"

namespace agon::host {

/// A table in two parts, each in the table's order, with statistics of its own.
struct Split {
  Table training, held_out;
};

/// Holds out `share` of the rows, rounded, but at least 10 where there are 20, else half of them. Which ones
/// depends on (seed, number of rows) alone: those that a keyed permutation (kernels/formula/permutation.hpp)
/// moves to the front. Throws DataError where either part would have fewer than two rows, or the training
/// part a constant column.
Split hold_out(const Table& table, double share, std::uint64_t seed);

/// SDMetrics' quality (host/evaluate/quality.hpp) of the replica's samples against the held-out rows, in [0,
/// 1]: as many samples as there are held-out rows, at least 1000; of more than 10,000 held-out rows the first
/// so many count. All replicas draw from the same noise, that of `seed`. NaN where a sample is not finite.
/// `columns` are the training part's.
double held_out_score(const Gan& gan, int replica, const Table& held_out, std::span<const Column> columns,
                      std::uint64_t seed);

}  // namespace agon::host
