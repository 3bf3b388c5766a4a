// A phase's losses, in pieces that the threads share.
#pragma once

#include "kernels/cpu/parts.hpp"
#include "kernels/formula/objective.hpp"
#include "kernels/queue.hpp"
#include "kernels/step_losses.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {

inline constexpr std::int64_t kLossPiece =
    2048;  // logits summed by one thread: fixed, so sums do not depend on threads
inline constexpr std::int64_t kLossesParallelFrom =
    8 * kLossPiece;  // logits; fewer are done before the other threads are awake

struct LossSums {
  double loss;
  double output;
};

/// Some neighbouring logits of a segment.
struct LossPiece {
  const float* logits;
  const float* partners;  ///< of the same number of logits; null where the term is not paired
  std::int64_t count;
};

template <LossShape shape, bool paired>
LossSums piece_sums(const LossPiece& piece, const LossTerm& term) {
  double loss = 0;
  double output = 0;
#pragma omp simd reduction(+ : loss, output)
  for (std::int64_t i = 0; i < piece.count; ++i) {
    const auto e =
        formula::objective_element<shape, paired>(term, piece.logits[i], paired ? piece.partners[i] : 0.0f);
    loss += static_cast<double>(e.loss);
    output += static_cast<double>(e.output);
  }
  return {loss, output};
}

inline LossSums piece_sums(const LossPiece& piece, const LossTerm& term) {
  return formula::with_loss(term, [&]<LossShape shape, bool paired>() {
    return AGON_CPU_VARIANT::piece_sums<shape, paired>(piece, term);
  });
}

/// A segment's sums: of its pieces, in order, whoever computed them. `partial` has room for every piece.
inline LossSums segment_sums(QueueView queue, const ObjectiveLoss& op, std::int64_t begin, std::int64_t end,
                             int s, LossSums* partial) {
  const std::int64_t pieces = (end - begin + kLossPiece - 1) / kLossPiece;
  const std::int64_t to_partner = s == 0 ? op.split : -op.split;
  for_each(queue, pieces, end - begin >= kLossesParallelFrom, [&](std::int64_t piece) {
    const std::int64_t first = begin + piece * kLossPiece;
    partial[piece] = AGON_CPU_VARIANT::piece_sums(
        {.logits = op.logits + first,
         .partners = op.term[s].paired ? op.logits + (first + to_partner) : nullptr,
         .count = end - first < kLossPiece ? end - first : kLossPiece},
        op.term[s]);
  });
  LossSums sums{0, 0};
  for (std::int64_t piece = 0; piece < pieces; ++piece) {
    sums.loss += partial[piece].loss;
    sums.output += partial[piece].output;
  }
  return sums;
}

inline void work_out_losses(QueueView queue, const ObjectiveLoss& op) {
  LossSums* const partial = reinterpret_cast<LossSums*>(queue.workspace);
  const std::int64_t border[3] = {0, op.split, op.n};
  for (int s = 0; s < 2; ++s) {
    const std::int64_t length = border[s + 1] - border[s];
    op.result->loss[s] = 0;
    op.result->output[s] = 0;
    if (length == 0) continue;
    const LossSums sums = AGON_CPU_VARIANT::segment_sums(queue, op, border[s], border[s + 1], s, partial);
    const double count = static_cast<double>(length);
    op.result->loss[s] = static_cast<float>(sums.loss / count);
    op.result->output[s] = static_cast<float>(sums.output / count);
  }
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
