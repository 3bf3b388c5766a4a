#include "engine/gan/gan_implementation.hpp"

#include <algorithm>
#include <utility>

#include "engine/gan/turn.hpp"
#include "engine/metrics/column_statistics.hpp"
#include "engine/metrics/health_reference.hpp"
#include "kernels/error.hpp"

namespace agon {
namespace {

const GanConfig& checked(const GanConfig& config, const Device& device, int replicas) {
  Model::require_possible(replicas);
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

Gan::Implementation::Implementation(const GanConfig& the_config, const Device& device,
                                    const LoopOptions& loop, int replicas)
    : config(checked(the_config, device, replicas)),
      game(config, micro_batch_of(config, device)),
      health_ring(device, static_cast<std::size_t>(kHealthRing * replicas), MemoryKind::pinned),
      model(game, learners_of(config), device, loop, replicas, config.seed, config.rate_schedule,
            config.burn_in),
      samplers(static_cast<std::size_t>(replicas)),
      scorers(static_cast<std::size_t>(replicas)),
      discriminators(static_cast<std::size_t>(replicas)),
      generator_alone(static_cast<std::size_t>(replicas)),
      drawn_from(config.ema_samples > 0 ? Weights::average : Weights::last) {
  for (int r = 0; r < replicas; ++r) set_deviation(r, 1.0f);  // unknown
  model.set_augmentation(config.augmentation.at_first());
  if (config.by_class()) class_draw.emplace(model.queue(), config);
  if (!config.conditional() || config.by_class()) return;
  conditions.emplace(model.queue(), config.generator.records);
  game.memory.conditions = conditions->by_shares();
}

void Gan::Implementation::set_deviation(int replica, float deviation) {
  model.queue().upload(model.replica(replica).at(game.memory.deviation),
                       std::span<const float>(&deviation, 1));
  model.queue().wait();
}

/// The step is recorded anew, over that table.
void Gan::Implementation::learn_from(TrainingTable its) {
  model.forget_step();
  table = std::move(its);
  warnings = table->warnings();
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
  if (!its) {
    Evaluator::Amend amend;
    if (conditions) amend = conditions->amend(model.queue(), config, network.spec().outputs());
    if (class_draw) amend = class_draw->amend();
    its = std::make_unique<Evaluator>(model.queue(), network, config.precision,
                                      drawn_from == Weights::average, std::move(amend));
  }
  if (its->has_statistics()) its->settle(model.read_state(index).step);
  return *its;
}

Evaluator& Gan::Implementation::discriminator(int index) {
  const Network network = model.network(kDiscriminator, index);
  std::unique_ptr<Evaluator>& its = discriminators[static_cast<std::size_t>(index)];
  if (!its) its = std::make_unique<Evaluator>(model.queue(), network.without_choice(), config.precision);
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

}  // namespace agon
