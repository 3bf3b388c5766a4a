// Images on their way from memory while others are worked on.
#pragma once

#include <cstdint>

#include "kernels/convolution_shape.hpp"
#include "kernels/cpu/linear/gemm_tile.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {

/// Pixels that will be needed soon, asked for into the second cache a few at a time. They may lie outside of
/// their images: they are not read.
class Ahead {
 public:
  /// So many pixels in so many turns.
  Ahead(std::int64_t pixels, std::int64_t turns) : pixels_(pixels), turns_(turns) {}

  /// `channels` of each pixel from `first` on, pixels `stride` floats apart; null: none.
  void add(const float* first, std::int64_t channels, std::int64_t stride) {
    if (first != nullptr) streams_[count_++] = {first, channels, stride};
  }
  /// A turn's share.
  AGON_INLINE void ask() {
    for (due_ += pixels_; due_ >= turns_; due_ -= turns_) {
      for (int i = 0; i < count_; ++i) {
        Stream& stream = streams_[i];
        for (std::int64_t c = 0; c < stream.channels; c += kLineFloats) fetch<kSecondCache>(stream.next, c);
        stream.next += stream.stride;
      }
    }
  }

 private:
  struct Stream {
    const float* next;
    std::int64_t channels, stride;
  };
  Stream streams_[3] = {};
  int count_ = 0;
  std::int64_t pixels_, turns_, due_ = 0;
};

}  // namespace agon::kernels::AGON_CPU_VARIANT
