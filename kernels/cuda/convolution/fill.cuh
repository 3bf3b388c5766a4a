// What fills the stages of a convolution's products (device/tile.cuh): patches of images, gathered as they
// are copied, and weights by taps. Each is a thread's share, made before anything may be read.
#pragma once

#include "kernels/cuda/convolution/geometry.hpp"
#include "kernels/cuda/device/stage.cuh"

namespace agon::kernels::cuda {

/// Images of which a product reads one group's channels.
struct GroupImages {
  const float* data;  ///< the group's first channel
  bool vector;        ///< data is 16-byte aligned, all channels and a group's are multiples of 4

  /// Pixel (y, x) of image n; the host has seen that there are fewer than 2^31. Also where that's outside:
  /// an address that is not read.
  static __device__ __forceinline__ int pixel(const Meeting& at, int image, int y, int x) {
    const unsigned row =
        static_cast<unsigned>(image) * static_cast<unsigned>(at.height) + static_cast<unsigned>(y);
    return static_cast<int>(row * static_cast<unsigned>(at.width) + static_cast<unsigned>(x));
  }
  static __device__ __forceinline__ bool inside(const Meeting& at, int y, int x) {
    return static_cast<unsigned>(y) < static_cast<unsigned>(at.height) &&
           static_cast<unsigned>(x) < static_cast<unsigned>(at.width);
  }
};

/// Rows are pixels, k's the elements of their patches.
template <int Rows, int Depth, int Threads>
class PatchRows {
  using To = Stage<Order::k_inner, Rows, Depth>;
  static constexpr int kAcross = Depth / 4, kEach = Rows * Depth / 4 / Threads, kStep = Threads / kAcross;
  static_assert(Rows * Depth / 4 % Threads == 0 && Threads % kAcross == 0);

 public:
  /// Rows [row, row + Rows), from their patches' first elements on. `at` must outlive this.
  __device__ __forceinline__ PatchRows(const Meeting& at, const GroupImages& from, int row)
      : at_(at),
        from_(from),
        outer_(static_cast<int>(threadIdx.x / kAcross)),
        inner_(static_cast<int>(threadIdx.x % kAcross * 4)),
        k_(at.taps.of(inner_)) {
#pragma unroll
    for (int i = 0; i < kEach; ++i) {
      const int r = row + outer_ + i * kStep;
      const bool there = r < at.row_count;
      const Digits pixel = at.rows.of(r);
      image_[i] = there ? pixel.a : 0;
      y_[i] = there ? pixel.b * at.pixel_step + at.top : at.outside;
      x_[i] = pixel.c * at.pixel_step + at.left;
    }
  }

  __device__ __forceinline__ void fill(float* stage, int left) {
    float* const target = stage + outer_ * To::kStride + inner_;
    if (from_.vector) {
      copy<16>(target, k_, left > inner_);
    } else {
      Digits k = k_;
#pragma unroll 1
      for (int e = 0; e < 4; ++e) {
        copy<4>(target + e, k, left > inner_ + e);
        k = at_.taps.sum(k, {0, 0, 1});
      }
    }
    k_ = at_.taps.sum(k_, at_.stage);
  }

 private:
  template <int Bytes>
  __device__ __forceinline__ void copy(float* target, const Digits& k, bool valid) const {
#pragma unroll
    for (int i = 0; i < kEach; ++i) {
      const int y = y_[i] + at_.tap_step * k.a, x = x_[i] + at_.tap_step * k.b;
      copy_async<Bytes>(target + i * kStep * To::kStride,
                        from_.data + element(GroupImages::pixel(at_, image_[i], y, x), at_.channels, k.c),
                        valid && GroupImages::inside(at_, y, x));
    }
  }

  const Meeting& at_;
  GroupImages from_;
  int outer_, inner_;
  Digits k_;  // of the thread's first k in the next stage
  int image_[kEach], y_[kEach], x_[kEach];
};

/// How a stage of columns is dealt out where each k of it takes work: a thread copies kEach groups of 4
/// columns of one k.
template <int Columns, int Depth, int Threads>
struct ColumnShare {
  using To = Stage<Order::k_outer, Columns, Depth>;
  static constexpr int kAcross = Threads / Depth;      // threads of a k
  static constexpr int kEach = Columns / 4 / kAcross;  // groups of a thread
  static constexpr int kStep = 4 * kAcross;            // columns from one to the next
  static_assert(Threads % Depth == 0 && Columns % kStep == 0);

  static __device__ __forceinline__ int k() { return static_cast<int>(threadIdx.x / kAcross); }
  static __device__ __forceinline__ int column() { return static_cast<int>(threadIdx.x % kAcross * 4); }
  static __device__ __forceinline__ float* target(float* stage) {
    return stage + k() * To::kStride + column();
  }
};

/// Columns are the elements of patches, k's the pixels that have them.
template <int Columns, int Depth, int Threads>
class PatchColumns {
  using Share = ColumnShare<Columns, Depth, Threads>;

 public:
  /// Columns [column, column + Columns), from pixel k on. `at` must outlive this.
  __device__ __forceinline__ PatchColumns(const Meeting& at, const GroupImages& from, int column, int k)
      : at_(at), from_(from), columns_(at.patch - column - Share::column()), k_(at.rows.of(k + Share::k())) {
#pragma unroll
    for (int i = 0; i < Share::kEach; ++i)
      column_[i] = at.taps.of(column + Share::column() + i * Share::kStep);
  }

  __device__ __forceinline__ void fill(float* stage, int left) {
    float* const target = Share::target(stage);
    const int y = k_.b * at_.pixel_step + at_.top, x = k_.c * at_.pixel_step + at_.left;
    const bool there = left > Share::k();
#pragma unroll
    for (int i = 0; i < Share::kEach; ++i) {
      const int columns = there ? columns_ - i * Share::kStep : 0;
      float* const to = target + i * Share::kStep;
      if (from_.vector) {
        copy<16>(to, y, x, column_[i], columns > 0);
      } else {
        Digits column = column_[i];
#pragma unroll 1
        for (int e = 0; e < 4; ++e) {
          copy<4>(to + e, y, x, column, columns > e);
          column = at_.taps.sum(column, {0, 0, 1});
        }
      }
    }
    k_ = at_.rows.sum(k_, at_.stage);
  }

 private:
  template <int Bytes>
  __device__ __forceinline__ void copy(float* target, int y, int x, const Digits& column, bool valid) const {
    y += at_.tap_step * column.a, x += at_.tap_step * column.b;
    copy_async<Bytes>(target,
                      from_.data + element(GroupImages::pixel(at_, k_.a, y, x), at_.channels, column.c),
                      valid && GroupImages::inside(at_, y, x));
  }

  const Meeting& at_;
  GroupImages from_;
  int columns_;  // that there are from the thread's first on; 0 or less: none
  Digits k_;     // in the next stage
  Digits column_[Share::kEach];
};

/// Weights of one group, (coarse channels, kernel, kernel, fine channels).
struct GroupWeights {
  const float* data;  ///< of the first tap that is met
  int row;            ///< elements from a coarse channel to the next
  int tap, tap_row;   ///< elements from a tap that is met to the next one, and to the next one's row
  int columns;        ///< fine channels
  bool vector;        ///< data is 16-byte aligned and all of these are multiples of 4
};

/// Columns are fine channels, k's counted by the taps that a phase of fine pixels meets.
template <int Columns, int Depth, int Threads>
class TapWeights {
  using Share = ColumnShare<Columns, Depth, Threads>;

 public:
  /// Columns [column, column + Columns). `at` must outlive this.
  __device__ __forceinline__ TapWeights(const Meeting& at, const GroupWeights& from, int column)
      : at_(at), from_(from), k_(at.taps.of(Share::k())) {
    from_.data += column + Share::column();
    from_.columns -= column + Share::column();
  }

  __device__ __forceinline__ void fill(float* stage, int left) {
    float* const target = Share::target(stage);
    const float* const source = from_.data + (k_.c * from_.row + k_.a * from_.tap_row + k_.b * from_.tap);
    const int columns = left > Share::k() ? from_.columns : 0;
    if (from_.vector) {
#pragma unroll
      for (int i = 0; i < Share::kEach; ++i)
        copy_async<16>(target + i * Share::kStep, source + i * Share::kStep, columns > i * Share::kStep);
    } else {
#pragma unroll 1
      for (int i = 0; i < Share::kEach; ++i)
#pragma unroll
        for (int e = 0; e < 4; ++e)
          copy_async<4>(target + i * Share::kStep + e, source + i * Share::kStep + e,
                        columns > i * Share::kStep + e);
    }
    k_ = at_.taps.sum(k_, at_.stage);
  }

 private:
  const Meeting& at_;
  GroupWeights from_;
  Digits k_;  // in the next stage
};

}  // namespace agon::kernels::cuda
