// A convolution's weight gradient: products of coarse pixels and their patches.
#pragma once

#include <cstdint>

#include "kernels/convolution.hpp"
#include "kernels/cpu/convolution/blocks.hpp"
#include "kernels/cpu/convolution/patches.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {

/// A thread's part of dweight: of one group some rows and columns, of several whole groups.
struct WeightPart {
  std::int64_t group0, group1;
  Block of_group;

  WeightPart(const ConvolutionShape& s, int threads, int index) : group0(0), group1(1) {
    const std::int64_t m = s.coarse_group(), n = s.patch();
    of_group = {0, m, 0, n};
    if (s.groups == 1) {
      of_group = thread_block({.m = m, .n = n, .k = s.coarse_pixels()}, threads, index);
    } else {
      group0 = part_begin(s.groups, 1, threads, index), group1 = part_begin(s.groups, 1, threads, index + 1);
    }
  }
};

/// Its columns [block.column0, block.column1), as sums over coarse pixels, some at a time, times their
/// patches.
inline void add_weight_gradient(const ConvolutionBackward& op, const WeightPart& part, PatchBlock block,
                                const BlockScratch& scratch) {
  const ConvolutionShape& s = op.shape;
  const float* const fine = s.transposed ? op.dz : op.x;
  const float* const coarse = s.transposed ? op.x : op.dz;
  const std::int64_t m0 = part.of_group.m0, m = part.of_group.m1 - m0, n = s.patch(), all = s.coarse_pixels();
  const std::int64_t pixels = s.groups == 1 ? kDepth : block_rows(s);  // however threads divide
  for (block.pixel0 = 0; block.pixel0 < all; block.pixel0 = block.pixel1) {
    block.pixel1 = smaller(all, block.pixel0 + pixels);
    const bool packed = !is_pointwise(s) && s.groups == 1 && s.fine.channels % kLanes == 0 &&
                        op.precision == Precision::fp32;  // panels would have to be rounded
    if (packed) {
      gather_panels(s, fine, block, scratch.patches);
    } else if (!is_pointwise(s)) {
      gather_patches(s, fine, block, scratch.patches);
    }
    for (std::int64_t group = block.group0; group < block.group1; ++group) {
      const std::int64_t channel = group * s.coarse_group() + m0;
      Product product{.m = m,
                      .n = block.columns(),
                      .k = block.rows(),
                      .a = coarse + block.pixel0 * s.coarse_channels + channel,
                      .lda = s.coarse_channels,
                      .a_layout = Layout::column_major,
                      .b = scratch.patches + (group - block.group0) * block.of_group(),
                      .ldb = block.columns(),
                      .c = op.dweight + channel * n + block.column0,
                      .ldc = n,
                      .accumulate = op.accumulate || block.pixel0 > 0,
                      .precision = op.precision};
      if (packed) product.panels = scratch.patches;
      if (is_pointwise(s)) {
        product.b = fine + block.pixel0 * s.fine.channels + group * n + block.column0,
        product.ldb = s.fine.channels;
      }
      multiply_block(product, {0, m, 0, product.n}, scratch.rest);
    }
  }
}

/// A thread's part of dweight: of one group as many columns at a time as a block of patches takes.
inline void weight_gradient(const ConvolutionBackward& op, Scratch whole, int threads, int index) {
  const ConvolutionShape& s = op.shape;
  const WeightPart part(s, threads, index);
  const auto& [m0, m1, n0, n1] = part.of_group;
  if (part.group0 == part.group1 || m0 == m1 || n0 == n1) return;
  const BlockScratch scratch(s, whole);
  const std::int64_t most = block_floats(s) / kDepth;  // columns
  const std::int64_t columns = s.groups > 1 ? s.patch() : most < kPanel ? kPanel : most / kPanel * kPanel;
  for (std::int64_t n = n0; n < n1; n += columns)
    add_weight_gradient(op, part, {part.group0, part.group1, 0, 0, n, smaller(n1, n + columns)}, scratch);
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
