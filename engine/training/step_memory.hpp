// Where everything that a step touches lies in one allocation, and how much of a batch goes through at a
// time.
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/program/byte_ranges.hpp"
#include "engine/runtime/device.hpp"
#include "engine/training/step_rows.hpp"
#include "engine/training/update.hpp"

namespace agon {

/// Rows of a micro-batch: config.micro_batch, or where that is 0 as many as leave the activations and
/// gradients of three layers in the device's cache, but no fewer than `least`; at most the batch, cut evenly,
/// and a multiple of 4 where it is less.
std::int64_t micro_batch_of(const GanConfig& config, const Device& device);
std::int64_t micro_batch_of(const GanConfig& config, std::int64_t cache_bytes, std::int64_t least = 1024);

/// An H100's cache, for those who ask about a GPU where there is none.
inline constexpr std::int64_t kCacheWithoutDevice = std::int64_t{50} << 20;

/// What a step may read before it has written it: all that is learnt, the copies of it, what the health probe
/// looks at of the step before, and the tables.
ByteRanges memory_before_step(const StepMemory& memory);

/// Steps between copies of what is learnt: a copy takes about as long as a step.
inline constexpr std::uint64_t kKeepEvery = 1024;

/// All but the temporaries of the step's program. Run over an ArenaSize first, then over the Arena; the end's
/// rings are left to the caller. The networks come first: what is kept is one piece.
template <class Allocator>
StepMemory lay_out_step(Allocator& memory, const GanConfig& config, std::int64_t micro_batch,
                        Network& generator, Network& discriminator) {
  const auto floats = [&](std::int64_t count, const char* name, std::int64_t columns = 1) {
    return memory.template take<float>(static_cast<std::size_t>(count * columns), {name, columns});
  };
  StepMemory m;
  m.config = &config;
  m.generator = &generator;
  m.discriminator = &discriminator;
  m.micro_batch = micro_batch;
  const std::size_t before = memory.used();
  generator.lay_out(memory, config.ema_samples > 0);
  discriminator.lay_out(memory);
  if (config.spectral_norm) discriminator.lay_out_singular(memory);
  m.keep.bytes = static_cast<std::int64_t>(memory.used() - before);
  m.keep.source = reinterpret_cast<const std::byte*>(generator.flat().value);
  m.keep.every = kKeepEvery;
  for (std::byte*& slot : m.keep.slot)
    slot = memory.template take<std::byte>(static_cast<std::size_t>(m.keep.bytes), {"kept copy"});
  if (config.spectral_norm) discriminator.lay_out_normalised(memory);
  m.noise = floats(2 * micro_batch * config.latent() + 4, "noise");
  const std::int64_t mixed = has_mixed_rows(config) ? 1 : 0;
  const std::int64_t real_again = kernels::is_paired(config.objective) ? 1 : 0;
  m.rows = floats((3 + real_again + mixed) * micro_batch, "rows", config.width()) +
           mixed * micro_batch * config.width();
  m.generator_outputs = generator.lay_out_activations(memory, 2 * micro_batch, Mode::training, micro_batch);
  m.logits = floats((3 + real_again) * config.batch / config.pack, "logits");
  if (config.penalties.any()) m.penalties = floats(3 * config.batch / config.pack, "penalties");
  m.deviation = floats(1, "table's deviation");
  m.state = memory.template take<kernels::StepState>(1, {"state"});
  m.health.partial = memory.template take<kernels::HealthPartial>(kernels::kHealthBlocks, {"health"});
  m.end = end_of_step(m);
  return m;
}

}  // namespace agon
