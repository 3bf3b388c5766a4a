// Strips of rows that fit into the L1 cache: rows are summed into a strip, whose columns are then summed into
// the output. Each is one pass over memory, whatever the number of channels.
#include "kernels/resample.hpp"

#include <cstddef>

#include "kernels/cpu/linear/gemm.hpp"
#include "kernels/cpu/parts.hpp"
#include "kernels/formula/resample.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

constexpr std::int64_t kParallelFrom = 32 * 1024;  // numbers; fewer are done before the others are awake
constexpr std::int64_t kStrip = 8192;              // numbers
constexpr std::int64_t kMostChannels = 1024;       // of a strip: several pixels fit in

const float kOutside[kStrip] = {};  // a row outside of the image

/// Coarse columns and channels that are resampled at a time.
struct Strip {
  std::int64_t column, columns, channel, channels;
};

/// sum[k] = sum over t of weight[t] * from[t][k], k < n.
template <std::size_t taps>
AGON_INLINE void sum_rows(const float (&weight)[taps], const float* const (&from)[taps], std::int64_t n,
                          float* sum) {
  const float* const first = from[0];
  const float* const second = from[taps > 1 ? 1 : 0];
  const float* const third = from[taps > 2 ? 2 : 0];
  const float* const fourth = from[taps > 2 ? 3 : 0];
#pragma omp simd
  for (std::int64_t k = 0; k < n; ++k) {
    if constexpr (taps == 1) {
      sum[k] = formula::weighted_sum(weight, {first[k]});
    } else if constexpr (taps == 2) {
      sum[k] = formula::weighted_sum(weight, {first[k], second[k]});
    } else {
      sum[k] = formula::weighted_sum(weight, {first[k], second[k], third[k], fourth[k]});
    }
  }
}

/// Row `o` of the strip's output, before its columns are summed: every input column that those reach, those
/// outside of the image as 0. `image` is the input's.
template <class Axis>
void fill_strip(const Resample& op, const float* image, std::int64_t o, std::int64_t column0,
                std::int64_t column1, const Strip& s, float* filled) {
  const ImageShape in = op.in();
  const std::int64_t begin = column0 < 0 ? 0 : column0, end = smaller(column1, in.width);
  for (std::int64_t k = 0; k < (begin - column0) * s.channels; ++k) filled[k] = 0.0f;
  for (std::int64_t k = (end - column0) * s.channels; k < (column1 - column0) * s.channels; ++k)
    filled[k] = 0.0f;
  filled += (begin - column0) * s.channels;
  float weight[Axis::kTaps];
  const float* row[Axis::kTaps];
  std::int64_t step[Axis::kTaps];  // to a row's next pixel
  for (std::size_t t = 0; t < Axis::kTaps; ++t) {
    const std::int64_t r = Axis::first(o) + static_cast<std::int64_t>(t);
    const bool inside = r >= 0 && r < in.height;
    weight[t] = formula::rounded_product(op.scale, Axis::weight(o, t));
    row[t] = inside ? image + (r * in.width + begin) * in.channels + s.channel : kOutside;
    step[t] = inside ? in.channels : 0;
  }
  if (s.channels == in.channels) return sum_rows(weight, row, (end - begin) * s.channels, filled);
  for (std::int64_t pixel = begin; pixel < end; ++pixel, filled += s.channels) {
    sum_rows(weight, row, s.channels, filled);
    for (std::size_t t = 0; t < Axis::kTaps; ++t) row[t] += step[t];
  }
}

/// One number of an even or odd column, from those of its taps, which are `pitch` numbers apart.
template <class Axis, int parity>
AGON_INLINE float sum_taps(const float* from, std::int64_t pitch) {
  constexpr auto weight = [](std::size_t t) { return Axis::weight(parity, t); };
  if constexpr (Axis::kTaps == 1) {
    return formula::weighted_sum({weight(0)}, {from[0]});
  } else if constexpr (Axis::kTaps == 2) {
    return formula::weighted_sum({weight(0), weight(1)}, {from[0], from[pitch]});
  } else {
    return formula::weighted_sum({weight(0), weight(1), weight(2), weight(3)},
                                 {from[0], from[pitch], from[2 * pitch], from[3 * pitch]});
  }
}

/// The strip's part of one row of the output, all channels of it, from what fill_strip() wrote: vectors are
/// of several columns.
template <class Axis, int channels>
void sum_columns_of_few(const float* filled, std::int64_t columns, float* y) {
#pragma omp simd
  for (std::int64_t column = 0; column < columns; ++column)
    for (std::int64_t c = 0; c < channels; ++c) {
      const float* const from = filled + Axis::kInputs * column * channels + c;
      float* const to = y + Axis::kOutputs * column * channels + c;
      *to = sum_taps<Axis, 0>(from, channels);
      if constexpr (Axis::kUp) to[channels] = sum_taps<Axis, 1>(from + Axis::kReach * channels, channels);
    }
}

/// One pixel of an even or odd column, from the first that its taps reach.
template <class Axis, int parity>
AGON_INLINE void sum_pixel(const float* from, std::int64_t channels, float* y) {
#pragma omp simd
  for (std::int64_t c = 0; c < channels; ++c) y[c] = sum_taps<Axis, parity>(from + c, channels);
}

/// The strip's part of one row of the output, whose pixels are `pitch` numbers apart.
template <class Axis>
void sum_columns(const float* filled, const Strip& s, float* y, std::int64_t pitch) {
  switch (pitch) {
    case 1:
      return sum_columns_of_few<Axis, 1>(filled, s.columns, y);
    case 2:
      return sum_columns_of_few<Axis, 2>(filled, s.columns, y);
    case 3:
      return sum_columns_of_few<Axis, 3>(filled, s.columns, y);
    case 4:
      return sum_columns_of_few<Axis, 4>(filled, s.columns, y);
    case 8:
      return sum_columns_of_few<Axis, 8>(filled, s.columns, y);
    default:
      break;
  }
  for (std::int64_t column = 0; column < s.columns; ++column, filled += Axis::kInputs * s.channels) {
    sum_pixel<Axis, 0>(filled, s.channels, y + Axis::kOutputs * column * pitch);
    if constexpr (Axis::kUp)
      sum_pixel<Axis, 1>(filled + Axis::kReach * s.channels, s.channels, y + (2 * column + 1) * pitch);
  }
}

/// What belongs to coarse row `row` of all images' rows: one row of the output, or two.
template <class Axis>
void resample_row(const Resample& op, std::int64_t row, const Strip& s) {
  float filled[kStrip];
  const ImageShape out = op.out();
  const std::int64_t image = row / op.coarse.height;
  const float* const x = op.x + image * op.in().size();
  for (std::int64_t o = row % op.coarse.height * Axis::kOutputs, end = o + Axis::kOutputs; o < end; ++o) {
    fill_strip<Axis>(op, x, o, Axis::kInputs * s.column - Axis::kReach,
                     Axis::kInputs * (s.column + s.columns) + Axis::kReach, s, filled);
    sum_columns<Axis>(
        filled, s,
        op.y + ((image * out.height + o) * out.width + s.column * Axis::kOutputs) * out.channels + s.channel,
        out.channels);
  }
}

template <class Axis>
void resample_along(QueueView queue, const Resample& op) {
  const std::int64_t channels = op.coarse.channels, most = smaller(channels, kMostChannels);
  const std::int64_t columns = (kStrip / most - 2 * Axis::kReach) / Axis::kInputs;
  for_each(queue, op.batch * op.coarse.height, op.batch * op.fine().size() >= kParallelFrom,
           [&](std::int64_t row) {
             for (std::int64_t u = 0; u < op.coarse.width; u += columns)
               for (std::int64_t c = 0; c < channels; c += most)
                 resample_row<Axis>(op, row,
                                    {.column = u,
                                     .columns = smaller(columns, op.coarse.width - u),
                                     .channel = c,
                                     .channels = smaller(most, channels - c)});
           });
}

}  // namespace

void resample(QueueView queue, const Resample& op) {
  using enum ResampleFilter;
  if (op.coarse.channels == 0) return;
  if (op.filter == box)
    return op.up ? resample_along<formula::ResampleAxis<box, true>>(queue, op)
                 : resample_along<formula::ResampleAxis<box, false>>(queue, op);
  return op.up ? resample_along<formula::ResampleAxis<linear, true>>(queue, op)
               : resample_along<formula::ResampleAxis<linear, false>>(queue, op);
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
