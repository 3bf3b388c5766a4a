// Nearest rows and densities of rows, on the engine's device.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "host/evaluate/distances/distance_rows.hpp"

namespace agon::host {

/// The rows nearest to each of n rows.
struct Neighbours {
  int k = 1;
  std::vector<float> squared;       ///< (n, k), rising; infinity where there are fewer rows than k
  std::vector<std::int32_t> index;  ///< (n, k): rows of the table searched; -1 there

  /// The distances to the `rank`th nearest (0: the nearest), (n).
  std::vector<double> distances(int rank = 0) const;
};

/// Works on a queue of its own. Memory: the two tables of a call on the device, never a matrix of distances.
/// A search of n in m rows takes n m steps. Distances are summed in float: a relative error of some 1e-7 of
/// the squared distance; 0 between equal rows. Throws DeviceError.
class RowSearch {
 public:
  RowSearch(const Device& device, const DistanceSpace& space);
  RowSearch(RowSearch&&) noexcept;
  ~RowSearch();

  /// The k (1 to 8) rows of `in` that are nearest to each of `queries`; of equal ones the first.
  Neighbours nearest(const DistanceRows& queries, const DistanceRows& in, int k = 1) const;
  /// To each of `rows` the nearest other ones.
  Neighbours nearest_others(const DistanceRows& rows, int k = 1) const;
  /// How many of `in` are no farther than `squared_radius` (n) from each of `queries`.
  std::vector<std::int32_t> within(const DistanceRows& queries, const DistanceRows& in,
                                   const std::vector<float>& squared_radius) const;
  /// Of each of `queries`, the sum over `in` of exp(-d^2 / (2 bandwidth^2)).
  std::vector<double> kernel_sums(const DistanceRows& queries, const DistanceRows& in,
                                  double bandwidth) const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace agon::host
