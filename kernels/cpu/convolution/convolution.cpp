// Convolutions on the processor, as products of matrices: a row for each coarse pixel, a column for each
// element of the patch that it sees. Patches are made a block at a time, as many as the second cache holds.
#include "kernels/convolution.hpp"

#include "kernels/cpu/convolution/blocks.hpp"
#include "kernels/cpu/convolution/direct.hpp"
#include "kernels/cpu/convolution/patches.hpp"
#include "kernels/cpu/convolution/sliding.hpp"
#include "kernels/cpu/convolution/sliding_gradient.hpp"
#include "kernels/cpu/convolution/weight_gradient.hpp"
#include "kernels/cpu/convolution/winograd.hpp"
#include "kernels/cpu/convolution/winograd_gradient.hpp"
#include "kernels/cpu/linear/column_sums.hpp"
#include "kernels/cpu/linear/gemm.hpp"
#include "kernels/cpu/parts.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

/// Rows of `to` from row `first` on, its channels from `channel` on, become the product, finished.
void finish_in(const Way& way, std::int64_t channels, std::int64_t first, std::int64_t channel,
               const float* row_weights, Product& product) {
  const std::int64_t begin = first * channels + channel;
  product.c = way.to + begin, product.ldc = channels;
  product.finish = way.finish, product.slope = way.slope;
  product.bias = way.bias == nullptr ? nullptr : way.bias + channel;
  product.y = way.y == nullptr ? nullptr : way.y + begin;
  product.row_weight = row_weights;
  product.far = way.shape.batch * (way.up ? way.shape.fine : way.shape.coarse()).size() >= kFarElements;
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

/// Biases of a whole number of pixels side by side, as many as make whole vectors: `channels` vectors of few
/// channels, else one pixel's.
struct BiasRow {
  const float* bias;
  std::int64_t count;
  float repeated[kLanes * kLanes];

  explicit BiasRow(const Way& way) : bias(way.bias), count(way.shape.fine.channels) {
    const std::int64_t channels = count;
    if (channels >= kLanes) return;
    count = channels * kLanes;
    for (std::int64_t i = 0; i < count; ++i)
      repeated[i] = way.bias == nullptr ? 0.0f : way.bias[i % channels];
    bias = repeated;
  }
};

/// Sums of a whole image become what `way` finishes them to.
template <Finish finish>
void finish_image(const Way& way, std::int64_t image) {
  const std::int64_t size = way.shape.fine.size();
  const BiasRow row(way);
  const Vector slope = broadcast(way.slope);
  const Vector weight = broadcast(finish == Finish::tangent ? way.row_weight[image] : 1.0f);
  for (std::int64_t first = 0; first < size; first += row.count) {
    float* const to = way.to + image * size + first;
    float* const y = finish == Finish::activation ? nullptr : way.y + image * size + first;
    for_each_vector(smaller(row.count, size - first), [&](std::int64_t c, int lanes) {
      Vector value = load_first(to + c, lanes);
      if constexpr (finish == Finish::activation) {
        value = leaky_relu(value + load_first(row.bias + c, lanes), slope);
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
  if (static_cast<std::size_t>(floats) * sizeof(float) > queue.workspace_bytes / 2) return way;
  float* const panels = take_floats(queue, floats);
  for_parts(queue, queue.threads, [&](int index) {
    for (std::int64_t group = 0; group < way.shape.groups; ++group) {
      const Product product = weights_of(way, group);
      pack_panels(product, part_begin(panels_of(product), 1, queue.threads, index),
                  part_begin(panels_of(product), 1, queue.threads, index + 1), panels + group * of_group);
    }
  });
  way.panels = panels;
  return way;
}

/// Weights of fine channels [first, last) for the way back down: taps in the opposite order, (fine channels,
/// kernel, kernel, coarse channels / groups).
void turn_weights(const ConvolutionShape& s, const float* weight, std::int64_t first, std::int64_t last,
                  float* to) {
  const std::int64_t taps = s.taps(), inner = s.fine_group(), outer = s.coarse_group();
  for (std::int64_t channel = first; channel < last; ++channel) {
    const float* const from = weight + channel / inner * outer * s.patch() + channel % inner;
    for (std::int64_t tap = 0; tap < taps; ++tap)
      for (std::int64_t c = 0; c < outer; ++c)
        to[(channel * taps + tap) * outer + c] = from[c * s.patch() + (taps - 1 - tap) * inner];
  }
}

/// With a stride of 1 the way up is one down, from the coarse images, by turned weights: nothing is added up
/// where patches overlap. Weights that take more than a quarter of the workspace stay as they are.
Way turned(Way way, QueueView& queue) {
  const ConvolutionShape s = way.shape;
  ConvolutionShape down = s;
  down.fine = s.coarse(), down.coarse_channels = s.fine.channels, down.padding = s.kernel - 1 - s.padding;
  const bool fits =
      s.weights() * std::int64_t{sizeof(float)} <= static_cast<std::int64_t>(queue.workspace_bytes / 4);
  if (!way.up || s.stride != 1 || is_pointwise(s) || down.patch() > kMostPatch || !fits) return way;
  float* const weights = take_floats(queue, s.weights());
  for_parts(queue, queue.threads, [&](int index) {
    turn_weights(s, way.weight, part_begin(s.fine.channels, 1, queue.threads, index),
                 part_begin(s.fine.channels, 1, queue.threads, index + 1), weights);
  });
  way.shape = down, way.up = false, way.weight = weights;
  return way;
}

/// The way with its weights packed for sliding.hpp; without panels where they would take more than half of
/// the workspace.
Way with_sliding_panels(Way way, QueueView& queue) {
  const std::int64_t floats = sliding_floats(way.shape), of_group = floats / way.shape.groups;
  if (static_cast<std::size_t>(floats) * sizeof(float) > queue.workspace_bytes / 2) return way;
  float* const panels = take_floats(queue, floats);
  for_parts(queue, queue.threads, [&](int index) {
    for (std::int64_t group = part_begin(way.shape.groups, 1, queue.threads, index);
         group < part_begin(way.shape.groups, 1, queue.threads, index + 1); ++group)
      pack_sliding(way, group, panels + group * of_group);
  });
  way.panels = panels;
  return way;
}

void go(QueueView queue, const Way& asked) {
  if (is_winograd(asked)) return go_winograd(queue, asked);
  const Way down = turned(asked, queue);
  const Way slides = is_sliding(down) ? with_sliding_panels(down, queue) : down;
  if (slides.panels != nullptr) {
    const int parts = parts_of(queue, slides.shape);
    return for_parts(queue, parts, [&](int index) {
      go_sliding(slides, thread_scratch(queue, parts, index), parts, index);
    });
  }
  const Way way = with_panels(down, queue);
  const int parts = parts_of(queue, way.shape);
  for_parts(queue, parts, [&](int index) {
    const Scratch scratch = thread_scratch(queue, parts, index);
    if (is_direct(way)) return go_direct(way, scratch, parts, index);
    way.up ? go_up(way, scratch, parts, index) : go_down(way, scratch, parts, index);
  });
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
  const bool is_fast = op.dweight != nullptr && is_winograd(op);
  if (is_fast) winograd_gradient(queue, op);
  const int parts = parts_of(queue, op.shape);
  for_parts(queue, parts, [&](int index) {
    if (op.dweight != nullptr && !is_fast)
      is_sliding(op) ? sliding_gradient(op, parts, index)
                     : weight_gradient(op, thread_scratch(queue, parts, index), parts, index);
    if (op.dbias != nullptr) sum_columns(bias, parts, index);
  });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
