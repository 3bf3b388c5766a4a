#include "engine/training/step_memory.hpp"

namespace agon {

std::int64_t micro_batch_of(const GanConfig& config, std::int64_t cache_bytes, std::int64_t least) {
  std::int64_t most = config.micro_batch;
  if (most == 0) {
    const std::int64_t widest = std::max(config.generator.widest(), config.discriminator.widest());
    const std::int64_t row = 2 * 3 * widest * static_cast<std::int64_t>(sizeof(float));
    most = std::max(cache_bytes / row, least);
  }
  if (most >= config.batch) return config.batch;
  const std::int64_t count = (config.batch + most - 1) / most;
  const std::int64_t even = (config.batch + count - 1) / count;
  const std::int64_t unit = 4 * config.pack;
  return std::min((even + unit - 1) / unit * unit, config.batch);
}

std::int64_t micro_batch_of(const GanConfig& config, const Device& device) {
  if (device.kind() == DeviceKind::cuda) return micro_batch_of(config, device.cache_bytes());
  // On the processor small products lose more than the cache gains: a tenth of the time at 4,096 rows
  // (bench/results/2026-11-23-step-on-processor.md).
  constexpr std::int64_t kLeastRows = 16384;
  return micro_batch_of(config, device.cache_bytes(), kLeastRows);
}

ByteRanges memory_before_step(const StepMemory& m) {
  ByteRanges there;
  const auto add = [&](const auto* first, std::int64_t count) {
    if (first == nullptr) return;
    there.add(reinterpret_cast<const std::byte*>(first), reinterpret_cast<const std::byte*>(first + count));
  };
  const std::int64_t width = m.config->width();
  add(m.keep.source, reinterpret_cast<const std::byte*>(m.noise) - m.keep.source);
  add(m.state, 1);
  add(m.table, m.table_rows * width);
  add(m.deviation, 1);
  add(m.logits, m.health.loss.n);
  add(m.health.fakes, m.health.rows * width);
  add(m.health.reference, 2 * width + 1);
  add(m.health.partial, kernels::kHealthBlocks);
  return there;
}

}  // namespace agon
