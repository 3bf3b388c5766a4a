// Whether synthetic rows lie where real ones do, and real ones where synthetic ones do.
#pragma once

#include <cstdint>
#include <string>

#include "host/evaluate/distances/distance_rows.hpp"
#include "host/evaluate/distances/row_search.hpp"

namespace agon::host {

/// Figures of two samples, "real" and "made", of some n rows each. Distances are Euclid's in DistanceSpace;
/// a nearest real row is another one, however equal.
struct CoverageFigures {
  /// 1 - sum |a - P(a)| / sum a over 30 a from 0 to 1, P(a) the share of made rows that are no farther from
  /// the real rows' mean than the a-quantile of the real rows' distances. Source: Alaa, van Breugel,
  /// Saveliev, van der Schaar, "How faithful is your synthetic data?" (2022), as synthcity computes it on raw
  /// columns.
  double alpha_precision = 0;
  /// The same with R(a), the share of real rows that have a made row no farther than their nearest real row,
  /// this made row being no farther from the made rows' mean than the a-quantile of the distances of all
  /// real rows' nearest made rows. Two samples of one distribution reach some 0.5.
  double beta_recall = 0;
  /// The share of made rows that are farther from their nearest real row than this one is from its own
  /// nearest real row. The same paper; synthcity's code compares with another row's distance.
  double authenticity = 0;
  /// Of the balls around real rows that reach to their 5th nearest real row: how many each made row lies in,
  /// over 5 (above 1: crowded where real rows are dense), and the share of balls with a made row. A row on
  /// the edge is inside, so that copies count where balls have no size. Source: Naeem, Oh, Uh, Choi, Yoo,
  /// "Reliable fidelity and diversity metrics for generative models" (2020), k = 5.
  double density = 0, coverage = 0;
};
CoverageFigures coverage_figures(const RowSearch& search, const DistanceSpace& space,
                                 const DistanceRows& real, const DistanceRows& made);

struct CoverageOptions {
  std::int64_t most_rows = 30'000;        ///< that are compared, of either table
  std::int64_t most_floor_rows = 10'000;  ///< the same for floors
  int draws = 5;                          ///< of the floor
  std::uint64_t seed = 1;
};

struct Coverage {
  std::int64_t rows = 0;  ///< of either table: as many as the smaller has, at most options.most_rows
  CoverageFigures synthetic;
  /// A floor is what real rows reach in the synthetic rows' place: held-out ones, else one random half of the
  /// real table against the other. Its rows are drawn anew for each of `draws` draws. `synthetic_as_floor` is
  /// the synthetic table at the floor's number of rows, mean of the draws: the one to compare with.
  std::int64_t floor_rows = 0;
  bool floor_is_held_out = false;
  int draws = 0;
  CoverageFigures floor, floor_least, floor_greatest;  ///< mean, least and greatest of the draws
  CoverageFigures synthetic_as_floor;
};
/// Throws DataError where a table has fewer than two rows, DeviceError.
Coverage measure_coverage(const RowSearch& search, const DistanceTables& tables,
                          const CoverageOptions& options = {});

}  // namespace agon::host
