#include "engine/training/gan.hpp"

#include <algorithm>
#include <optional>

#include "engine/runtime/arena.hpp"
#include "engine/runtime/loop.hpp"
#include "engine/training/sampler.hpp"
#include "engine/training/statistics_ring.hpp"
#include "engine/training/update.hpp"
#include "kernels/error.hpp"

namespace agon {
namespace {

// Streams of initialisation numbers.
constexpr std::uint64_t kGeneratorStream = 0;
constexpr std::uint64_t kDiscriminatorStream = 1;

/// Places everything a step touches; run over an ArenaSize first, then over the Arena.
template <class Allocator>
StepMemory lay_out_step(Allocator& memory, const GanConfig& config, Network& generator,
                        Network& discriminator) {
  const std::int64_t batch = config.batch;
  std::int64_t widest = 1;
  for (const NetworkSpec* spec : {&config.generator, &config.discriminator})
    widest = std::max(widest, *std::max_element(spec->widths.begin(), spec->widths.end()));
  const auto floats = [&](std::int64_t count) {
    return memory.template take<float>(static_cast<std::size_t>(count));
  };
  generator.lay_out(memory);
  discriminator.lay_out(memory);
  StepMemory m;
  m.config = &config;
  m.generator = &generator;
  m.discriminator = &discriminator;
  m.noise = floats(2 * batch * config.latent());
  m.rows = floats(3 * batch * config.width());
  m.generator_outputs = generator.lay_out_activations(memory, 2 * batch);
  m.discriminator_outputs = discriminator.lay_out_activations(memory, 2 * batch);
  m.dlogits = floats(2 * batch);
  m.dfake = floats(batch * config.width());
  for (float*& scratch : m.scratch) scratch = floats(2 * batch * widest);
  m.state = memory.template take<kernels::StepState>(1);
  return m;
}

/// Views into pieces: the generator writes its fakes straight behind the real rows.
void connect(StepMemory& m) {
  const std::int64_t batch = m.config->batch;
  m.generator_outputs.output.back() = m.rows + batch * m.config->width();
  m.generator_second_half = m.generator->rows_from(m.generator_outputs, batch);
}

}  // namespace

struct Gan::Implementation {
  Implementation(const GanConfig& the_config, const Device& device, const LoopOptions& the_loop_options);

  kernels::StepState read_state() const;
  void write_state(const kernels::StepState& state);
  const Network& network_of(std::string_view tensor) const;
  const TensorView& find(std::string_view tensor) const;
  std::vector<float> read(const float* source, std::int64_t size) const;

  GanConfig config;
  LoopOptions loop_options;
  Queue queue;
  Network generator;
  Network discriminator;
  std::optional<Arena> arena;
  StepMemory memory;
  Buffer<StepStatistics> ring;
  Buffer<std::uint64_t> published;
  std::uint64_t first_step = 0;  // steps completed when this object took over: their rows are not in the ring
  Buffer<float> table;
  std::optional<Loop> loop;
  std::optional<Sampler> sampler;
};

Gan::Implementation::Implementation(const GanConfig& the_config, const Device& device,
                                    const LoopOptions& the_loop_options)
    : config((the_config.validate(), the_config)),
      loop_options(the_loop_options),
      queue(device),
      generator("generator", config.generator),
      discriminator("discriminator", config.discriminator),
      ring(device, kStatisticsRing, MemoryKind::pinned),
      published(device, 1, MemoryKind::pinned) {
  ArenaSize size;
  lay_out_step(size, config, generator, discriminator);
  arena.emplace(device, size.bytes());
  memory = lay_out_step(*arena, config, generator, discriminator);
  connect(memory);
  memory.end = {memory.state, ring.data(), published.data(), kStatisticsRing};
  generator.initialise(queue, config.seed, kGeneratorStream);
  discriminator.initialise(queue, config.seed, kDiscriminatorStream);
  kernels::StepState state;
  state.generator = {
      .rate = config.generator_rate, .beta1 = config.beta1, .beta2 = config.beta2, .epsilon = config.epsilon};
  state.discriminator = state.generator;
  state.discriminator.rate = config.discriminator_rate;
  state.schedule = config.rate_schedule;
  write_state(state);
  sampler.emplace(queue, generator, discriminator, config.precision);
}

kernels::StepState Gan::Implementation::read_state() const {
  kernels::StepState state;
  queue.download(std::span(&state, 1), memory.state);
  return state;
}

void Gan::Implementation::write_state(const kernels::StepState& state) {
  queue.upload(memory.state, std::span(&state, 1));
  queue.wait();
}

const Network& Gan::Implementation::network_of(std::string_view tensor) const {
  return tensor.starts_with("generator.") ? generator : discriminator;
}

const TensorView& Gan::Implementation::find(std::string_view tensor) const {
  for (const TensorView& view : network_of(tensor).tensors())
    if (view.name == tensor) return view;
  throw ConfigurationError("no parameter is named '" + std::string(tensor) + "'");
}

std::vector<float> Gan::Implementation::read(const float* source, std::int64_t size) const {
  std::vector<float> values(static_cast<std::size_t>(size));
  queue.download(std::span(values), source);
  return values;
}

Gan::Gan(const GanConfig& config, const Device& device, const LoopOptions& loop)
    : implementation_(std::make_unique<Implementation>(config, device, loop)) {}
Gan::Gan(Gan&&) noexcept = default;
Gan& Gan::operator=(Gan&&) noexcept = default;
Gan::~Gan() = default;

const GanConfig& Gan::config() const { return implementation_->config; }
const Device& Gan::device() const { return implementation_->queue.device(); }
std::uint64_t Gan::steps() const { return implementation_->read_state().step; }
bool Gan::diverged() const { return implementation_->read_state().diverged != 0; }

void Gan::set_data(std::span<const float> table, std::int64_t rows) {
  auto& self = *implementation_;
  if (rows < 1 || rows >= std::int64_t{1} << 31)
    throw DataError("a training table needs between 1 and 2^31 - 1 rows, not " + std::to_string(rows));
  if (static_cast<std::int64_t>(table.size()) != rows * self.config.width())
    throw DataError("the training table has " + std::to_string(table.size()) + " values, not " +
                    std::to_string(rows) + " rows of " + std::to_string(self.config.width()));
  self.loop.reset();
  self.table = Buffer<float>(device(), table.size());
  self.queue.upload(self.table.data(), table);
  self.queue.wait();
  self.memory.table = self.table.data();
  self.memory.table_rows = rows;
  self.loop.emplace(
      self.queue, self.memory.state,
      std::span<const std::uint64_t>(self.published.data(), self.published.size()),
      [memory = &self.memory](QueueView queue) { train_step(queue, *memory); }, self.loop_options);
}

std::int64_t Gan::rows() const { return implementation_->memory.table_rows; }

std::uint64_t Gan::train(std::uint64_t steps, const Watch& watch) {
  if (!implementation_->loop) throw ConfigurationError("train() needs set_data() first");
  return implementation_->loop->run(steps, watch);
}

std::vector<StepStatistics> Gan::statistics(std::uint64_t since) const {
  const auto& self = *implementation_;
  return read_ring({self.ring.data(), self.ring.size()}, self.published.data(),
                   std::max(since, self.first_step));
}

StepStatistics Gan::step(std::span<const float> batch, std::span<const float> noise) {
  auto& self = *implementation_;
  const std::int64_t rows = self.config.batch;
  if (static_cast<std::int64_t>(batch.size()) != rows * self.config.width())
    throw ConfigurationError("step(): the batch must be (batch, width)");
  if (static_cast<std::int64_t>(noise.size()) != 2 * rows * self.config.latent())
    throw ConfigurationError("step(): the noise must be (2, batch, latent)");
  self.queue.upload(self.memory.rows, batch);
  self.queue.upload(self.memory.noise, noise);
  train_on_batch(self.queue, self.memory);
  self.queue.wait();
  const kernels::StepState state = self.read_state();
  return {state.step, state.discriminator_result.loss[0] + state.discriminator_result.loss[1],
          state.generator_result.loss[0], state.discriminator_result.probability[0],
          state.discriminator_result.probability[1]};
}

std::vector<float> Gan::sample(std::int64_t count, std::uint64_t seed) const {
  return sample(0, count, seed);
}

std::vector<float> Gan::sample(std::int64_t first, std::int64_t count, std::uint64_t seed) const {
  return implementation_->sampler->sample(first, count, seed);
}

std::vector<float> Gan::generate(std::span<const float> noise) const {
  return implementation_->sampler->generate(noise);
}

std::vector<float> Gan::discriminate(std::span<const float> rows) const {
  return implementation_->sampler->discriminate(rows);
}

std::vector<TensorView> Gan::parameters() const {
  std::vector<TensorView> views = implementation_->generator.tensors();
  const auto& rest = implementation_->discriminator.tensors();
  views.insert(views.end(), rest.begin(), rest.end());
  return views;
}

std::vector<float> Gan::parameter(std::string_view name) const {
  const TensorView& view = implementation_->find(name);
  return implementation_->read(implementation_->network_of(name).flat().value + view.offset, view.size);
}

void Gan::set_parameter(std::string_view name, std::span<const float> values) {
  auto& self = *implementation_;
  const TensorView& view = self.find(name);
  if (static_cast<std::int64_t>(values.size()) != view.size)
    throw ConfigurationError(view.name + " has " + std::to_string(view.size) + " values, not " +
                             std::to_string(values.size()));
  self.queue.upload(self.network_of(name).flat().value + view.offset, values);
  self.queue.wait();
}

std::vector<float> Gan::gradient(std::string_view name) const {
  const TensorView& view = implementation_->find(name);
  return implementation_->read(implementation_->network_of(name).flat().gradient + view.offset, view.size);
}

Gan::Snapshot Gan::snapshot() const {
  const auto& self = *implementation_;
  const kernels::StepState state = self.read_state();
  Snapshot snapshot{state.step, state.generator.step, state.discriminator.step, {}};
  for (const TensorView& view : parameters()) {
    const FlatParameters& flat = self.network_of(view.name).flat();
    snapshot.tensors.push_back({view.name, view.shape, self.read(flat.value + view.offset, view.size),
                                self.read(flat.moment1 + view.offset, view.size),
                                self.read(flat.moment2 + view.offset, view.size)});
  }
  return snapshot;
}

void Gan::restore(const Snapshot& snapshot) {
  auto& self = *implementation_;
  const std::vector<TensorView> views = parameters();
  if (snapshot.tensors.size() != views.size())
    throw ConfigurationError("the snapshot has " + std::to_string(snapshot.tensors.size()) +
                             " tensors, this network " + std::to_string(views.size()));
  for (std::size_t i = 0; i < views.size(); ++i) {
    const Snapshot::Tensor& tensor = snapshot.tensors[i];
    const auto size = static_cast<std::size_t>(views[i].size);
    if (tensor.name != views[i].name || tensor.shape != views[i].shape || tensor.value.size() != size ||
        tensor.moment1.size() != size || tensor.moment2.size() != size)
      throw ConfigurationError("the snapshot's '" + tensor.name + "' does not fit this network's '" +
                               views[i].name + "'");
  }
  for (std::size_t i = 0; i < views.size(); ++i) {
    const FlatParameters& flat = self.network_of(views[i].name).flat();
    const Snapshot::Tensor& tensor = snapshot.tensors[i];
    self.queue.upload(flat.value + views[i].offset, std::span(tensor.value));
    self.queue.upload(flat.moment1 + views[i].offset, std::span(tensor.moment1));
    self.queue.upload(flat.moment2 + views[i].offset, std::span(tensor.moment2));
  }
  kernels::StepState state = self.read_state();
  state.step = snapshot.step;
  state.diverged = 0;
  state.generator.step = snapshot.generator_updates;
  state.discriminator.step = snapshot.discriminator_updates;
  self.write_state(state);
  *self.published.data() = snapshot.step;
  self.first_step = snapshot.step;
}

}  // namespace agon
