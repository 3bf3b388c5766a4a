#include "kernels/formula/sigmoid_bce.hpp"
#include "kernels/cpu/variant.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

constexpr std::int64_t kPiece = 2048;  // logits summed by one thread: fixed, so sums do not depend on threads
constexpr std::int64_t kParallelFrom =
    8 * kPiece;  // logits; fewer are done before the other threads are awake

struct Sums {
  double loss;
  double probability;
};

/// One piece: gradients out (where dlogits is not null), sums back. scale is weight / length.
Sums piece_sums(const float* logits, float* dlogits, std::int64_t count, float target, float scale) {
  double loss = 0;
  double probability = 0;
  if (dlogits != nullptr) {
#pragma omp simd reduction(+ : loss, probability)
    for (std::int64_t i = 0; i < count; ++i) {
      const formula::SigmoidBceElement e = formula::sigmoid_bce(logits[i], target);
      dlogits[i] = scale * (e.probability - target);
      loss += static_cast<double>(e.loss);
      probability += static_cast<double>(e.probability);
    }
  } else {
#pragma omp simd reduction(+ : loss, probability)
    for (std::int64_t i = 0; i < count; ++i) {
      const formula::SigmoidBceElement e = formula::sigmoid_bce(logits[i], target);
      loss += static_cast<double>(e.loss);
      probability += static_cast<double>(e.probability);
    }
  }
  return {loss, probability};
}

/// A segment's sums: of its pieces, in order, whoever computed them. `partial` has room for every piece.
Sums segment_sums(QueueView queue, const SigmoidBce& op, std::int64_t begin, std::int64_t end, int s,
                  Sums* partial) {
  const std::int64_t pieces = (end - begin + kPiece - 1) / kPiece;
  const float scale = op.weight[s] / static_cast<float>(end - begin);
#pragma omp parallel for schedule(static) num_threads(queue.threads) if (end - begin >= kParallelFrom)
  for (std::int64_t piece = 0; piece < pieces; ++piece) {
    const std::int64_t first = begin + piece * kPiece;
    const std::int64_t count = end - first < kPiece ? end - first : kPiece;
    partial[piece] =
        piece_sums(op.logits + first, op.dlogits ? op.dlogits + first : nullptr, count, op.target[s], scale);
  }
  Sums sums{0, 0};
  for (std::int64_t piece = 0; piece < pieces; ++piece) {
    sums.loss += partial[piece].loss;
    sums.probability += partial[piece].probability;
  }
  return sums;
}

}  // namespace

void sigmoid_bce(QueueView queue, const SigmoidBce& op) {
  Sums* const partial = reinterpret_cast<Sums*>(queue.workspace);
  const std::int64_t border[3] = {0, op.split, op.n};
  for (int s = 0; s < 2; ++s) {
    const std::int64_t length = border[s + 1] - border[s];
    op.result->loss[s] = 0;
    op.result->probability[s] = 0;
    if (length == 0) continue;
    const Sums sums = segment_sums(queue, op, border[s], border[s + 1], s, partial);
    const double count = static_cast<double>(length);
    op.result->loss[s] = static_cast<float>(static_cast<double>(op.weight[s]) * sums.loss / count);
    op.result->probability[s] = static_cast<float>(sums.probability / count);
  }
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
