#include "kernels/gradient_norm.hpp"

#include "kernels/cpu/parts.hpp"
#include "kernels/cpu/sums.hpp"
#include "kernels/formula/gradient_norm.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

constexpr std::int64_t kParallelFrom = 65536;  // elements; fewer are done before the other threads are awake

}  // namespace

void gradient_norm(QueueView queue, const GradientNorm& op) {
  // By pieces, so that the sum does not depend on the threads; as many as the workspace holds sums of.
  constexpr std::int64_t kPieces = 256;
  static_assert(kPieces * sizeof(double) <= kWorkspaceBytes);
  double* const partial = reinterpret_cast<double*>(queue.workspace);
  const std::int64_t piece = (op.n + kPieces - 1) / kPieces;
  for_each(queue, kPieces, op.n >= kParallelFrom, [&](std::int64_t p) {
    const std::int64_t begin = p * piece, left = op.n - begin;
    partial[p] = left <= 0 ? 0.0 : sum_of_squares(op.gradient + begin, left < piece ? left : piece);
  });
  double sum = 0;
  for (std::int64_t p = 0; p < kPieces; ++p) sum += partial[p];
  formula::set_gradient_norm(*op.state, op.clip, sum);
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
