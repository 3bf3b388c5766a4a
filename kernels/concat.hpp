// A residual block that keeps its input beside its output: side by side, and the gradient back to either.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/backends.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels {

/// y = [first | second], row by row. All row-major; y overlaps neither.
struct Concat {
  static constexpr std::string_view kName = "concat";
  std::int64_t rows = 0;
  std::int64_t first_width = 0;
  std::int64_t second_width = 0;
  const float* first = nullptr;   ///< (rows, first_width), or null: those columns of y are there
  const float* second = nullptr;  ///< (rows, second_width)
  float* y = nullptr;             ///< (rows, first_width + second_width)

  AGON_MEMBER_FORMULA std::int64_t width() const { return first_width + second_width; }
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, Concat& op) {
  v.reads(op.first, op.rows * op.first_width);
  v.reads(op.second, op.rows * op.second_width);
  v.writes(op.y, op.rows * op.width());
}

/// Of the gradient by y = [phi(u) | second], the part that came through the layer that reads y, and of a
/// later y' = [... | y] the gradient by that:
///   gradient = gradient + the last columns of later      du = the first columns of gradient * phi'(u)
/// phi'(u) = phi(u) > 0 ? 1 : slope. Then `gradient` is the `later` of the block before. Nothing overlaps.
struct ConcatBackward {
  static constexpr std::string_view kName = "concat_backward";
  std::int64_t rows = 0;
  std::int64_t first_width = 0;
  std::int64_t second_width = 0;
  float* gradient = nullptr;     ///< (rows, first_width + second_width), updated
  const float* later = nullptr;  ///< (rows, later_width), or null: there is no later block
  std::int64_t later_width = 0;  ///< at least first_width + second_width
  const float* y = nullptr;      ///< (rows, first_width + second_width)
  float slope = 1.0f;            ///< in [0, 1]
  float* du = nullptr;           ///< (rows, first_width), written

  AGON_MEMBER_FORMULA std::int64_t width() const { return first_width + second_width; }
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, ConcatBackward& op) {
  v.updates(op.gradient, op.rows * op.width());
  v.reads(op.later, op.rows * op.later_width);
  v.reads(op.y, op.rows * op.width());
  v.writes(op.du, op.rows * op.first_width);
}

/// Source: Xu et al., "Modeling tabular data using conditional GAN" (CTGAN, 2019), whose generator is made of
/// such blocks.
void concat(QueueView queue, const Concat& op);
void concat_backward(QueueView queue, const ConcatBackward& op);
AGON_ON_BACKENDS(void concat(QueueView queue, const Concat& op));
AGON_ON_BACKENDS(void concat_backward(QueueView queue, const ConcatBackward& op));

}  // namespace agon::kernels
