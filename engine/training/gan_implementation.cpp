#include "engine/training/gan_implementation.hpp"

#include <algorithm>
#include <stdexcept>

#include "engine/program/check.hpp"
#include "engine/program/passes.hpp"
#include "engine/program/place.hpp"
#include "engine/training/health_reference.hpp"
#include "engine/training/update.hpp"
#include "engine/tuning/program_launches.hpp"
#include "kernels/error.hpp"

namespace agon {

namespace formula = kernels::formula;

namespace {

// Streams of initialisation numbers.
constexpr std::uint64_t kGeneratorStream = 0;
constexpr std::uint64_t kDiscriminatorStream = 1;

/// As many health samples as there are rows of statistics.
constexpr std::int64_t kHealthRing = Gan::kStatisticsRing / kHealthEvery;

void check_replicas(int replicas) {
  constexpr int kMost = 4096;
  if (replicas < 1 || replicas > kMost)
    throw ConfigurationError("replicas: " + std::to_string(replicas) + " is not between 1 and " +
                             std::to_string(kMost));
}

}  // namespace

Gan::Implementation::Implementation(const GanConfig& the_config, const Device& device,
                                    const LoopOptions& the_loop_options, int the_replicas)
    : config((the_config.validate(), the_config)),
      loop_options(the_loop_options),
      replicas((check_replicas(the_replicas), the_replicas)),
      queue(device, the_replicas),
      generator("generator", config.generator),
      discriminator("discriminator", config.discriminator),
      ring(device, static_cast<std::size_t>(kStatisticsRing * the_replicas), MemoryKind::pinned),
      health_ring(device, static_cast<std::size_t>(kHealthRing * the_replicas), MemoryKind::pinned),
      published(device, static_cast<std::size_t>(the_replicas), MemoryKind::pinned) {
  check_passes(loop_options.fuse);
  first_step.resize(static_cast<std::size_t>(the_replicas));
  lay_out();
  initialise();
}

void Gan::Implementation::lay_out() {
  const std::int64_t micro_batch = micro_batch_of(config, queue.device());
  if (config.generator.norm == NormKind::batch && config.batch % micro_batch == 1)
    throw ConfigurationError("batch norm: micro-batches of " + std::to_string(micro_batch) +
                             " rows leave a last one of a single row; another --micro-batch does not");
  ArenaSize size;
  const StepMemory nowhere = lay_out_step(size, config, micro_batch, generator, discriminator);
  const std::int64_t temporaries = temporary_bytes(nowhere);
  size.take<std::byte>(static_cast<std::size_t>(temporaries));
  stride = static_cast<std::int64_t>(size.bytes());
  arena.emplace(queue.device(), size.bytes() * static_cast<std::size_t>(replicas));
  memory = lay_out_step(*arena, config, micro_batch, generator, discriminator);
  memory.temporaries = arena->take<std::byte>(static_cast<std::size_t>(temporaries));
  memory.temporary_bytes = temporaries;
  memory.end.ring = ring.data();
  memory.end.published = published.data();
  memory.end.ring_size = kStatisticsRing;
}

void Gan::Implementation::probe_at(std::span<const float> rows_of_table, std::int64_t rows) {
  const auto left = fakes_left(memory);
  kernels::HealthProbe& health = memory.health;
  health.every = kHealthEvery;
  const Network* const networks[] = {&generator, &discriminator};
  for (int i = 0; i < 2; ++i) {
    health.gradient[i] = networks[i]->flat().gradient;
    health.parameters[i] = networks[i]->flat().size;
  }
  health.loss = discriminator_loss(memory);
  health.fakes = left.first;
  health.rows = left.count;
  health.neighbours = std::min({left.count, kernels::kHealthNeighbours, rows});
  health.width = config.width();
  const std::vector<float> reference = health_reference(rows_of_table, rows, health.neighbours);
  health_table = Buffer<float>(queue.device(), reference.size());
  queue.upload(health_table.data(), std::span(reference));
  health.reference = health_table.data();
  memory.end.health = {.partial = health.partial,
                       .ring = health_ring.data(),
                       .size = kHealthRing,
                       .every = health.every,
                       .neighbours = health.neighbours};
}

void Gan::Implementation::initialise() {
  kernels::StepState state;
  state.generator = {.rate = config.generator_rate,
                     .beta1 = config.beta1,
                     .beta2 = config.beta2,
                     .epsilon = config.epsilon,
                     .weight_decay = config.weight_decay};
  state.discriminator = state.generator;
  state.discriminator.rate = config.discriminator_rate;
  state.generator.average_half_life = config.ema_samples / static_cast<double>(config.batch);
  state.schedule = config.rate_schedule;
  for (int r = 0; r < replicas; ++r) {
    const std::uint64_t seed = config.seed + static_cast<std::uint64_t>(r);
    const Network g = generator.moved(stride * r), d = discriminator.moved(stride * r);
    g.initialise(queue, seed, kGeneratorStream);
    d.initialise(queue, seed, kDiscriminatorStream);
    write_state(r, state);
  }
  const float unknown_deviation = 1.0f;
  queue.upload(memory.deviation, std::span(&unknown_deviation, 1));
  samplers.resize(static_cast<std::size_t>(replicas));
  drawn_from = config.ema_samples > 0 ? Weights::average : Weights::last;
}

/// Made when it is first asked for: it has memory of its own.
Sampler& Gan::Implementation::sampler(int index) {
  const std::int64_t bytes = replica(index).bytes;
  std::unique_ptr<Sampler>& its = samplers[static_cast<std::size_t>(index)];
  if (!its)
    its = std::make_unique<Sampler>(queue, generator.moved(bytes), discriminator.moved(bytes),
                                    config.precision, drawn_from);
  return *its;
}

Sampler& Gan::Implementation::settled_sampler(int index) {
  Sampler& its = sampler(index);
  if (its.has_statistics()) its.settle(read_state(index).step);
  return its;
}

void Gan::Implementation::unsettle(int index) {
  if (const auto& its = samplers[static_cast<std::size_t>(index)]) its->unsettle();
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

std::optional<Gan::Implementation::Singular> Gan::Implementation::singular_of(std::string_view tensor,
                                                                              int index) const {
  const Network d = discriminator.moved(replica(index).bytes);
  if (d.flat().singular == nullptr) return {};
  for (std::size_t l = 0; 2 * l < d.tensors().size(); ++l)
    if (d.tensors()[2 * l].name == tensor)
      return Singular{d.flat().singular + d.singular_vectors(l).left,
                      d.flat().singular + d.singular_vectors(l).right};
  return {};
}

std::optional<Gan::Implementation::Running> Gan::Implementation::running_of(std::string_view tensor,
                                                                            int index) const {
  const Network g = generator.moved(replica(index).bytes);
  if (g.flat().running == nullptr) return {};
  for (std::size_t l = 0; g.spec().normalised(l); ++l)
    if (tensor == g.name() + "." + std::to_string(l) + ".gamma")
      return Running{g.flat().running + g.running_statistics(l).mean,
                     g.flat().running + g.running_statistics(l).variance};
  return {};
}

void Gan::Implementation::normalise(int index) const {
  const Network d = discriminator.moved(replica(index).bytes);
  if (d.flat().normalised == nullptr) return;
  Program program;
  d.normalise(program, /*iterate=*/false);
  program.run(queue);
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

Program Gan::Implementation::ready(const Program& recorded) const {
  const Program merged = fused(recorded, queue.device().kind(), loop_options.fuse);
  PlacedProgram placed = place(with_algorithms(merged, plan, replicas), memory.temporaries);
  if (placed.bytes > memory.temporary_bytes) throw std::logic_error("a program has too many temporaries");
  return std::move(placed.program);
}

std::int64_t Gan::Implementation::temporary_bytes(const StepMemory& nowhere) const {
  std::vector<Program> programs(1);
  train_step(programs.back(), nowhere);
  if (nowhere.micro_batch >= config.batch) {
    for (std::int64_t phase = 0; phase < config.discriminator_steps; ++phase)
      train_discriminator_on_batch(programs.emplace_back(), nowhere, phase);
    train_generator_on_batch(programs.emplace_back(), nowhere);
  }
  std::int64_t most = 0;
  for (const Program& program : programs)
    most = std::max(most, place(fused(program, queue.device().kind(), loop_options.fuse), nullptr).bytes);
  return most;
}

void Gan::Implementation::make_loop() {
  Program recorded;
  train_step(recorded, memory);
  check_reads(recorded, memory_before_step(memory));
  step = ready(recorded);
  loop.emplace(
      queue, memory.state, std::span<const std::uint64_t>(published.data(), published.size()),
      [this](QueueView view) { step.run(view); }, loop_options, all().replicas);
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

}  // namespace agon
