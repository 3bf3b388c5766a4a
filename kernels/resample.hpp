// Images of half and of twice the height and width.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/backends.hpp"
#include "kernels/convolution_shape.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels {

/// Along either axis, the weights of the fine elements that make a coarse one.
///   box      (1 1) / 2: the mean of four pixels; up, each pixel four times
///   linear   (1 3 3 1) / 8: linear interpolation between the pixels' centres; R3GAN's "[1, 2, 1]", which is
///            the box convolved with it
enum class ResampleFilter : std::uint8_t { box, linear };

/// y = scale * (D x) down, or scale * (4 D' x) up, each channel by itself, D' the transpose of D:
///   (D x)(u, v) = sum over i, j of w_i w_j x(2 u + i - p, 2 v + j - p)     box: p = 0, linear: p = 1
/// with w the filter's weights and 0 for what lies outside of the image. The weights' sum is 1, so an image
/// of one value keeps it, but at the border where the filter is linear: down, the outermost pixels are 7/8 of
/// it (49/64 in the corners); up, 3/4 (9/16).
///
/// The map is linear, so it is its own tangent, and each direction is the other's way back: dx of down is
/// dy up with scale / 4, dx of up is dy down with 4 scale.
///
/// Sources: R3GAN's InterpolativeUpsampler and InterpolativeDownsampler (Huang, Gokaslan, Kuleshov, Tompkin,
/// "The GAN is dead; long live the GAN!", 2024); the linear filter: Karras et al., "Analyzing and improving
/// the image quality of StyleGAN" (2020).
struct Resample {
  static constexpr std::string_view kName = "resample";
  std::int64_t batch = 0;  ///< images
  ImageShape coarse{};     ///< of any size
  ResampleFilter filter = ResampleFilter::linear;
  bool up = false;  ///< from the coarse images to the fine ones
  float scale = 1.0f;
  const float* x = nullptr;  ///< (batch, in)
  float* y = nullptr;        ///< (batch, out), every element written; overlaps no x

  AGON_MEMBER_FORMULA ImageShape fine() const {
    return {2 * coarse.height, 2 * coarse.width, coarse.channels};
  }
  AGON_MEMBER_FORMULA ImageShape in() const { return up ? coarse : fine(); }
  AGON_MEMBER_FORMULA ImageShape out() const { return up ? fine() : coarse; }
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, Resample& op) {
  v.reads(op.x, op.batch * op.in().size());
  v.writes(op.y, op.batch * op.out().size());
}

/// On CUDA, throws DeviceError where y has more elements than a kernel counts.
void resample(QueueView queue, const Resample& op);
AGON_ON_BACKENDS(void resample(QueueView queue, const Resample& op));

}  // namespace agon::kernels
