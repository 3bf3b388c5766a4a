// How far a generator's rows lie from rows that it never learnt from.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "engine/runtime/device.hpp"
#include "engine/runtime/owned.hpp"

namespace agon {

/// Distances of a sample from the held-out rows, in the units of standardised columns; NaN where a number of
/// the sample is not finite.
struct HeldOutScore {
  double sliced_wasserstein = 0;  ///< root of the mean square over directions; 0 where the samples are one
  double mmd = 0;  ///< unbiased estimate of the squared maximum mean discrepancy; about 0, and below it, too,
                   ///< where both samples are from one distribution
  double spread = 0;  ///< mean over the columns that vary in the held-out rows of the sample's standard
                      ///< deviation over theirs, each counted up to 1

  /// A sample below this spread has collapsed: it says next to nothing of the data, however near it lies.
  static constexpr double kCollapsed = 0.25;
  bool collapsed() const { return spread < kCollapsed; }
  /// One beyond this distance says little of them: a single point in their middle is about 1 away. On the
  /// bundled table sound runs end below 0.3, poor ones (quality below 0.75) above 0.65. Few held-out rows are
  /// far from whatever they were drawn from: `floor` is the training rows' own distance from them, which no
  /// generator is to blame for. Squares are what adds up.
  static constexpr double kFar = 0.6;
  bool far(double floor) const {
    return !(sliced_wasserstein * sliced_wasserstein - floor * floor <= kFar * kFar);
  }
};

/// Whether `a` is the better one: nearer by the sliced Wasserstein distance, but not collapsed where `b` is
/// not. NaN is worse than all.
bool is_better(const HeldOutScore& a, const HeldOutScore& b);

struct HeldOutOptions {
  std::int64_t directions = 128;  ///< at most 65536
  std::int64_t samples = 1024;    ///< rows of a sample, about; at most 2048
};

/// Works on a queue of its own, on `device`; both distances are computed there from the same rows.
class HeldOutScorer {
 public:
  /// `held_out` (rows, width), finite, two rows or more; of more than 2048 the first so many count.
  /// Directions are drawn from `seed`, uniform on the sphere. The Gaussian kernel's bandwidth is the median
  /// distance between two of the first 512 rows (1 where that is 0). Throws DataError, ConfigurationError.
  HeldOutScorer(const Device& device, std::span<const float> held_out, std::int64_t width, std::uint64_t seed,
                const HeldOutOptions& options = {});
  HeldOutScorer(HeldOutScorer&&) noexcept;
  HeldOutScorer& operator=(HeldOutScorer&&) noexcept;
  ~HeldOutScorer();

  /// How many rows a sample has: as often the held-out rows as fit into options.samples, at least once; each
  /// of them then stands for so many, and a small table's score is as certain as its own rows let it be.
  std::int64_t rows() const;
  double bandwidth() const;

  /// `sample` is (rows(), width). Throws ConfigurationError where it is not, DeviceError.
  HeldOutScore score(std::span<const float> sample);

 private:
  struct Implementation;
  Owned<Implementation> implementation_;
};

}  // namespace agon
