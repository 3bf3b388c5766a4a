#include "engine/gan/gan.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "engine/checkpoint/snapshot_layout.hpp"
#include "engine/gan/gan_implementation.hpp"
#include "engine/gan/turn.hpp"
#include "engine/model/slopes.hpp"
#include "engine/runtime/public_errors.hpp"
#include "engine/tuning/tuner.hpp"
#include "kernels/error.hpp"

namespace agon {

Gan::Gan(const GanConfig& config, const Device& device, const LoopOptions& loop, int replicas)
    : implementation_("Gan", with_errors_of("Gan", [&] {
                        return std::make_unique<Implementation>(config, device, loop, replicas);
                      })) {}
Gan::Gan(Gan&&) noexcept = default;
Gan& Gan::operator=(Gan&&) noexcept = default;
Gan::~Gan() = default;

const GanConfig& Gan::config() const { return implementation_->config; }
const Device& Gan::device() const { return implementation_->model.device(); }
int Gan::replicas() const { return implementation_->model.replicas(); }
std::uint64_t Gan::steps(int replica) const { return implementation_->model.read_state(replica).step; }
bool Gan::diverged(int replica) const { return implementation_->model.read_state(replica).diverged != 0; }
void Gan::end(int replica) { implementation_->model.end(replica); }
std::vector<std::string> Gan::warnings() const { return implementation_->warnings; }
std::int64_t Gan::rows() const { return implementation_->game.memory.table_rows; }

void Gan::set_data(std::span<const float> table, std::int64_t rows) {
  with_errors_of("set_data()", [&] {
    auto& self = *implementation_;
    self.learn_from({self.model.queue(), self.config, std::span(&table, 1), rows, 1});
  });
}

void Gan::set_data(const CodedRows& records) {
  with_errors_of("set_data()", [&] {
    auto& self = *implementation_;
    self.learn_from({self.model.queue(), self.config, std::span(&records, 1), self.by_shares(), 1});
  });
}

void Gan::set_images(std::span<const std::uint8_t> images, std::int64_t count,
                     std::span<const std::int32_t> classes) {
  with_errors_of("set_images()", [&] {
    auto& self = *implementation_;
    self.learn_from({self.model.queue(), self.config, images, count, classes});
  });
}

void Gan::set_data_of_each(std::span<const std::vector<float>> tables, std::int64_t rows) {
  with_errors_of("set_data_of_each()", [&] {
    auto& self = *implementation_;
    const std::vector<NumberRows> all(tables.begin(), tables.end());
    self.learn_from({self.model.queue(), self.config, all, rows, replicas()});
  });
}

void Gan::set_data_of_each(std::span<const CodedRows> tables) {
  with_errors_of("set_data_of_each()", [&] {
    auto& self = *implementation_;
    self.learn_from({self.model.queue(), self.config, tables, self.by_shares(), replicas()});
  });
}

void Gan::set_plan(LayerPlan plan) {
  with_errors_of("set_plan()", [&] { implementation_->model.set_plan(std::move(plan)); });
}
void Gan::tune() {
  with_errors_of("tune()", [&] { set_plan(agon::tune(device(), launches(), {}, graph_timer()).plan); });
}
const LayerPlan& Gan::plan() const { return implementation_->model.plan(); }

std::vector<LayerLaunch> Gan::launches() const {
  return with_errors_of("launches()", [&] {
    return step_launches(config(), implementation_->game.memory.micro_batch, replicas());
  });
}

std::uint64_t Gan::train(std::uint64_t steps, const Watch& watch) {
  Model& model = implementation_->model;
  if (!model.has_step()) throw ConfigurationError("train() needs set_data() first");
  implementation_->require_whole("train()");
  return model.train(steps, watch);
}

std::vector<OperationSummary> Gan::operations() const {
  return with_errors_of("operations()", [&] {
    if (!implementation_->model.has_step()) throw ConfigurationError("operations() needs set_data() first");
    std::vector<OperationSummary> all;
    for (const Operation& operation : implementation_->model.step().operations())
      all.push_back(operation.summary());
    return all;
  });
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
  return with_errors_of("statistics()", [&] {
    std::vector<StepStatistics> rows;
    for (const kernels::StepStatistics& row : implementation_->model.statistics(since, replica))
      rows.push_back({row.step, row.loss[kDiscriminatorLoss], row.loss[kGeneratorLoss], row.output[0],
                      row.output[1], row.penalty, row.augmentation});
    return rows;
  });
}

std::vector<HealthSample> Gan::health_samples(std::uint64_t since, int replica) const {
  return with_errors_of("health_samples()", [&] {
    const auto& self = *implementation_;
    return self.model.health_samples({self.health_ring.data(), self.health_ring.size()}, kHealthEvery, since,
                                     replica);
  });
}

StepStatistics Gan::step(std::span<const float> batch, std::span<const float> noises) {
  return with_errors_of("step()", [&] {
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
      const auto own = noises.subspan(static_cast<std::size_t>(phase) * numbers, numbers);
      queue.upload(noise(m, turn).data, own);
      if (self.config.by_class() || (phase == phases && self.conditions)) {
        const auto asked = asked_in(self.config, own);
        queue.upload(self.conditions ? m.chosen : m.classes[player_of(m, turn)], std::span(asked));
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
  });
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
  return with_errors_of(
      "sample()", [&] { return implementation_->sampler(replica).sample(rows.first, rows.count, seed); });
}

std::vector<float> Gan::sample(Rows rows, std::uint64_t seed, std::span<const std::int32_t> classes,
                               int replica) const {
  return with_errors_of("sample()", [&] {
    auto& self = *implementation_;
    require_classes(self.config, classes, rows.count);
    return self.sampler(replica).sample(rows.first, rows.count, seed,
                                        self.class_draw->amend(rows.first, classes));
  });
}

std::vector<std::int32_t> Gan::sampled_classes(Rows rows, std::uint64_t seed) const {
  return with_errors_of("sampled_classes()", [&] {
    const auto& self = *implementation_;
    if (rows.first < 0 || rows.count < 0)
      throw ConfigurationError("sampled_classes(): first and count must not be negative");
    if (!self.class_draw) throw ConfigurationError("sampled_classes(): the networks are not by class");
    return self.class_draw->by_shares(static_cast<std::uint64_t>(rows.first), rows.count, seed);
  });
}

std::vector<float> Gan::sample_scores(Rows rows, std::uint64_t seed, int replica) const {
  return with_errors_of("sample_scores()", [&] {
    auto& self = *implementation_;
    if (!self.config.generator.records.any())
      throw ConfigurationError("sample_scores(): the generator has no heads");
    return self.scorer(replica).sample(rows.first, rows.count, seed);
  });
}

std::vector<float> Gan::generate(std::span<const float> noise, int replica) const {
  return with_errors_of("generate()", [&] {
    std::vector<float> rows = implementation_->sampler(replica).outputs(noise);
    if (implementation_->conditions) copy_conditions(implementation_->config, noise, rows);
    return rows;
  });
}

std::vector<float> Gan::discriminate(std::span<const float> rows, int replica) const {
  return with_errors_of("discriminate()", [&] {
    implementation_->require_whole("discriminate()");
    if (config().by_class())
      throw ConfigurationError("discriminate(): the discriminator judges an image as one of its class");
    return implementation_->discriminator(replica).outputs(rows);
  });
}

std::vector<float> Gan::discriminate(std::span<const float> rows, std::span<const std::int32_t> classes,
                                     int replica) const {
  return with_errors_of("discriminate()", [&] {
    implementation_->require_whole("discriminate()");
    if (!config().by_class()) throw ConfigurationError("discriminate(): the networks are not by class");
    return logits_of_classes(config(), implementation_->discriminator(replica).outputs(rows), classes);
  });
}

std::vector<float> Gan::discriminator_slopes(std::span<const float> rows, int replica) const {
  return with_errors_of("discriminator_slopes()", [&] {
    auto& self = *implementation_;
    if (self.config.by_class())
      throw ConfigurationError("discriminator_slopes(): the discriminator judges by class");
    self.discriminator(replica);  // makes normalised weights what they are
    return Slopes(self.model.queue(), self.model.network(kDiscriminator, replica), self.config.precision)
        .of(rows);
  });
}

std::vector<TensorView> Gan::parameters() const {
  return with_errors_of("parameters()", [&] { return implementation_->model.parameters(); });
}

std::vector<float> Gan::parameter(std::string_view name, int replica) const {
  return with_errors_of("parameter()", [&] { return implementation_->model.parameter(name, replica); });
}

void Gan::set_parameter(std::string_view name, std::span<const float> values, int replica) {
  with_errors_of("set_parameter()", [&] {
    implementation_->model.set_parameter(name, values, replica);
    implementation_->unsettle(replica);
  });
}

std::vector<float> Gan::gradient(std::string_view name, int replica) const {
  return with_errors_of("gradient()", [&] { return implementation_->model.gradient(name, replica); });
}

Gan::Snapshot Gan::snapshot(int replica) const {
  return with_errors_of("snapshot()", [&] {
    implementation_->require_whole("snapshot()");
    ModelSnapshot all = implementation_->model.snapshot(replica);
    Snapshot snapshot{all.step, all.updates[kGenerator], all.updates[kDiscriminator], std::move(all.tensors)};
    if (config().augmentation.adapts()) snapshot.augmentation = all.augmentation;
    return snapshot;
  });
}

void Gan::restore(const Snapshot& snapshot, int replica) {
  with_errors_of("restore()", [&] {
    auto& self = *implementation_;
    require_index("restore()", "replica", replica, replicas());
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
    all.augmentation =
        self.config.augmentation.adapts() ? snapshot.augmentation : self.config.augmentation.at_first();
    self.model.restore(all, replica);
    const std::size_t samples = self.health_ring.size() / static_cast<std::size_t>(replicas());
    std::fill_n(self.health_ring.data() + static_cast<std::size_t>(replica) * samples, samples,
                HealthSample{});
    self.unsettle(replica);
    alone = false;
  });
}

}  // namespace agon
