#include "engine/training/gan.hpp"

#include <algorithm>
#include <chrono>

#include "engine/checkpoint/snapshot_layout.hpp"
#include "engine/training/column_statistics.hpp"
#include "engine/training/gan_implementation.hpp"
#include "engine/training/health_reference.hpp"
#include "engine/tuning/tuner.hpp"
#include "kernels/error.hpp"

namespace agon {

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
  self.probe_at(table, rows);
  self.queue.wait();
  self.memory.table = self.table.data();
  const auto deviation = static_cast<float>(column_statistics(table, 1).deviation[0]);
  self.queue.upload(self.memory.deviation, std::span(&deviation, 1));
  self.queue.wait();
  self.memory.table_rows = rows;
  self.make_loop();
}

void Gan::set_plan(LinearPlan plan) {
  auto& self = *implementation_;
  self.plan = device().kind() == DeviceKind::cuda ? std::move(plan) : LinearPlan();
  if (self.loop) self.make_loop();  // what is captured is captured
}

void Gan::tune() { set_plan(agon::tune(device(), launches(), {}, graph_timer()).plan); }

const LinearPlan& Gan::plan() const { return implementation_->plan; }

std::vector<LinearLaunch> Gan::launches() const {
  return step_launches(config(), implementation_->memory.micro_batch, replicas());
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

std::vector<OperationSummary> Gan::operations() const {
  std::vector<OperationSummary> all;
  for (const Operation& operation : implementation_->step.operations()) all.push_back(operation.summary());
  return all;
}

std::vector<double> Gan::time_operations() {
  auto& self = *implementation_;
  if (device().kind() != DeviceKind::cpu || self.replicas > 1 || !self.loop)
    throw ConfigurationError(
        "time_operations(): takes one replica on the processor, and needs set_data() first");
  using Clock = std::chrono::steady_clock;
  std::vector<double> seconds;
  Clock::time_point start = Clock::now();
  for (const Operation& operation : self.step.operations()) {
    operation.enqueue(self.queue);
    const Clock::time_point end = Clock::now();
    seconds.push_back(std::chrono::duration<double>(end - start).count());
    start = end;
  }
  return seconds;
}

std::vector<StepStatistics> Gan::statistics(std::uint64_t since, int replica) const {
  const auto& self = *implementation_;
  self.replica(replica);
  return read_ring({self.ring.data() + replica * kStatisticsRing, static_cast<std::size_t>(kStatisticsRing)},
                   self.published.data() + replica,
                   std::max(since, self.first_step[static_cast<std::size_t>(replica)]));
}

std::vector<HealthSample> Gan::health_samples(std::uint64_t since, int replica) const {
  const auto& self = *implementation_;
  self.replica(replica);
  const std::size_t size = self.health_ring.size() / static_cast<std::size_t>(self.replicas);
  return read_health({self.health_ring.data() + static_cast<std::size_t>(replica) * size, size}, kHealthEvery,
                     self.published.data() + replica,
                     std::max(since, self.first_step[static_cast<std::size_t>(replica)]));
}

StepStatistics Gan::step(std::span<const float> batch, std::span<const float> noise) {
  auto& self = *implementation_;
  const std::int64_t rows = self.config.batch;
  if (self.memory.micro_batch < rows || self.replicas > 1)
    throw ConfigurationError("step(): takes a batch of one micro-batch and one replica");
  const std::int64_t phases = self.config.discriminator_steps;
  const auto values = static_cast<std::size_t>(rows * self.config.width());
  const auto noises = static_cast<std::size_t>(rows * self.config.latent());
  if (batch.size() != static_cast<std::size_t>(phases) * values)
    throw ConfigurationError("step(): the batch must be (discriminator steps, batch, width)");
  if (noise.size() != static_cast<std::size_t>(phases + 1) * noises)
    throw ConfigurationError("step(): the noise must be (discriminator steps + 1, batch, latent)");
  for (std::int64_t phase = 0; phase < phases; ++phase) {
    const auto piece = static_cast<std::size_t>(phase);
    const bool last = phase + 1 == phases;
    self.queue.upload(self.memory.rows, batch.subspan(piece * values, values));
    if (float* const again = real_rows_of_generator(self.memory); again != nullptr && last)
      self.queue.upload(again, batch.subspan(piece * values, values));
    self.queue.upload(self.memory.noise, noise.subspan(piece * noises, (last ? 2 : 1) * noises));
    Program program;
    train_discriminator_on_batch(program, self.memory, phase);
    self.ready(program).run(self.queue);
  }
  Program program;
  train_generator_on_batch(program, self.memory);
  self.ready(program).run(self.queue);
  self.queue.wait();
  return statistics(steps() - 1).back();
}

void Gan::draw_from(Weights weights) {
  auto& self = *implementation_;
  if (weights == Weights::average && self.config.ema_samples <= 0)
    throw ConfigurationError("there is no average of the weights: the run has --ema-samples 0");
  if (weights == self.drawn_from) return;
  self.drawn_from = weights;
  for (std::unique_ptr<Sampler>& sampler : self.samplers) sampler.reset();
}

Weights Gan::drawn_from() const { return implementation_->drawn_from; }

std::vector<float> Gan::sample(std::int64_t count, std::uint64_t seed, int replica) const {
  return sample(Rows{0, count}, seed, replica);
}

std::vector<float> Gan::sample(Rows rows, std::uint64_t seed, int replica) const {
  return implementation_->settled_sampler(replica).sample(rows.first, rows.count, seed);
}

std::vector<float> Gan::generate(std::span<const float> noise, int replica) const {
  return implementation_->settled_sampler(replica).generate(noise);
}

std::vector<float> Gan::discriminate(std::span<const float> rows, int replica) const {
  implementation_->normalise(replica);
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
  const FlatParameters flat = self.flat_of(name, replica);
  self.queue.upload(flat.value + view.offset, values);
  if (flat.average != nullptr) self.queue.upload(flat.average + view.offset, values);
  self.unsettle(replica);
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
    if (flat.average != nullptr)
      snapshot.tensors.back().average = self.read(flat.average + view.offset, view.size);
    if (const auto singular = self.singular_of(view.name, replica)) {
      snapshot.tensors.back().left_singular = self.read(singular->left, view.shape[0]);
      snapshot.tensors.back().right_singular = self.read(singular->right, view.shape[1]);
    }
    if (const auto running = self.running_of(view.name, replica)) {
      snapshot.tensors.back().running_mean = self.read(running->mean, view.size);
      snapshot.tensors.back().running_variance = self.read(running->variance, view.size);
    }
  }
  return snapshot;
}

void Gan::restore(const Snapshot& snapshot, int replica) {
  auto& self = *implementation_;
  require_layout(snapshot, self.config);
  const std::vector<TensorView> views = parameters();
  for (std::size_t i = 0; i < views.size(); ++i) {
    const FlatParameters flat = self.flat_of(views[i].name, replica);
    const Snapshot::Tensor& tensor = snapshot.tensors[i];
    self.queue.upload(flat.value + views[i].offset, std::span(tensor.value));
    self.queue.upload(flat.moment1 + views[i].offset, std::span(tensor.moment1));
    self.queue.upload(flat.moment2 + views[i].offset, std::span(tensor.moment2));
    if (flat.average != nullptr) self.queue.upload(flat.average + views[i].offset, std::span(tensor.average));
    if (const auto singular = self.singular_of(views[i].name, replica)) {
      self.queue.upload(singular->left, std::span(tensor.left_singular));
      self.queue.upload(singular->right, std::span(tensor.right_singular));
    }
    if (const auto running = self.running_of(views[i].name, replica)) {
      self.queue.upload(running->mean, std::span(tensor.running_mean));
      self.queue.upload(running->variance, std::span(tensor.running_variance));
    }
  }
  kernels::StepState state = self.read_state(replica);
  state.step = snapshot.step;
  state.diverged = 0;
  state.warm = 0;
  state.kept = {};
  state.generator.step = snapshot.generator_updates;
  state.discriminator.step = snapshot.discriminator_updates;
  self.write_state(replica, state);
  self.published.data()[replica] = snapshot.step;
  const std::size_t samples = self.health_ring.size() / static_cast<std::size_t>(self.replicas);
  std::fill_n(self.health_ring.data() + static_cast<std::size_t>(replica) * samples, samples, HealthSample{});
  self.first_step[static_cast<std::size_t>(replica)] = snapshot.step;
  self.unsettle(replica);
}

}  // namespace agon
