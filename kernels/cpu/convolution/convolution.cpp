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
  const float* panels = nullptr;  ///< weights_of() each group, packed; or null
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

/// Coarse pixels of a block of patches.
std::int64_t block_rows(const ConvolutionShape& s) {
  const std::int64_t rows = kPatchFloats / (s.groups * s.patch());
  return rows < kLeastRows ? kLeastRows : smaller(rows, kDepth);
}

/// Floats of a block's patches, of all groups.
std::int64_t block_floats(const ConvolutionShape& s) {
  return ceil_div(block_rows(s) * s.groups * s.patch(), kLineFloats) * kLineFloats;
}

/// Parts that work is divided into: one for each thread whose scratch holds a block of patches and panels.
int parts_of(QueueView queue, const ConvolutionShape& s) {
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

/// A group's weights as a right factor: patches are multiplied by them on the way down, and made on the way
/// up.
Product weights_of(const Way& way, std::int64_t group) {
  const ConvolutionShape& s = way.shape;
  Product product{
      .b = way.weight + group * s.coarse_group() * s.patch(), .ldb = s.patch(), .precision = way.precision};
  product.n = way.up ? s.patch() : s.coarse_group();
  product.k = way.up ? s.coarse_group() : s.patch();
  product.b_layout = way.up ? Layout::row_major : Layout::column_major;
  if (way.panels != nullptr) product.panels = way.panels + group * packed_floats(product);
  return product;
}

/// Rows of `to` from row `first` on, its channels from `channel` on, become the product, finished.
void finish_in(const Way& way, std::int64_t channels, std::int64_t first, std::int64_t channel,
               const float* row_weights, Product& product) {
  const std::int64_t begin = first * channels + channel;
  product.c = way.to + begin, product.ldc = channels;
  product.finish = way.finish, product.slope = way.slope;
  product.bias = way.bias == nullptr ? nullptr : way.bias + channel;
  product.y = way.y == nullptr ? nullptr : way.y + begin;
  product.row_weight = row_weights;
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
  const std::int64_t n = s.coarse_group(), patch = s.patch();
  const std::int64_t end = part_begin(s.coarse_pixels(), 1, threads, index + 1);
  for (std::int64_t first = part_begin(s.coarse_pixels(), 1, threads, index); first < end;
       first += block_rows(s)) {
    const PatchBlock block{0, s.groups, first, smaller(end, first + block_rows(s)), 0, patch};
    const float* const weights =
        row_weights(way, s.coarse().pixels(), first, block.pixel1, scratch.row_weights);
    if (!is_pointwise(s)) gather_patches(s, way.from, block, scratch.patches);
    for (std::int64_t group = 0; group < s.groups; ++group) {
      Product product = weights_of(way, group);
      product.m = block.rows();
      if (is_pointwise(s)) {
        product.a = way.from + first * s.fine.channels + group * patch, product.lda = s.fine.channels;
      } else {
        product.a = scratch.patches + group * block.of_group(), product.lda = patch;
      }
      finish_in(way, s.coarse_channels, first, group * n, weights, product);
      multiply_block(product, {0, product.m, 0, n}, scratch.rest);
    }
  }
}

/// Coarse pixels times a group's weights: their patches.
Product patches_of(const Way& way, const PatchBlock& block, std::int64_t group) {
  const ConvolutionShape& s = way.shape;
  Product product = weights_of(way, group);
  product.m = block.rows();
  product.a = way.from + block.pixel0 * s.coarse_channels + group * s.coarse_group(),
  product.lda = s.coarse_channels;
  return product;
}

/// Fine pixels that are coarse ones, too.
void go_up_pointwise(const Way& way, Scratch whole, int threads, int index) {
  const ConvolutionShape& s = way.shape;
  const BlockScratch scratch(s, whole);
  const std::int64_t end = part_begin(s.coarse_pixels(), 1, threads, index + 1);
  for (std::int64_t first = part_begin(s.coarse_pixels(), 1, threads, index); first < end;
       first += block_rows(s)) {
    const PatchBlock block{0, s.groups, first, smaller(end, first + block_rows(s)), 0, s.patch()};
    const float* const weights = row_weights(way, s.fine.pixels(), first, block.pixel1, scratch.row_weights);
    for (std::int64_t group = 0; group < s.groups; ++group) {
      Product product = patches_of(way, block, group);
      finish_in(way, s.fine.channels, first, group * s.patch(), weights, product);
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
    const PatchBlock block{0, s.groups, first, last, 0, s.patch()};
    for (std::int64_t group = 0; group < s.groups; ++group) {
      Product product = patches_of(way, block, group);
      product.c = scratch.patches + group * block.of_group(), product.ldc = s.patch();
      multiply_block(product, {0, product.m, 0, product.n}, scratch.rest);
    }
    scatter_patches(s, scratch.patches, block, way.to);
    for (; (finished + 1) * pixels <= last; ++finished) finish_image(way, finished);
  }
}

/// The way with its weights packed, at the beginning of the workspace, which is left with the rest. Weights
/// that would take more than half of it stay as they are.
Way with_panels(Way way, QueueView& queue) {
  const std::int64_t of_group = packed_floats(weights_of(way, 0)), floats = way.shape.groups * of_group;
  const std::size_t bytes = static_cast<std::size_t>(floats) * sizeof(float);
  if (bytes > queue.workspace_bytes / 2) return way;
  float* const panels = reinterpret_cast<float*>(queue.workspace);
  for_parts(queue, queue.threads, [&](int index) {
    for (std::int64_t group = 0; group < way.shape.groups; ++group) {
      const Product product = weights_of(way, group);
      pack_panels(product, part_begin(panels_of(product), 1, queue.threads, index),
                  part_begin(panels_of(product), 1, queue.threads, index + 1), panels + group * of_group);
    }
  });
  way.panels = panels;
  queue.workspace += bytes, queue.workspace_bytes -= bytes;
  return way;
}

void go(QueueView queue, const Way& unpacked) {
  const Way way = with_panels(unpacked, queue);
  const int parts = parts_of(queue, way.shape);
  for_parts(queue, parts, [&](int index) {
    const Scratch scratch = thread_scratch(queue, parts, index);
    way.up ? go_up(way, scratch, parts, index) : go_down(way, scratch, parts, index);
  });
}

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
void add_weight_gradient(const ConvolutionBackward& op, const WeightPart& part, PatchBlock block,
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
void weight_gradient(const ConvolutionBackward& op, Scratch whole, int threads, int index) {
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
