// How a convolution's patches are cut into blocks, and where a thread keeps one.
#pragma once

#include <cstdint>

#include "kernels/convolution_shape.hpp"
#include "kernels/cpu/linear/gemm.hpp"
#include "kernels/cpu/parts.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {

inline constexpr std::int64_t kPatchFloats = 128 * 1024;  // of a block
inline constexpr std::int64_t kMostDirectTaps = 64;       // of a kernel that reads the images as they lie
inline constexpr std::int64_t kLeastRows = 4 * kTileRows;

/// A patch is one pixel, and each pixel's.
inline bool is_pointwise(const ConvolutionShape& s) {
  return s.kernel == 1 && s.stride == 1 && s.padding == 0;
}

/// Coarse pixels of a block of patches.
inline std::int64_t block_rows(const ConvolutionShape& s) {
  const std::int64_t rows = kPatchFloats / (s.groups * s.patch());
  return rows < kLeastRows ? kLeastRows : smaller(rows, kDepth);
}

/// Floats of a block's patches, of all groups.
inline std::int64_t block_floats(const ConvolutionShape& s) {
  return ceil_div(block_rows(s) * s.groups * s.patch(), kLineFloats) * kLineFloats;
}

/// Floats at the beginning of the workspace, which is left with the rest.
inline float* take_floats(QueueView& queue, std::int64_t floats) {
  const std::size_t bytes =
      static_cast<std::size_t>(ceil_div(floats, kLineFloats) * kLineFloats) * sizeof(float);
  float* const taken = reinterpret_cast<float*>(queue.workspace);
  queue.workspace += bytes, queue.workspace_bytes -= bytes;
  return taken;
}

/// Parts that work is divided into: one for each thread whose scratch holds a block of patches and panels.
inline int parts_of(QueueView queue, const ConvolutionShape& s) {
  const std::int64_t least = block_floats(s) + block_rows(s) + kLineFloats + 2 * kDepth * kPanel;
  const std::int64_t most = static_cast<std::int64_t>(queue.workspace_bytes / sizeof(float)) / least;
  return static_cast<int>(smaller(queue.threads, most));
}

/// The beginning of a thread's scratch for a block's patches and its rows' weights, the rest for products.
struct BlockScratch {
  float* patches;
  float* row_weights;
  Scratch rest;

  BlockScratch(const ConvolutionShape& s, Scratch whole) : patches(whole.data) {
    row_weights = patches + block_floats(s);
    const std::int64_t all = block_floats(s) + ceil_div(block_rows(s), kLineFloats) * kLineFloats;
    rest = {whole.data + all, whole.floats - all};
  }
};

}  // namespace agon::kernels::AGON_CPU_VARIANT
