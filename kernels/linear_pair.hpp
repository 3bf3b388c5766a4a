// Two layers in a row with few columns between them: a generator's last and a discriminator's first.
#pragma once

#include <string_view>

#include "kernels/backends.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/linear.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels {

/// first.y is rows [before, before + first.shape.batch) of second.x, of which `second` may read fewer;
/// first.shape.out = second.shape.in. The rows before are the caller's (real records before the generator's).
/// Both happen as if one by one.
struct LinearPairForward {
  static constexpr std::string_view kName = "linear_pair_forward";
  LinearForward first;
  LinearForward second;
  std::int64_t before = 0;  ///< rows
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, LinearPairForward& op) {
  visit_operands(v, op.first);
  visit_operands(v, op.second);
}

/// The way back, gradients of the inputs only: second.dx, then first.dx from first.dz = second.dx, over the
/// same rows. Neither has dweight.
struct LinearPairBackward {
  static constexpr std::string_view kName = "linear_pair_backward";
  LinearBackward second;
  LinearBackward first;
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, LinearPairBackward& op) {
  visit_operands(v, op.second);
  visit_operands(v, op.first);
}

/// Whether CUDA makes them one launch: the middle is thin, and the rows are no more than so many. Blocks of a
/// few rows read all weights: past some rows the layers' own kernels read them less often.
inline constexpr std::int64_t kMostPairRows = 4096;
inline bool in_one_launch(const LinearPairForward& op) {
  return op.second.shape.in <= kThin && op.before + op.first.shape.batch <= kMostPairRows;
}
inline bool in_one_launch(const LinearPairBackward& op) {
  return op.second.shape.in <= kThin && op.second.shape.batch <= kMostPairRows;
}
inline std::int64_t launch_count(const LinearPairForward& op, int) { return in_one_launch(op) ? 1 : 2; }
inline std::int64_t launch_count(const LinearPairBackward& op, int) { return in_one_launch(op) ? 1 : 2; }

/// On CUDA one launch where in_one_launch() says so, else two.
void linear_pair_forward(QueueView queue, const LinearPairForward& op);
void linear_pair_backward(QueueView queue, const LinearPairBackward& op);
AGON_ON_CUDA(void linear_pair_forward(QueueView queue, const LinearPairForward& op));
AGON_ON_CUDA(void linear_pair_backward(QueueView queue, const LinearPairBackward& op));

}  // namespace agon::kernels
