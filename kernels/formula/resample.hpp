// Which elements of a row or column make one of the resampled row or column, and with which weights.
#pragma once

#include <cstddef>

#include "kernels/formula/annotate.hpp"
#include "kernels/resample.hpp"

namespace agon::kernels::formula {

/// Along one axis, output o is the sum over t < kTaps of weight(o, t) * input(first(o) + t), in the order of
/// t. Rows are summed first, times the scale, and then columns.
template <ResampleFilter filter, bool up>
struct ResampleAxis {
  static constexpr bool kUp = up;
  static constexpr int kInputs = up ? 1 : 2, kOutputs = up ? 2 : 1;  ///< for each coarse element
  static constexpr bool kLinear = filter == ResampleFilter::linear;
  static constexpr std::size_t kTaps = (kLinear ? 2 : 1) * (up ? 1 : 2);
  static constexpr int kReach = kLinear ? 1 : 0;  ///< inputs needed before and behind those of a range

  template <class Index>
  AGON_MEMBER_FORMULA static constexpr Index first(Index o) {
    return up ? (o + kReach) / 2 - kReach : 2 * o - kReach;
  }
  template <class Index>
  AGON_MEMBER_FORMULA static constexpr float weight(Index o, std::size_t t) {
    if (!kLinear) return up ? 1.0f : 0.5f;
    if (up) return static_cast<std::size_t>(o % 2) == t ? 0.25f : 0.75f;
    return t == 0 || t == 3 ? 0.125f : 0.375f;
  }
};

/// The sum over t of weight[t] * value[t]. Without a loop: one of four turns would keep the loop around it
/// from being vectorised.
template <std::size_t taps>
AGON_FORMULA float weighted_sum(const float (&weight)[taps], const float (&value)[taps]) {
  static_assert(taps == 1 || taps == 2 || taps == 4);
  float sum = rounded_product(weight[0], value[0]);
  if constexpr (taps > 1) sum = fused(weight[1], value[1], sum);
  if constexpr (taps > 2) sum = fused(weight[3], value[3], fused(weight[2], value[2], sum));
  return sum;
}

}  // namespace agon::kernels::formula
