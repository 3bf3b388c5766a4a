// What becomes of an image by augmentation, and of one of its pixels; and how its probability moves.
#pragma once

#include <cstdint>

#include "kernels/augment.hpp"
#include "kernels/formula/annotate.hpp"
#include "kernels/formula/normal.hpp"
#include "kernels/formula/uniform.hpp"

namespace agon::kernels::formula {

/// What an image has drawn. Numbers alone: nothing between them that nobody writes.
struct ImageChange {
  std::int32_t flip = 0;                  ///< or 1
  std::int32_t shift_y = 0, shift_x = 0;  ///< pixels down, right
  std::int32_t cut = 0;                   ///< or 1: the rectangle around
  float cut_y = 0, cut_x = 0;             ///< pixels from the image's corner
  float brightness = -0.0f;               ///< adding it changes no zero's sign
  float contrast = 1, saturation = 1;

  AGON_MEMBER_FORMULA bool is_none() const {
    return flip == 0 && shift_y == 0 && shift_x == 0 && cut == 0 && brightness == 0 && contrast == 1 &&
           saturation == 1;
  }
};

/// 2^exponent for |exponent| < 20.
AGON_FORMULA float power_of_two(float exponent) {
  const float size = exponent < 0.0f ? -exponent : exponent;
  const float less = exponential_of_nonpositive(size * -0x1.62e430p-1f);  // log 2
  return exponent > 0.0f ? quotient(1.0f, less) : less;
}

/// Uniform on -reach ... reach, an eighth of the side.
AGON_FORMULA std::int32_t shift_of(std::uint32_t word, std::int64_t side) {
  const auto reach = static_cast<std::int32_t>(side / 8);
  const std::uint64_t values = 2 * static_cast<std::uint64_t>(reach) + 1;
  return static_cast<std::int32_t>(word * values >> 32) - reach;
}

/// `image` of the op's, at the step and with the probability p.
AGON_FORMULA ImageChange drawn_change(const Augment& op, std::uint64_t step, float p, std::int64_t image) {
  const auto block = [&](std::uint32_t k) {
    return random_block(op.random.seed, static_cast<std::uint32_t>(op.random.purpose), step,
                        static_cast<std::uint32_t>(4 * (op.first + image)) + k);
  };
  const auto chosen = [&](std::uint32_t word) { return uniform(word) < p; };
  const PhiloxBlock which = block(0), colours = block(1), places = block(2);
  ImageChange change{};
  if (op.kinds.flip && chosen(which.word[0])) change.flip = static_cast<std::int32_t>(colours.word[2] >> 31);
  if (op.kinds.translation && chosen(which.word[1])) {
    change.shift_y = shift_of(places.word[0], op.shape.height);
    change.shift_x = shift_of(places.word[1], op.shape.width);
  }
  if (op.kinds.cutout && chosen(which.word[2])) {
    change.cut = 1;
    change.cut_y = uniform(places.word[2]) * static_cast<float>(op.shape.height);
    change.cut_x = uniform(places.word[3]) * static_cast<float>(op.shape.width);
  }
  if (!op.kinds.colour) return change;
  const FourNumbers normal = normal_four(block(3));
  if (chosen(which.word[3])) change.brightness = 0.2f * normal.value[0];
  if (chosen(colours.word[0])) change.contrast = power_of_two(0.5f * normal.value[1]);
  if (op.shape.channels == 3 && chosen(colours.word[1])) change.saturation = power_of_two(normal.value[2]);
  return change;
}

/// From a place that may lie outside of [0, side), by less than side, to the one whose mirror image it is.
AGON_FORMULA std::int32_t mirrored(std::int32_t place, std::int32_t side) {
  if (place < 0) return -place;
  return place < side ? place : 2 * (side - 1) - place;
}

/// The place other than from + shift whose value is from's by mirrored(); -1 where there is none.
AGON_FORMULA std::int32_t reflection(std::int32_t from, std::int32_t shift, std::int32_t side) {
  if (shift > 0) return from >= 1 && from <= shift ? shift - from : -1;
  return from >= side - 1 + shift && from <= side - 2 ? 2 * (side - 1) - from + shift : -1;
}

/// Of a place along either axis, whether its centre is less than a quarter of the side from the rectangle's.
AGON_FORMULA bool is_near(std::int32_t place, float centre, std::int64_t side) {
  const float away = static_cast<float>(place) + 0.5f - centre;
  return (away < 0.0f ? -away : away) < 0.25f * static_cast<float>(side);
}

AGON_FORMULA bool is_cut(const ImageShape& shape, const ImageChange& change, std::int32_t v, std::int32_t u) {
  return change.cut != 0 && is_near(v, change.cut_y, shape.height) && is_near(u, change.cut_x, shape.width);
}

/// A pixel's three channels, further from their mean or nearer to it: a symmetric matrix.
AGON_FORMULA void saturate(float saturation, float* pixel) {
  if (saturation == 1.0f) return;
  const float mean = rounded_product(pixel[0] + pixel[1] + pixel[2], 1.0f / 3.0f);
  for (int k = 0; k < 3; ++k) pixel[k] = fused(saturation, pixel[k] - mean, mean);
}

/// Pixel (v, u) of the changed image `x`, all channels, into y.
AGON_FORMULA void changed_pixel(const ImageShape& shape, const ImageChange& change, const float* x,
                                std::int32_t v, std::int32_t u, float* y) {
  const auto height = static_cast<std::int32_t>(shape.height), width = static_cast<std::int32_t>(shape.width);
  if (is_cut(shape, change, v, u)) {
    for (std::int64_t k = 0; k < shape.channels; ++k) y[k] = 0.0f;
    return;
  }
  const std::int32_t row = mirrored(v - change.shift_y, height);
  const std::int32_t column = mirrored(u - change.shift_x, width);
  const float* const from =
      x + (std::int64_t{row} * width + (change.flip != 0 ? width - 1 - column : column)) * shape.channels;
  const float brighter = rounded_product(change.contrast, change.brightness);
  for (std::int64_t k = 0; k < shape.channels; ++k) y[k] = fused(change.contrast, from[k], brighter);
  saturate(change.saturation, y);
}

/// y += x's pixel (v, u), where there is one that is not cut out.
AGON_FORMULA void add_pixel(const ImageShape& shape, const ImageChange& change, const float* x,
                            std::int32_t v, std::int32_t u, float* y) {
  const bool inside = v >= 0 && v < shape.height && u >= 0 && u < shape.width;
  if (!inside || is_cut(shape, change, v, u)) return;
  const float* const from = x + (v * shape.width + u) * shape.channels;
  for (std::int64_t k = 0; k < shape.channels; ++k) y[k] += from[k];
}

/// Pixel (row, column) of the transpose: the sum of what all pixels that took their value from it have in x.
AGON_FORMULA void gathered_pixel(const ImageShape& shape, const ImageChange& change, const float* x,
                                 std::int32_t row, std::int32_t column, float* y) {
  const auto height = static_cast<std::int32_t>(shape.height), width = static_cast<std::int32_t>(shape.width);
  const std::int32_t across = change.flip != 0 ? width - 1 - column : column;
  const std::int32_t v = row + change.shift_y, other_v = reflection(row, change.shift_y, height);
  const std::int32_t u = across + change.shift_x, other_u = reflection(across, change.shift_x, width);
  for (std::int64_t k = 0; k < shape.channels; ++k) y[k] = -0.0f;
  add_pixel(shape, change, x, v, u, y);
  add_pixel(shape, change, x, v, other_u, y);
  add_pixel(shape, change, x, other_v, u, y);
  add_pixel(shape, change, x, other_v, other_u, y);
  saturate(change.saturation, y);
  for (std::int64_t k = 0; k < shape.channels; ++k) y[k] = rounded_product(change.contrast, y[k]);
}

/// 1 above the centre, -1 below it, else 0.
AGON_FORMULA std::int32_t sign_beside(float logit, float centre) {
  return static_cast<std::int32_t>(logit > centre) - static_cast<std::int32_t>(logit < centre);
}

/// Where p goes by the sum of the real rows' signs.
AGON_FORMULA float adapted(const AdaptAugmentation& op, std::int64_t signs, float p) {
  const double wanted = rounded_product(static_cast<double>(op.target), static_cast<double>(op.rows));
  const auto sum = static_cast<double>(signs);
  const float moved = sum > wanted ? p + op.change : sum < wanted ? p - op.change : p;
  return moved < 0.0f ? 0.0f : moved > kMostAdapted ? kMostAdapted : moved;
}

}  // namespace agon::kernels::formula
