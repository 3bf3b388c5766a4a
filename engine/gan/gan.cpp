#include "engine/gan/gan.hpp"

#include <algorithm>
#include <chrono>

#include "engine/checkpoint/snapshot_layout.hpp"
#include "engine/gan/condition_tables.hpp"
#include "engine/gan/step_memory.hpp"
#include "engine/gan/step_program.hpp"
#include "engine/gan/training_table.hpp"
#include "engine/gan/turn.hpp"
#include "engine/metrics/column_statistics.hpp"
#include "engine/metrics/health_reference.hpp"
#include "engine/model/evaluator.hpp"
#include "engine/model/slopes.hpp"
#include "engine/tuning/tuner.hpp"
#include "kernels/error.hpp"

namespace agon {
namespace {

/// As many health samples as there are rows of statistics.
constexpr std::int64_t kHealthRing = Gan::kStatisticsRing / kHealthEvery;

const GanConfig& checked(const GanConfig& config, const Device& device) {
  config.validate();
  const std::int64_t rows = micro_batch_of(config, device);
  for (const NetworkSpec* const network : {&config.generator, &config.discriminator}) {
    const std::int64_t pack = network == &config.discriminator ? config.pack : 1;
    if (network->norm == NormKind::batch && (config.batch % rows) / pack == 1)
      throw ConfigurationError("batch norm: micro-batches of " + std::to_string(rows) +
                               " rows leave a last one of a single " + (pack > 1 ? "pack" : "row") +
                               "; another --micro-batch does not");
  }
  return config;
}

}  // namespace

struct Gan::Implementation {
  Implementation(const GanConfig& the_config, const Device& device, const LoopOptions& loop, int replicas)
      : config(checked(the_config, device)),
        game(config, micro_batch_of(config, device)),
        health_ring(device, static_cast<std::size_t>(kHealthRing * replicas), MemoryKind::pinned),
        model(game, learners_of(config), device, loop, replicas, config.seed, config.rate_schedule),
        samplers(static_cast<std::size_t>(replicas)),
        scorers(static_cast<std::size_t>(replicas)),
        discriminators(static_cast<std::size_t>(replicas)),
        generator_alone(static_cast<std::size_t>(replicas)),
        drawn_from(config.ema_samples > 0 ? Weights::average : Weights::last) {
    for (int r = 0; r < replicas; ++r) set_deviation(r, 1.0f);  // unknown
    if (!config.conditional()) return;
    conditions.emplace(model.queue(), config.generator.records);
    game.memory.conditions = conditions->by_shares();
  }

  void set_deviation(int replica, float deviation);
  void learn_from(TrainingTable its);
  void probe_beside(const TrainingTable& its);
  const ConditionTables* by_shares() const { return conditions ? &*conditions : nullptr; }
  Evaluator& sampler(int index) { return asked(samplers, model.network(kGenerator, index), index); }
  Evaluator& scorer(int index) {
    return asked(scorers, model.network(kGenerator, index).without_heads(), index);
  }
  Evaluator& asked(std::vector<std::unique_ptr<Evaluator>>& all, const Network& network, int index);
  Evaluator& discriminator(int index);
  void unsettle(int index);
  /// Throws where a replica has no more than its generator.
  void require_whole(const char* what) const;

  GanConfig config;
  GanGame game;
  Buffer<kernels::HealthSample> health_ring;
  std::optional<TrainingTable> table;
  std::optional<ConditionTables> conditions;
  Model model;  // behind what its step works on
  // Of replicas; made when first asked for. Scorers are samplers without heads.
  std::vector<std::unique_ptr<Evaluator>> samplers, scorers, discriminators;
  std::vector<char> generator_alone;  // what has been restored last, of each replica
  Weights drawn_from;
};

void Gan::Implementation::set_deviation(int replica, float deviation) {
  model.queue().upload(model.replica(replica).at(game.memory.deviation),
                       std::span<const float>(&deviation, 1));
  model.queue().wait();
}

/// The step is recorded anew, over that table.
void Gan::Implementation::learn_from(TrainingTable its) {
  model.forget_step();
  table = std::move(its);
  table->show_to(game.memory);
  for (int r = 0; r < model.replicas(); ++r)
    set_deviation(r, static_cast<float>(column_statistics(table->seen_by(r), 1).deviation[0]));
  probe_beside(*table);
  table->forget_seen();
  model.make_step();
}

/// From now on a health sample is taken every kHealthEvery steps, beside the table.
void Gan::Implementation::probe_beside(const TrainingTable& its) {
  StepMemory& m = game.memory;
  const auto left = fakes_left(m);
  kernels::HealthProbe& health = m.health;
  health.every = kHealthEvery;
  for (int i = 0; i < 2; ++i) {  // G's, then D's, as kernels/health_probe.hpp has them
    const FlatParameters& flat = model.memory().networks[static_cast<std::size_t>(i)].flat();
    health.gradient[i] = flat.gradient;
    health.parameters[i] = flat.size;
  }
  health.loss = discriminator_loss(m);
  health.fakes = left.data;
  health.rows = left.count;
  health.width = config.width();
  const auto rows = static_cast<std::int64_t>(its.seen_by(0).size()) / config.width();
  health.neighbours = std::min({left.count, kernels::kHealthNeighbours, rows});
  std::vector<float> reference;
  for (int r = 0; r < model.replicas(); ++r) {
    if (r == 0 || its.of_each()) reference = health_reference(its.seen_by(r), rows, health.neighbours);
    model.queue().upload(model.replica(r).at(m.reference), std::span<const float>(reference));
    model.queue().wait();
  }
  m.health_ring = {.partial = health.partial,
                   .ring = health_ring.data(),
                   .size = kHealthRing,
                   .every = health.every,
                   .neighbours = health.neighbours};
}

Evaluator& Gan::Implementation::asked(std::vector<std::unique_ptr<Evaluator>>& all, const Network& network,
                                      int index) {
  std::unique_ptr<Evaluator>& its = all[static_cast<std::size_t>(index)];
  if (!its)
    its = std::make_unique<Evaluator>(
        model.queue(), network, config.precision, drawn_from == Weights::average,
        conditions ? conditions->amend(model.queue(), config, network.spec().outputs()) : Evaluator::Amend());
  if (its->has_statistics()) its->settle(model.read_state(index).step);
  return *its;
}

Evaluator& Gan::Implementation::discriminator(int index) {
  const Network network = model.network(kDiscriminator, index);
  std::unique_ptr<Evaluator>& its = discriminators[static_cast<std::size_t>(index)];
  if (!its) its = std::make_unique<Evaluator>(model.queue(), network, config.precision);
  if (network.flat().normalised != nullptr) {
    Program program;
    network.normalise(program, /*iterate=*/false);
    program.run(model.queue());
  }
  return *its;
}

/// G is another one at the same step.
void Gan::Implementation::unsettle(int index) {
  for (const auto* const all : {&samplers, &scorers})
    if (const auto& its = (*all)[static_cast<std::size_t>(index)]) its->unsettle();
}

void Gan::Implementation::require_whole(const char* what) const {
  if (std::ranges::find(generator_alone, true) != generator_alone.end())
    throw ConfigurationError(std::string(what) +
                             ": what was restored holds the generator alone, to draw from");
}

Gan::Gan(const GanConfig& config, const Device& device, const LoopOptions& loop, int replicas)
    : implementation_(std::make_unique<Implementation>(config, device, loop, replicas)) {}
Gan::Gan(Gan&&) noexcept = default;
Gan& Gan::operator=(Gan&&) noexcept = default;
Gan::~Gan() = default;

const GanConfig& Gan::config() const { return implementation_->config; }
const Device& Gan::device() const { return implementation_->model.device(); }
int Gan::replicas() const { return implementation_->model.replicas(); }
std::uint64_t Gan::steps(int replica) const { return implementation_->model.read_state(replica).step; }
bool Gan::diverged(int replica) const { return implementation_->model.read_state(replica).diverged != 0; }
void Gan::end(int replica) { implementation_->model.end(replica); }
std::int64_t Gan::rows() const { return implementation_->game.memory.table_rows; }

void Gan::set_data(std::span<const float> table, std::int64_t rows) {
  auto& self = *implementation_;
  self.learn_from({self.model.queue(), self.config, std::span(&table, 1), rows, 1});
}

void Gan::set_data(const CodedRows& records) {
  auto& self = *implementation_;
  self.learn_from({self.model.queue(), self.config, std::span(&records, 1), self.by_shares(), 1});
}

void Gan::set_data_of_each(std::span<const std::vector<float>> tables, std::int64_t rows) {
  auto& self = *implementation_;
  const std::vector<NumberRows> all(tables.begin(), tables.end());
  self.learn_from({self.model.queue(), self.config, all, rows, replicas()});
}

void Gan::set_data_of_each(std::span<const CodedRows> tables) {
  auto& self = *implementation_;
  self.learn_from({self.model.queue(), self.config, tables, self.by_shares(), replicas()});
}

void Gan::set_plan(LinearPlan plan) { implementation_->model.set_plan(std::move(plan)); }
void Gan::tune() { set_plan(agon::tune(device(), launches(), {}, graph_timer()).plan); }
const LinearPlan& Gan::plan() const { return implementation_->model.plan(); }

std::vector<LinearLaunch> Gan::launches() const {
  return step_launches(config(), implementation_->game.memory.micro_batch, replicas());
}

std::uint64_t Gan::train(std::uint64_t steps, const Watch& watch) {
  Model& model = implementation_->model;
  if (!model.has_step()) throw ConfigurationError("train() needs set_data() first");
  implementation_->require_whole("train()");
  return model.train(steps, watch);
}

std::vector<OperationSummary> Gan::operations() const {
  std::vector<OperationSummary> all;
  for (const Operation& operation : implementation_->model.step().operations())
    all.push_back(operation.summary());
  return all;
}

std::vector<double> Gan::time_operations() {
  const Model& model = implementation_->model;
  if (device().kind() != DeviceKind::cpu || replicas() > 1 || !model.has_step())
    throw ConfigurationError(
        "time_operations(): takes one replica on the processor, and needs set_data() first");
  using Clock = std::chrono::steady_clock;
  std::vector<double> seconds;
  Clock::time_point start = Clock::now();
  for (const Operation& operation : model.step().operations()) {
    operation.enqueue(model.queue());
    const Clock::time_point end = Clock::now();
    seconds.push_back(std::chrono::duration<double>(end - start).count());
    start = end;
  }
  return seconds;
}

std::vector<StepStatistics> Gan::statistics(std::uint64_t since, int replica) const {
  std::vector<StepStatistics> rows;
  for (const kernels::StepStatistics& row : implementation_->model.statistics(since, replica))
    rows.push_back({row.step, row.loss[kDiscriminatorLoss], row.loss[kGeneratorLoss], row.output[0],
                    row.output[1], row.penalty});
  return rows;
}

std::vector<HealthSample> Gan::health_samples(std::uint64_t since, int replica) const {
  const auto& self = *implementation_;
  return self.model.health_samples({self.health_ring.data(), self.health_ring.size()}, kHealthEvery, since,
                                   replica);
}

StepStatistics Gan::step(std::span<const float> batch, std::span<const float> noises) {
  auto& self = *implementation_;
  const StepMemory& m = self.game.memory;
  const std::int64_t rows = self.config.batch, phases = self.config.discriminator_steps;
  if (m.micro_batch < rows || replicas() > 1)
    throw ConfigurationError("step(): takes a batch of one micro-batch and one replica");
  self.require_whole("step()");
  const auto values = static_cast<std::size_t>(rows * self.config.width());
  const auto numbers = static_cast<std::size_t>(rows * self.config.inputs());
  if (batch.size() != static_cast<std::size_t>(phases) * values)
    throw ConfigurationError("step(): the batch must be (discriminator steps, batch, width)");
  if (noises.size() != static_cast<std::size_t>(phases + 1) * numbers)
    throw ConfigurationError("step(): the noise must be (discriminator steps + 1, batch, inputs)");
  const Queue& queue = self.model.queue();
  for (std::int64_t phase = 0; phase <= phases; ++phase) {
    const Turn turn{phase, 0, rows};
    const auto data = static_cast<std::size_t>(std::min(phase, phases - 1));
    queue.upload(noise(m, turn).data, noises.subspan(static_cast<std::size_t>(phase) * numbers, numbers));
    if (phase == phases && self.conditions) {
      const auto asked = asked_in(self.config, noises.last(numbers));
      queue.upload(m.chosen, std::span(asked));
      queue.wait();
    }
    if (phase < phases || is_paired(m))
      queue.upload(real_rows(m, turn).data, batch.subspan(data * values, values));
    Program program;
    begin_phase(program, m, phase);
    phase < phases ? train_discriminator(program, m, turn) : train_generator(program, m, turn);
    optimise(program, *m.model, phase < phases ? kDiscriminator : kGenerator);
    if (phase == phases) end_step(program, m, self.model.rings());
    self.model.run_once(program);
  }
  return statistics(steps() - 1).back();
}

void Gan::draw_from(Weights weights) {
  auto& self = *implementation_;
  if (weights == Weights::average && self.config.ema_samples <= 0)
    throw ConfigurationError("there is no average of the weights: the run has --ema-samples 0");
  if (weights == self.drawn_from) return;
  self.drawn_from = weights;
  for (auto* const all : {&self.samplers, &self.scorers})
    for (std::unique_ptr<Evaluator>& one : *all) one.reset();
}

Weights Gan::drawn_from() const { return implementation_->drawn_from; }

std::vector<float> Gan::sample(std::int64_t count, std::uint64_t seed, int replica) const {
  return sample(Rows{0, count}, seed, replica);
}

std::vector<float> Gan::sample(Rows rows, std::uint64_t seed, int replica) const {
  return implementation_->sampler(replica).sample(rows.first, rows.count, seed);
}

std::vector<float> Gan::sample_scores(Rows rows, std::uint64_t seed, int replica) const {
  auto& self = *implementation_;
  if (!self.config.generator.records.any())
    throw ConfigurationError("sample_scores(): the generator has no heads");
  return self.scorer(replica).sample(rows.first, rows.count, seed);
}

std::vector<float> Gan::generate(std::span<const float> noise, int replica) const {
  std::vector<float> rows = implementation_->sampler(replica).outputs(noise);
  copy_conditions(implementation_->config, noise, rows);
  return rows;
}

std::vector<float> Gan::discriminate(std::span<const float> rows, int replica) const {
  implementation_->require_whole("discriminate()");
  return implementation_->discriminator(replica).outputs(rows);
}

std::vector<float> Gan::discriminator_slopes(std::span<const float> rows, int replica) const {
  auto& self = *implementation_;
  self.discriminator(replica);  // makes normalised weights what they are
  return Slopes(self.model.queue(), self.model.network(kDiscriminator, replica), self.config.precision)
      .of(rows);
}

std::vector<TensorView> Gan::parameters() const { return implementation_->model.parameters(); }

std::vector<float> Gan::parameter(std::string_view name, int replica) const {
  return implementation_->model.parameter(name, replica);
}

void Gan::set_parameter(std::string_view name, std::span<const float> values, int replica) {
  implementation_->model.set_parameter(name, values, replica);
  implementation_->unsettle(replica);
}

std::vector<float> Gan::gradient(std::string_view name, int replica) const {
  return implementation_->model.gradient(name, replica);
}

Gan::Snapshot Gan::snapshot(int replica) const {
  implementation_->require_whole("snapshot()");
  ModelSnapshot all = implementation_->model.snapshot(replica);
  return {all.step, all.updates[kGenerator], all.updates[kDiscriminator], std::move(all.tensors)};
}

void Gan::restore(const Snapshot& snapshot, int replica) {
  auto& self = *implementation_;
  char& alone = self.generator_alone[static_cast<std::size_t>(replica)];
  if (snapshot.holds == Snapshot::Holds::generator) {
    alone = false;
    restore(with_generator(this->snapshot(replica), snapshot, self.config), replica);
    alone = true;
    return;
  }
  require_layout(snapshot, self.config);
  ModelSnapshot all{.step = snapshot.step, .updates = {0, 0}, .tensors = snapshot.tensors};
  all.updates[kGenerator] = snapshot.generator_updates;
  all.updates[kDiscriminator] = snapshot.discriminator_updates;
  self.model.restore(all, replica);
  const std::size_t samples = self.health_ring.size() / static_cast<std::size_t>(replicas());
  std::fill_n(self.health_ring.data() + static_cast<std::size_t>(replica) * samples, samples, HealthSample{});
  self.unsettle(replica);
  alone = false;
}

}  // namespace agon
