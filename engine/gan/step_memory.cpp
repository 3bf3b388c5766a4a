#include "engine/gan/step_memory.hpp"

#include <algorithm>

#include "engine/gan/turn.hpp"

namespace agon {

namespace {

/// Rows whose activations and gradients of three layers lie in so much cache.
std::int64_t rows_in(std::int64_t cache_bytes, const GanConfig& config) {
  const std::int64_t widest = std::max(config.generator.widest(), config.discriminator.widest());
  return cache_bytes / (2 * 3 * widest * static_cast<std::int64_t>(sizeof(float)));
}

std::int64_t cut_evenly(const GanConfig& config, std::int64_t most) {
  if (most >= config.batch) return config.batch;
  const std::int64_t count = (config.batch + most - 1) / most;
  const std::int64_t even = (config.batch + count - 1) / count;
  const std::int64_t unit = 4 * config.pack;
  return std::min((even + unit - 1) / unit * unit, config.batch);
}

/// The threads' second caches together, and half as much again; less than two such pieces stay whole
/// (bench/results/2026-11-30-large-batches.md).
std::int64_t rows_on_processor(const GanConfig& config, const Device& device) {
  const bool by_pass =
      config.generator.norm == NormKind::batch || config.discriminator.norm == NormKind::batch;
  if (by_pass) return 16384;
  constexpr std::int64_t kLeastOfThread = 256;
  const std::int64_t rows =
      std::max(rows_in(device.cache_bytes() * 3 / 2, config), kLeastOfThread * device.threads());
  return config.batch < 2 * rows ? config.batch : rows;
}

}  // namespace

std::int64_t micro_batch_of(const GanConfig& config, std::int64_t cache_bytes) {
  constexpr std::int64_t kLeast = 1024;
  return cut_evenly(
      config, config.micro_batch > 0 ? config.micro_batch : std::max(rows_in(cache_bytes, config), kLeast));
}

std::int64_t micro_batch_of(const GanConfig& config, const Device& device) {
  if (device.kind() == DeviceKind::cuda) return micro_batch_of(config, device.cache_bytes());
  return cut_evenly(config, config.micro_batch > 0 ? config.micro_batch : rows_on_processor(config, device));
}

std::vector<Learner> learners_of(const GanConfig& config) {
  const Optimiser common{.beta1 = config.beta1,
                         .beta2 = config.beta2,
                         .epsilon = config.epsilon,
                         .weight_decay = config.weight_decay,
                         .l2 = config.l2,
                         .clip_norm = config.clip_norm};
  std::vector<Learner> learners(2);
  Learner& generator = learners[kGenerator] = {"generator", config.generator, common};
  generator.optimiser.rate = config.generator_rate;
  generator.optimiser.average_half_life = config.ema_samples / static_cast<double>(config.batch);
  Learner& discriminator = learners[kDiscriminator] = {"discriminator", config.discriminator, common};
  discriminator.optimiser.rate = config.discriminator_rate;
  discriminator.spectral_norm = config.spectral_norm;
  return learners;
}

GanGame::GanGame(const GanConfig& config, std::int64_t micro_batch)
    : config_(config), micro_batch_(micro_batch) {}

/// What is set once, not laid out, stays.
void GanGame::lay_out(Memory& arena, const ModelMemory& model) {
  StepMemory& m = memory;
  const std::int64_t rows = micro_batch_, width = config_.width(), inputs = config_.inputs();
  m.config = &config_;
  m.model = &model;
  m.micro_batch = rows;
  // D's phase's, then G's: side by side, so that a pass can make the fakes of both in one sweep, where
  // rows * inputs is a multiple of 4 (a stream is drawn in fours).
  const std::int64_t each = (rows * inputs + 3) / 4 * 4;
  float* const noise = arena.floats(2 * each, {"noise", inputs});
  m.noise[kDiscriminator] = {noise, rows, inputs};
  m.noise[kGenerator] = {noise + each, rows, inputs};
  const auto count = static_cast<std::size_t>(rows);
  if (config_.by_class()) {
    for (std::int32_t*& classes : m.classes) classes = arena.take<std::int32_t>(count, {"classes"});
  } else if (config_.conditional()) {
    m.chosen = arena.take<std::int32_t>(count, {"chosen levels"});
    for (std::uint32_t*& source : m.source) source = arena.take<std::uint32_t>(count, {"chosen rows"});
  }
  const std::int64_t before = has_mixed_rows(config_) ? 3 : 2, behind = is_paired(m) ? 2 : 1;
  float* const seen = arena.floats((before + behind) * rows * width, {"rows", width});
  m.seen[kDiscriminator] = {seen, before * rows, width};
  m.seen[kGenerator] = {seen + before * rows * width, behind * rows, width};
  if (config_.augmentation.any()) {
    float* const drawn = arena.floats((2 + behind) * rows * width, {"rows not augmented", width});
    m.drawn[kDiscriminator] = {drawn, 2 * rows, width};
    m.drawn[kGenerator] = {drawn + 2 * rows * width, behind * rows, width};
  } else if (config_.instance_noise.deviation > 0) {
    m.clean = {arena.floats(rows * width, {"fakes without noise", width}), rows, width};
  }
  const std::int64_t batch = packed(m, config_.batch);
  m.logits = arena.floats((2 + behind) * batch, {"logits", 1});
  if (config_.penalties.any()) m.penalties = arena.floats(3 * batch, {"penalties", 1});
  m.deviation = arena.floats(1, {"table's deviation"});
  m.health.reference = m.reference = arena.floats(2 * width + 1, {"health's reference"});
  m.health.partial = arena.take<kernels::HealthPartial>(kernels::kHealthBlocks, {"health"});
}

void GanGame::record(Program& program, const kernels::StepEnd& end) const {
  train_step(program, memory, end);
}

void GanGame::add_memory_before_step(ByteRanges& there) const {
  const StepMemory& m = memory;
  const auto add = [&](const auto* first, std::int64_t count) {
    if (first == nullptr) return;
    there.add(reinterpret_cast<const std::byte*>(first), reinterpret_cast<const std::byte*>(first + count));
  };
  const std::int64_t width = config_.width();
  add(m.table, m.table_rows * width);
  add(m.bytes, m.table_rows * width);
  add(m.class_of_row, m.table_rows);
  add(m.records.codes, m.table_rows * static_cast<std::int64_t>(config_.generator.records.heads.size()));
  add(m.records.ranks, m.table_rows * config_.generator.records.numbers());
  add(m.records.cumulative, m.records.cumulative_size);
  add(m.conditions.first, m.conditions.heads + 1);
  add(m.conditions.score, m.conditions.heads);
  add(m.conditions.threshold, m.conditions.levels);
  add(m.rows_by_level.first, m.conditions.levels + 1);
  add(m.rows_by_level.rows, m.rows_by_level.size);
  add(m.deviation, 1);
  add(m.logits, m.health.loss.n);
  add(m.health.fakes, m.health.rows * width);
  add(m.health.reference, 2 * width + 1);
  add(m.health.partial, kernels::kHealthBlocks);
}

}  // namespace agon
