// Convolutions on the processor, as products of matrices: a row for each coarse pixel, a column for each
// element of the patch that it sees. Patches are made a block at a time, as many as the second cache holds.
#include "kernels/convolution.hpp"

#include "kernels/cpu/convolution/patches.hpp"
#include "kernels/cpu/linear/column_sums.hpp"
#include "kernels/cpu/linear/gemm.hpp"
#include "kernels/cpu/parts.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

constexpr std::int64_t kPatchFloats = 128 * 1024;  // of a block
constexpr std::int64_t kLeastRows = 4 * kTileRows;

/// One way over a convolution: from the fine images to the coarse ones, or up from the coarse ones.
struct Way {
  ConvolutionShape shape;
  bool up = false;
  const float* from = nullptr;
  const float* weight = nullptr;
  float* to = nullptr;
  Finish finish = Finish::plain;
  float slope = 1.0f;
  const float* bias = nullptr;        ///< Finish::activation: (channels of `to`)
  float* y = nullptr;                 ///< Finish::derivative, tangent: of `to`'s shape; the latter updates it
  const float* row_weight = nullptr;  ///< Finish::tangent: (batch)
  Precision precision = Precision::fp32;
};

/// A patch is one pixel, and each pixel's.
bool is_pointwise(const ConvolutionShape& s) { return s.kernel == 1 && s.stride == 1 && s.padding == 0; }

/// Coarse pixels of a block. Depends on the shape alone, so that sums over them have the same bits however
/// they are divided.
std::int64_t block_rows(const ConvolutionShape& s) {
  const std::int64_t rows = kPatchFloats / s.patch();
  return rows < kLeastRows ? kLeastRows : smaller(rows, kDepth);
}

/// Parts that work is divided into: one for each thread whose scratch holds a block of patches and panels.
int parts_of(QueueView queue, const ConvolutionShape& s) {
  const std::int64_t least = block_rows(s) * (s.patch() + 1) + 2 * kLineFloats + 2 * kDepth * kPanel;
  const std::int64_t most = static_cast<std::int64_t>(queue.workspace_bytes / sizeof(float)) / least;
  return static_cast<int>(smaller(queue.threads, most));
}

/// The beginning of a thread's scratch for a block's patches and weights of rows, the rest for products.
struct BlockScratch {
  float* patches;
  float* row_weights;
  Scratch rest;

  BlockScratch(const ConvolutionShape& s, Scratch whole) : patches(whole.data) {
    const std::int64_t floats = ceil_div(block_rows(s) * s.patch(), kLineFloats) * kLineFloats;
    row_weights = patches + floats;
    const std::int64_t all = floats + ceil_div(block_rows(s), kLineFloats) * kLineFloats;
    rest = {whole.data + all, whole.floats - all};
  }
};

/// How rows of `to` are finished, from row `first` on and of channels from `channel` on.
Product finished(const Way& way, std::int64_t channels, std::int64_t first, std::int64_t channel,
                 const float* row_weights) {
  const std::int64_t begin = first * channels + channel;
  return {.c = way.to + begin,
          .ldc = channels,
          .finish = way.finish,
          .slope = way.slope,
          .bias = way.bias == nullptr ? nullptr : way.bias + channel,
          .y = way.y == nullptr ? nullptr : way.y + begin,
          .row_weight = row_weights,
          .precision = way.precision};
}

/// Each row's weight, of its image; null where images have none.
const float* row_weights(const Way& way, std::int64_t pixels, std::int64_t first, std::int64_t last,
                         float* to) {
  if (way.row_weight == nullptr) return nullptr;
  for (std::int64_t row = first; row < last; ++row) to[row - first] = way.row_weight[row / pixels];
  return to;
}

/// A thread's coarse pixels, from the fine images.
void go_down(const Way& way, Scratch whole, int threads, int index) {
  const ConvolutionShape& s = way.shape;
  const BlockScratch scratch(s, whole);
  const std::int64_t n = s.coarse_group(), patch = s.patch(), channels = s.coarse_channels;
  const std::int64_t end = part_begin(s.coarse_pixels(), 1, threads, index + 1);
  for (std::int64_t first = part_begin(s.coarse_pixels(), 1, threads, index); first < end;
       first += block_rows(s)) {
    const std::int64_t last = smaller(end, first + block_rows(s));
    const float* const weights = row_weights(way, s.coarse().pixels(), first, last, scratch.row_weights);
    for (std::int64_t group = 0; group < s.groups; ++group) {
      Product product = finished(way, channels, first, group * n, weights);
      product.m = last - first, product.n = n, product.k = patch;
      product.b = way.weight + group * n * patch, product.ldb = patch,
      product.b_layout = Layout::column_major;
      if (is_pointwise(s)) {
        product.a = way.from + first * s.fine.channels + group * patch, product.lda = s.fine.channels;
      } else {
        gather_patches(s, way.from, {group, first, last, 0, patch}, scratch.patches);
        product.a = scratch.patches, product.lda = patch;
      }
      multiply_block(product, {0, product.m, 0, n}, scratch.rest);
    }
  }
}

/// The product of coarse pixels and weights, of one group: (rows, patch).
Product patch_product(const Way& way, std::int64_t first, std::int64_t last, std::int64_t group) {
  const ConvolutionShape& s = way.shape;
  const std::int64_t k = s.coarse_group();
  return {.m = last - first,
          .n = s.patch(),
          .k = k,
          .a = way.from + first * s.coarse_channels + group * k,
          .lda = s.coarse_channels,
          .b = way.weight + group * k * s.patch(),
          .ldb = s.patch(),
          .precision = way.precision};
}

/// Fine pixels that are coarse ones, too.
void go_up_pointwise(const Way& way, Scratch whole, int threads, int index) {
  const ConvolutionShape& s = way.shape;
  const BlockScratch scratch(s, whole);
  const std::int64_t end = part_begin(s.coarse_pixels(), 1, threads, index + 1);
  for (std::int64_t first = part_begin(s.coarse_pixels(), 1, threads, index); first < end;
       first += block_rows(s)) {
    const std::int64_t last = smaller(end, first + block_rows(s));
    const float* const weights = row_weights(way, s.fine.pixels(), first, last, scratch.row_weights);
    for (std::int64_t group = 0; group < s.groups; ++group) {
      Product product = finished(way, s.fine.channels, first, group * s.patch(), weights);
      const Product factors = patch_product(way, first, last, group);
      product.m = factors.m, product.n = factors.n, product.k = factors.k;
      product.a = factors.a, product.lda = factors.lda, product.b = factors.b, product.ldb = factors.ldb;
      multiply_block(product, {0, product.m, 0, product.n}, scratch.rest);
    }
  }
}

/// Sums of a whole image become what `way` finishes them to.
template <Finish finish>
void finish_image(const Way& way, std::int64_t image) {
  const ImageShape fine = way.shape.fine;
  const Vector slope = broadcast(way.slope);
  const Vector weight = broadcast(finish == Finish::tangent ? way.row_weight[image] : 1.0f);
  for (std::int64_t pixel = image * fine.pixels(); pixel < (image + 1) * fine.pixels(); ++pixel) {
    float* const to = way.to + pixel * fine.channels;
    float* const y = finish == Finish::activation ? nullptr : way.y + pixel * fine.channels;
    for_each_vector(fine.channels, [&](std::int64_t c, int lanes) {
      Vector value = load_first(to + c, lanes);
      if constexpr (finish == Finish::activation) {
        value = leaky_relu(value + load_first(way.bias + c, lanes), slope);
      } else {
        const Vector there = load_first(y + c, lanes);
        value = leaky_relu_gradient(there, value, slope);
        if constexpr (finish == Finish::tangent)
          store_first(y + c, multiply_add(weight, there, value), lanes);
      }
      store_first(to + c, value, lanes);
    });
  }
}

void finish_image(const Way& way, std::int64_t image) {
  switch (way.finish) {
    case Finish::activation:
      return finish_image<Finish::activation>(way, image);
    case Finish::derivative:
      return finish_image<Finish::derivative>(way, image);
    case Finish::tangent:
      return finish_image<Finish::tangent>(way, image);
    case Finish::plain:
    case Finish::transposed:
      return;
  }
}

/// A thread's fine images, from the coarse ones: patches are made as products and added up where they
/// overlap, in the pixels' order.
void go_up(const Way& way, Scratch whole, int threads, int index) {
  const ConvolutionShape& s = way.shape;
  if (is_pointwise(s)) return go_up_pointwise(way, whole, threads, index);
  const BlockScratch scratch(s, whole);
  const std::int64_t pixels = s.coarse().pixels(), size = s.fine.size();
  std::int64_t begun = part_begin(s.batch, 1, threads, index), finished = begun;  // images
  const std::int64_t end = part_begin(s.batch, 1, threads, index + 1) * pixels;
  for (std::int64_t first = begun * pixels; first < end; first += block_rows(s)) {
    const std::int64_t last = smaller(end, first + block_rows(s));
    for (; begun * pixels < last; ++begun)
      for_each_vector(
          size, [&](std::int64_t i, int lanes) { store_first(way.to + begun * size + i, zero(), lanes); });
    for (std::int64_t group = 0; group < s.groups; ++group) {
      Product product = patch_product(way, first, last, group);
      product.c = scratch.patches, product.ldc = s.patch();
      multiply_block(product, {0, product.m, 0, product.n}, scratch.rest);
      scatter_patches(s, scratch.patches, {group, first, last, 0, s.patch()}, way.to);
    }
    for (; (finished + 1) * pixels <= last; ++finished) finish_image(way, finished);
  }
}

void go(QueueView queue, const Way& way) {
  const int parts = parts_of(queue, way.shape);
  for_parts(queue, parts, [&](int index) {
    const Scratch scratch = thread_scratch(queue, parts, index);
    way.up ? go_up(way, scratch, parts, index) : go_down(way, scratch, parts, index);
  });
}

/// A thread's block of each group's dweight: coarse pixels times patches.
void weight_gradient(const ConvolutionBackward& op, Scratch whole, int threads, int index) {
  const ConvolutionShape& s = op.shape;
  const BlockScratch scratch(s, whole);
  const float* const fine = s.transposed ? op.dz : op.x;
  const float* const coarse = s.transposed ? op.x : op.dz;
  const std::int64_t m = s.coarse_group(), n = s.patch(), all = s.coarse_pixels();
  const Block at = thread_block({.m = m, .n = n, .k = all}, threads, index);
  if (at.m0 == at.m1 || at.n0 == at.n1) return;
  for (std::int64_t group = 0; group < s.groups; ++group) {
    for (std::int64_t first = 0; first < all; first += block_rows(s)) {
      const std::int64_t last = smaller(all, first + block_rows(s));
      Product product{.m = at.m1 - at.m0,
                      .n = at.n1 - at.n0,
                      .k = last - first,
                      .a = coarse + first * s.coarse_channels + group * m + at.m0,
                      .lda = s.coarse_channels,
                      .a_layout = Layout::column_major,
                      .b = scratch.patches,
                      .ldb = at.n1 - at.n0,
                      .c = op.dweight + (group * m + at.m0) * n + at.n0,
                      .ldc = n,
                      .accumulate = op.accumulate || first > 0,
                      .precision = op.precision};
      if (is_pointwise(s)) {
        product.b = fine + first * s.fine.channels + group * n + at.n0, product.ldb = s.fine.channels;
      } else {
        gather_patches(s, fine, {group, first, last, at.n0, at.n1}, scratch.patches);
      }
      multiply_block(product, {0, product.m, 0, product.n}, scratch.rest);
    }
  }
}

}  // namespace

void convolution_forward(QueueView queue, const ConvolutionForward& op) {
  go(queue, {.shape = op.shape,
             .up = op.shape.transposed,
             .from = op.x,
             .weight = op.weight,
             .to = op.y,
             .finish = Finish::activation,
             .slope = op.slope,
             .bias = op.bias,
             .precision = op.precision});
}

void convolution_tangent(QueueView queue, const ConvolutionTangent& op) {
  go(queue, {.shape = op.shape,
             .up = op.shape.transposed,
             .from = op.x,
             .weight = op.weight,
             .to = op.y,
             .finish = op.activation == nullptr   ? Finish::plain
                       : op.row_weight == nullptr ? Finish::derivative
                                                  : Finish::tangent,
             .slope = op.slope,
             .y = op.activation,
             .row_weight = op.row_weight,
             .precision = op.precision});
}

void convolution_backward(QueueView queue, const ConvolutionBackward& op) {
  if (op.dx != nullptr)
    go(queue, {.shape = op.shape,
               .up = !op.shape.transposed,
               .from = op.dz,
               .weight = op.weight,
               .to = op.dx,
               .finish = op.input_slope == 1.0f ? Finish::plain : Finish::derivative,
               .slope = op.input_slope,
               .y = const_cast<float*>(op.x),  // is only read
               .precision = op.precision});
  const ImageShape out = op.shape.out();
  const ColumnSums bias{.rows = op.dz,
                        .count = op.shape.batch * out.pixels(),
                        .columns = out.channels,
                        .weight = op.row_weight,
                        .rows_per_weight = out.pixels(),
                        .accumulate = op.accumulate,
                        .sums = op.dbias};
  const int parts = parts_of(queue, op.shape);
  for_parts(queue, parts, [&](int index) {
    if (op.dweight != nullptr) weight_gradient(op, thread_scratch(queue, parts, index), parts, index);
    if (op.dbias != nullptr) sum_columns(bias, parts, index);
  });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
