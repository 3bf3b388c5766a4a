// The GAN as a Model's game: its players, where what a step works on lies, and how much of a batch goes
// through at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/gan/step.hpp"
#include "engine/model/model.hpp"
#include "engine/runtime/device.hpp"

namespace agon {

/// Rows of a micro-batch: config.micro_batch, or where that is 0 as many as leave the activations and
/// gradients of three layers in the device's cache; at most the batch, cut evenly, and a multiple of 4 where
/// it is less. Batch norm's statistics are those of one pass, so its batch is cut only where it is huge.
std::int64_t micro_batch_of(const GanConfig& config, const Device& device);
/// On CUDA, with so much cache.
std::int64_t micro_batch_of(const GanConfig& config, std::int64_t cache_bytes);

/// An H100's cache, for those who ask about a GPU where there is none.
inline constexpr std::int64_t kCacheWithoutDevice = std::int64_t{50} << 20;

/// The generator and the discriminator.
std::vector<Learner> learners_of(const GanConfig& config);

class GanGame : public Game {
 public:
  GanGame(const GanConfig& config, std::int64_t micro_batch);

  void lay_out(Memory& memory, const ModelMemory& model) override;
  void record(Program& program, const kernels::StepEnd& end) const override;
  void add_memory_before_step(ByteRanges& there) const override;

  StepMemory memory;  ///< of the last lay_out(); the table is the owner's to set

 private:
  GanConfig config_;
  std::int64_t micro_batch_;
};

}  // namespace agon
