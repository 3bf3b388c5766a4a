// How far apart two tables lie, seen along random lines.
#pragma once

#include <cstdint>

#include "host/evaluate/distances/distance_rows.hpp"

namespace agon::host {

struct SlicedOptions {
  std::int64_t most_rows = 10'000;  ///< of each table
  std::int64_t directions = 100;
  std::uint64_t seed = 1;
};

/// The sliced Wasserstein-2 distance of equally many rows of two tables, in DistanceSpace: the root of the
/// mean over directions of the mean squared difference of the sorted projections. Source: Bonneel, Rabin,
/// Peyre, Pfister, "Sliced and Radon Wasserstein barycenters of measures" (2015).
double sliced_distance(const DistanceRows& a, const DistanceRows& b, const DistanceSpace& space,
                       std::int64_t directions, std::uint64_t seed);

struct SlicedDistance {
  std::int64_t rows = 0;  ///< of each table
  double synthetic = 0;   ///< real rows against synthetic ones
  /// Real rows against held-out ones, or one half of the real rows against the other: it shrinks as rows
  /// grow.
  double floor = 0;
  bool floor_is_held_out = false;
  std::int64_t floor_rows = 0;
  double synthetic_as_floor = 0;  ///< the synthetic table at the floor's number of rows
};
/// Throws DataError where a table has no two rows.
SlicedDistance measure_sliced_distance(const DistanceTables& points, const SlicedOptions& options = {});

}  // namespace agon::host
