// What both players' phases share: making fakes, and taking rows through the discriminator to the gradient of
// the loss.
#pragma once

#include <cstdint>

#include "engine/training/step_rows.hpp"
#include "engine/training/update.hpp"
#include "kernels/step_losses.hpp"

namespace agon {

/// Fakes of `noise`, (rows, latent), into `fakes`, (rows, width). The last of `outputs` is not written.
struct Generation {
  const float* noise = nullptr;
  std::int64_t rows = 0;
  Activations outputs;
  float* fakes = nullptr;
};
void generate(Program& program, const StepMemory& memory, const Generation& generation);

/// Noise onto the piece's rows of the table's width, which lie at `rows`: of the step's `region`-th batch of
/// them those from piece.first on. `clean` gets them as they were, where it is not null.
void add_instance_noise(Program& program, const StepMemory& memory, float* rows, const MicroBatch& piece,
                        std::int64_t region, float* clean = nullptr);

/// Rows through the discriminator: its logits, and the gradient of the loss by the last hidden layer, or by x
/// where there is none. Rows are the discriminator's.
struct Judgement {
  const float* x = nullptr;
  std::int64_t rows = 0;
  std::int64_t bare = 0;                  ///< of them, without logits
  std::int64_t split = 0;                 ///< of the others, of segment 0
  kernels::ObjectiveLoss loss;            ///< of the whole batch
  float* logits[2] = {nullptr, nullptr};  ///< of this piece
  Activations outputs;                    ///< (rows), of all layers but the last
  float* dlogits = nullptr;               ///< (rows)
  float* dx = nullptr;
  std::int64_t unit_first = 0, unit_rows = 0;
  float* row_weight = nullptr;  ///< kernels/logit_loss.hpp
  DroppedRows dropped;
};
void judge(Program& program, const StepMemory& memory, const Judgement& judgement);

}  // namespace agon
