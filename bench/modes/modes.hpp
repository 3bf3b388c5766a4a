// Mode coverage: how many of a mixture's modes samples reach, how close they come, and how evenly.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "bench/modes/mixture.hpp"

namespace agon::host {

/// Of one set of samples, as VEEGAN (Srivastava et al., NeurIPS 2017) and PacGAN (Lin et al., NeurIPS 2018)
/// count, for their tables 1: a sample belongs to its nearest mode; it is of high quality within three of
/// the mixture's standard deviations of that mode's centre (Euclidean distance, as PacGAN's published code
/// has it; of a normal mode in two columns 1 - e^-4.5 = 98.89% are); a mode is found where it has at least
/// one such sample. Of a mixture without a deviation any sample will do, as StackedMNIST counts.
struct ModeScore {
  double found = 0;         ///< modes
  double high_quality = 0;  ///< share of the samples; NaN where the mixture has no deviation
  /// KL(q || uniform) = sum over modes of q log(K q), natural logarithm, q the shares of all samples by
  /// nearest mode. From N samples of the truth itself it is about (K - 1) / (2 N).
  double reverse_kl = 0;
  /// The same of the samples of high quality alone, from which PacGAN's published code takes its entropy; NaN
  /// where there are none. Where the mixture has no deviation, of all.
  double reverse_kl_high_quality = 0;
  /// Standard deviation of the samples of high quality about the mean of theirs in the same mode, pooled over
  /// modes and columns, over the mixture's own. The cut at three deviations makes it 0.974 for the truth in
  /// two columns; below, modes have shrunk. NaN where no mode has two such samples, or no deviation.
  double spread = 0;
};

/// `samples` is (n, mixture.width) row-major, n >= 1, all finite.
ModeScore score_modes(const Mixture& mixture, std::span<const double> samples);

/// Index of the nearest centre; of equally near ones the first.
std::int64_t nearest_mode(const Mixture& mixture, std::span<const double> sample);

/// Mean, and the standard error of the mean (population of n - 1; NaN for fewer than two).
struct Estimate {
  double mean = 0, error = 0;
};
/// NaN values are left out; no others give NaN.
Estimate estimate(std::span<const double> values);

}  // namespace agon::host
