#include "engine/training/gan.hpp"

#include <algorithm>
#include <memory>
#include <optional>

#include "engine/runtime/arena.hpp"
#include "engine/runtime/loop.hpp"
#include "engine/training/sampler.hpp"
#include "engine/training/statistics_ring.hpp"
#include "engine/training/step_memory.hpp"
#include "engine/training/update.hpp"
#include "kernels/error.hpp"
#include "kernels/formula/replica.hpp"

namespace agon {

namespace formula = kernels::formula;

namespace {

// Streams of initialisation numbers.
constexpr std::uint64_t kGeneratorStream = 0;
constexpr std::uint64_t kDiscriminatorStream = 1;

void check_fits(const Gan::Snapshot& snapshot, const std::vector<TensorView>& views) {
  if (snapshot.tensors.size() != views.size())
    throw ConfigurationError("the snapshot has " + std::to_string(snapshot.tensors.size()) +
                             " tensors, this network " + std::to_string(views.size()));
  for (std::size_t i = 0; i < views.size(); ++i) {
    const Gan::Snapshot::Tensor& tensor = snapshot.tensors[i];
    const auto size = static_cast<std::size_t>(views[i].size);
    if (tensor.name != views[i].name || tensor.shape != views[i].shape || tensor.value.size() != size ||
        tensor.moment1.size() != size || tensor.moment2.size() != size)
      throw ConfigurationError("the snapshot's '" + tensor.name + "' does not fit this network's '" +
                               views[i].name + "'");
  }
}

void check_replicas(int replicas) {
  constexpr int kMost = 4096;
  if (replicas < 1 || replicas > kMost)
    throw ConfigurationError("replicas: " + std::to_string(replicas) + " is not between 1 and " +
                             std::to_string(kMost));
}

}  // namespace

struct Gan::Implementation {
  Implementation(const GanConfig& the_config, const Device& device, const LoopOptions& the_loop_options,
                 int the_replicas);

  void lay_out();
  void initialise();

  /// The queue of the whole step: every operation happens to all replicas.
  QueueView all() const;
  formula::Replica replica(int index) const;
  kernels::StepState read_state(int index) const;
  void write_state(int index, const kernels::StepState& state);
  const TensorView& find(std::string_view tensor) const;
  /// The flat buffers of the network that has the tensor.
  FlatParameters flat_of(std::string_view tensor, int index) const;
  Sampler& sampler(int index);
  std::vector<float> read(const float* source, std::int64_t size) const;
  void roll_back(int index);

  GanConfig config;
  LoopOptions loop_options;
  int replicas;
  Queue queue;
  Network generator;
  Network discriminator;
  std::int64_t stride = 0;  // bytes from one replica's memory to the next one's
  std::optional<Arena> arena;
  StepMemory memory;  // of the first replica
  Buffer<StepStatistics> ring;
  Buffer<std::uint64_t> published;
  std::vector<std::uint64_t>
      first_step;  // steps completed when this object took over: their rows are not in the ring
  Buffer<float> table;
  std::optional<Loop> loop;
  std::vector<std::unique_ptr<Sampler>> samplers;
};

Gan::Implementation::Implementation(const GanConfig& the_config, const Device& device,
                                    const LoopOptions& the_loop_options, int the_replicas)
    : config((the_config.validate(), the_config)),
      loop_options(the_loop_options),
      replicas((check_replicas(the_replicas), the_replicas)),
      queue(device, the_replicas),
      generator("generator", config.generator),
      discriminator("discriminator", config.discriminator),
      ring(device, static_cast<std::size_t>(kStatisticsRing * the_replicas), MemoryKind::pinned),
      published(device, static_cast<std::size_t>(the_replicas), MemoryKind::pinned) {
  first_step.resize(static_cast<std::size_t>(the_replicas));
  lay_out();
  initialise();
}

void Gan::Implementation::lay_out() {
  const std::int64_t micro_batch = micro_batch_of(config, queue.device());
  ArenaSize size;
  lay_out_step(size, config, micro_batch, generator, discriminator);
  stride = static_cast<std::int64_t>(size.bytes());
  arena.emplace(queue.device(), size.bytes() * static_cast<std::size_t>(replicas));
  memory = lay_out_step(*arena, config, micro_batch, generator, discriminator);
  memory.end = {.state = memory.state,
                .ring = ring.data(),
                .published = published.data(),
                .ring_size = kStatisticsRing,
                .discriminator = discriminator_loss(memory),
                .generator = generator_loss(memory)};
}

void Gan::Implementation::initialise() {
  kernels::StepState state;
  state.generator = {
      .rate = config.generator_rate, .beta1 = config.beta1, .beta2 = config.beta2, .epsilon = config.epsilon};
  state.discriminator = state.generator;
  state.discriminator.rate = config.discriminator_rate;
  state.schedule = config.rate_schedule;
  for (int r = 0; r < replicas; ++r) {
    const std::uint64_t seed = config.seed + static_cast<std::uint64_t>(r);
    const Network g = generator.moved(stride * r), d = discriminator.moved(stride * r);
    g.initialise(queue, seed, kGeneratorStream);
    d.initialise(queue, seed, kDiscriminatorStream);
    write_state(r, state);
  }
  samplers.resize(static_cast<std::size_t>(replicas));
}

/// Made when it is first asked for: it has memory of its own.
Sampler& Gan::Implementation::sampler(int index) {
  const std::int64_t bytes = replica(index).bytes;
  std::unique_ptr<Sampler>& its = samplers[static_cast<std::size_t>(index)];
  if (!its)
    its = std::make_unique<Sampler>(queue, generator.moved(bytes), discriminator.moved(bytes),
                                    config.precision);
  return *its;
}

QueueView Gan::Implementation::all() const {
  QueueView view = queue;
  view.replicas = {0, replicas, stride};
  return view;
}

formula::Replica Gan::Implementation::replica(int index) const {
  if (index < 0 || index >= replicas)
    throw ConfigurationError("replica " + std::to_string(index) + " of " + std::to_string(replicas));
  return formula::replica_of({0, replicas, stride}, index);
}

kernels::StepState Gan::Implementation::read_state(int index) const {
  kernels::StepState state;
  queue.download(std::span(&state, 1),
                 static_cast<const kernels::StepState*>(replica(index).at(memory.state)));
  return state;
}

void Gan::Implementation::write_state(int index, const kernels::StepState& state) {
  queue.upload(replica(index).at(memory.state), std::span(&state, 1));
}

FlatParameters Gan::Implementation::flat_of(std::string_view tensor, int index) const {
  const Network& network = tensor.starts_with("generator.") ? generator : discriminator;
  return network.moved(replica(index).bytes).flat();
}

const TensorView& Gan::Implementation::find(std::string_view tensor) const {
  for (const Network* network : {&generator, &discriminator})
    for (const TensorView& view : network->tensors())
      if (view.name == tensor) return view;
  throw ConfigurationError("no parameter is named '" + std::string(tensor) + "'");
}

std::vector<float> Gan::Implementation::read(const float* source, std::int64_t size) const {
  std::vector<float> values(static_cast<std::size_t>(size));
  queue.download(std::span(values), source);
  return values;
}

/// After divergence: back to the last copy that is known to be good, where there is one.
void Gan::Implementation::roll_back(int index) {
  kernels::StepState state = read_state(index);
  if (state.diverged == 0 || state.kept.slot < 0 || state.step == state.kept.step) return;
  const formula::Replica r = replica(index);
  queue.copy(const_cast<std::byte*>(r.at(memory.keep.source)), r.at(memory.keep.slot[state.kept.slot]),
             static_cast<std::size_t>(memory.keep.bytes));
  state.step = state.kept.step;
  state.discriminator.step = state.kept.discriminator_updates;
  state.generator.step = state.kept.generator_updates;
  write_state(index, state);
}

Gan::Gan(const GanConfig& config, const Device& device, const LoopOptions& loop, int replicas)
    : implementation_(std::make_unique<Implementation>(config, device, loop, replicas)) {}
Gan::Gan(Gan&&) noexcept = default;
Gan& Gan::operator=(Gan&&) noexcept = default;
Gan::~Gan() = default;

const GanConfig& Gan::config() const { return implementation_->config; }
const Device& Gan::device() const { return implementation_->queue.device(); }
int Gan::replicas() const { return implementation_->replicas; }
std::uint64_t Gan::steps(int replica) const { return implementation_->read_state(replica).step; }
bool Gan::diverged(int replica) const { return implementation_->read_state(replica).diverged != 0; }

void Gan::end(int replica) {
  kernels::StepState state = implementation_->read_state(replica);
  state.diverged = 1;
  state.kept = {};
  implementation_->write_state(replica, state);
}

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
      [memory = &self.memory](QueueView queue) { train_step(queue, *memory); }, self.loop_options,
      self.all().replicas);
}

std::int64_t Gan::rows() const { return implementation_->memory.table_rows; }

std::uint64_t Gan::train(std::uint64_t steps, const Watch& watch) {
  auto& self = *implementation_;
  if (!self.loop) throw ConfigurationError("train() needs set_data() first");
  const std::uint64_t done = self.loop->run(steps, watch);
  if (done < steps || self.replicas > 1)  // a run that went to its end needs no look at its state
    for (int r = 0; r < self.replicas; ++r) self.roll_back(r);
  return done;
}

std::vector<StepStatistics> Gan::statistics(std::uint64_t since, int replica) const {
  const auto& self = *implementation_;
  self.replica(replica);
  return read_ring({self.ring.data() + replica * kStatisticsRing, static_cast<std::size_t>(kStatisticsRing)},
                   self.published.data() + replica,
                   std::max(since, self.first_step[static_cast<std::size_t>(replica)]));
}

StepStatistics Gan::step(std::span<const float> batch, std::span<const float> noise) {
  auto& self = *implementation_;
  const std::int64_t rows = self.config.batch;
  if (self.memory.micro_batch < rows || self.replicas > 1)
    throw ConfigurationError("step(): takes a batch of one micro-batch and one replica");
  if (static_cast<std::int64_t>(batch.size()) != rows * self.config.width())
    throw ConfigurationError("step(): the batch must be (batch, width)");
  if (static_cast<std::int64_t>(noise.size()) != 2 * rows * self.config.latent())
    throw ConfigurationError("step(): the noise must be (2, batch, latent)");
  self.queue.upload(self.memory.rows, batch);
  self.queue.upload(self.memory.noise, noise);
  train_on_batch(self.queue, self.memory);
  self.queue.wait();
  const kernels::StepState state = self.read_state(0);
  return {state.step, state.discriminator_result.loss[0] + state.discriminator_result.loss[1],
          state.generator_result.loss[0], state.discriminator_result.probability[0],
          state.discriminator_result.probability[1]};
}

std::vector<float> Gan::sample(std::int64_t count, std::uint64_t seed, int replica) const {
  return sample(Rows{0, count}, seed, replica);
}

std::vector<float> Gan::sample(Rows rows, std::uint64_t seed, int replica) const {
  return implementation_->sampler(replica).sample(rows.first, rows.count, seed);
}

std::vector<float> Gan::generate(std::span<const float> noise, int replica) const {
  return implementation_->sampler(replica).generate(noise);
}

std::vector<float> Gan::discriminate(std::span<const float> rows, int replica) const {
  return implementation_->sampler(replica).discriminate(rows);
}

std::vector<TensorView> Gan::parameters() const {
  std::vector<TensorView> views = implementation_->generator.tensors();
  const auto& rest = implementation_->discriminator.tensors();
  views.insert(views.end(), rest.begin(), rest.end());
  return views;
}

std::vector<float> Gan::parameter(std::string_view name, int replica) const {
  const TensorView& view = implementation_->find(name);
  return implementation_->read(implementation_->flat_of(name, replica).value + view.offset, view.size);
}

void Gan::set_parameter(std::string_view name, std::span<const float> values, int replica) {
  auto& self = *implementation_;
  const TensorView& view = self.find(name);
  if (static_cast<std::int64_t>(values.size()) != view.size)
    throw ConfigurationError(view.name + " has " + std::to_string(view.size) + " values, not " +
                             std::to_string(values.size()));
  self.queue.upload(self.flat_of(name, replica).value + view.offset, values);
}

std::vector<float> Gan::gradient(std::string_view name, int replica) const {
  const TensorView& view = implementation_->find(name);
  return implementation_->read(implementation_->flat_of(name, replica).gradient + view.offset, view.size);
}

Gan::Snapshot Gan::snapshot(int replica) const {
  const auto& self = *implementation_;
  const kernels::StepState state = self.read_state(replica);
  Snapshot snapshot{state.step, state.generator.step, state.discriminator.step, {}};
  for (const TensorView& view : parameters()) {
    const FlatParameters flat = self.flat_of(view.name, replica);
    snapshot.tensors.push_back({view.name, view.shape, self.read(flat.value + view.offset, view.size),
                                self.read(flat.moment1 + view.offset, view.size),
                                self.read(flat.moment2 + view.offset, view.size)});
  }
  return snapshot;
}

void Gan::restore(const Snapshot& snapshot, int replica) {
  auto& self = *implementation_;
  const std::vector<TensorView> views = parameters();
  check_fits(snapshot, views);
  for (std::size_t i = 0; i < views.size(); ++i) {
    const FlatParameters flat = self.flat_of(views[i].name, replica);
    const Snapshot::Tensor& tensor = snapshot.tensors[i];
    self.queue.upload(flat.value + views[i].offset, std::span(tensor.value));
    self.queue.upload(flat.moment1 + views[i].offset, std::span(tensor.moment1));
    self.queue.upload(flat.moment2 + views[i].offset, std::span(tensor.moment2));
  }
  kernels::StepState state = self.read_state(replica);
  state.step = snapshot.step;
  state.diverged = 0;
  state.kept = {};
  state.generator.step = snapshot.generator_updates;
  state.discriminator.step = snapshot.discriminator_updates;
  self.write_state(replica, state);
  self.published.data()[replica] = snapshot.step;
  self.first_step[static_cast<std::size_t>(replica)] = snapshot.step;
}

}  // namespace agon
