#include "engine/model/model.hpp"

#include <algorithm>
#include <stdexcept>

#include "engine/model/statistics_ring.hpp"
#include "engine/program/check.hpp"
#include "engine/program/passes.hpp"
#include "engine/program/place.hpp"
#include "engine/tuning/program_launches.hpp"
#include "kernels/error.hpp"

namespace agon {

namespace formula = kernels::formula;

namespace {

int possible(int replicas) {
  Model::require_possible(replicas);
  return replicas;
}

const std::vector<Learner>& possible(const std::vector<Learner>& learners) {
  if (learners.empty() || learners.size() > kernels::kMostPlayers)
    throw ConfigurationError("a model has 1 to " + std::to_string(kernels::kMostPlayers) + " networks, not " +
                             std::to_string(learners.size()));
  for (const Learner& learner : learners)
    if (learner.spectral_norm && learner.optimiser.average_half_life > 0)
      throw ConfigurationError(learner.name + ": normalised weights have no average here");
  return learners;
}

kernels::AdamState start_of(const Optimiser& optimiser) {
  return {.rate = optimiser.rate,
          .beta1 = optimiser.beta1,
          .beta2 = optimiser.beta2,
          .first_beta2 = optimiser.beta2,
          .epsilon = optimiser.epsilon,
          .weight_decay = optimiser.weight_decay,
          .l2 = optimiser.l2,
          .average_half_life = optimiser.average_half_life};
}

}  // namespace

void Model::require_possible(int replicas) {
  constexpr int kMost = 4096;
  if (replicas < 1 || replicas > kMost)
    throw ConfigurationError("replicas: " + std::to_string(replicas) + " is not between 1 and " +
                             std::to_string(kMost));
}

Model::Model(Game& game, const std::vector<Learner>& learners, const Device& device, const LoopOptions& loop,
             int replicas, std::uint64_t seed, const kernels::RateSchedule& schedule,
             const kernels::BurnIn& burn_in)
    : game_(&game),
      loop_options_(loop),
      replicas_(possible(replicas)),
      queue_(device, replicas),
      ring_(device, static_cast<std::size_t>(kStatisticsRing * replicas), MemoryKind::pinned),
      published_(device, static_cast<std::size_t>(replicas), MemoryKind::pinned),
      first_step_(static_cast<std::size_t>(replicas)) {
  check_passes(loop.fuse);
  lay_out(game, possible(learners));
  initialise(seed, schedule, burn_in);
}

/// Once over nothing, to learn how large it is, and how large the step's temporaries are.
void Model::lay_out(Game& game, const std::vector<Learner>& learners) {
  ArenaSize size;
  memory_ = lay_out_model(size, learners);
  game.lay_out(size, memory_);
  Program recorded;
  game.record(recorded, kernels::StepEnd{});
  temporary_bytes_ = place(fused(recorded, device().kind(), loop_options_.fuse), nullptr).bytes;
  const auto temporaries = static_cast<std::size_t>(temporary_bytes_);
  size.take<std::byte>(temporaries);
  stride_ = static_cast<std::int64_t>(size.used());
  if (size.used() > SIZE_MAX / static_cast<std::size_t>(replicas_))
    throw DeviceError("out of memory: cannot allocate " + std::to_string(replicas_) + " times " +
                      std::to_string(size.used()) + " bytes");
  arena_.emplace(device(), size.used() * static_cast<std::size_t>(replicas_));
  memory_ = lay_out_model(*arena_, learners);
  game.lay_out(*arena_, memory_);
  temporaries_ = arena_->take<std::byte>(temporaries);
}

void Model::initialise(std::uint64_t seed, const kernels::RateSchedule& schedule,
                       const kernels::BurnIn& burn_in) {
  kernels::StepState state;
  for (std::size_t i = 0; i < memory_.learners.size(); ++i)
    state.optimiser[i] = start_of(memory_.learners[i].optimiser);
  state.schedule = schedule;
  state.burn_in = burn_in;
  for (int r = 0; r < replicas_; ++r) {
    for (std::size_t i = 0; i < memory_.networks.size(); ++i)
      network(i, r).initialise(queue_, seed + static_cast<std::uint64_t>(r), i);
    write_state(r, state);
  }
}

QueueView Model::all() const {
  QueueView view = queue_;
  view.replicas = {0, replicas_, stride_};
  return view;
}

formula::Replica Model::replica(int index) const {
  if (index < 0 || index >= replicas_)
    throw ConfigurationError("replica " + std::to_string(index) + " of " + std::to_string(replicas_));
  return formula::replica_of({0, replicas_, stride_}, index);
}

kernels::StepState Model::read_state(int index) const {
  kernels::StepState state;
  queue_.download(std::span(&state, 1),
                  static_cast<const kernels::StepState*>(replica(index).at(memory_.state)));
  return state;
}

void Model::write_state(int index, const kernels::StepState& state) {
  queue_.upload(replica(index).at(memory_.state), std::span(&state, 1));
}

void Model::set_augmentation(float probability) {
  for (int r = 0; r < replicas_; ++r) {
    kernels::StepState state = read_state(r);
    state.augmentation = probability;
    write_state(r, state);
  }
}

Network Model::network(std::size_t index, int r) const {
  return memory_.networks[index].moved(replica(r).bytes);
}

kernels::StepEnd Model::rings() const {
  kernels::StepEnd end;
  end.state = memory_.state;
  end.ring = const_cast<kernels::StepStatistics*>(ring_.data());
  end.published = const_cast<std::uint64_t*>(published_.data());
  end.ring_size = kStatisticsRing;
  return end;
}

Program Model::ready(const Program& recorded) const {
  return with_algorithms(fused(recorded, device().kind(), loop_options_.fuse), plan_, replicas_);
}

void Model::make_step() {
  Program recorded;
  game_->record(recorded, rings());
  ByteRanges there;
  there.add(memory_.keep.source, reinterpret_cast<const std::byte*>(memory_.state + 1));
  game_->add_memory_before_step(there);
  check_reads(recorded, there);
  PlacedProgram placed = place(ready(recorded), temporaries_);
  if (placed.bytes > temporary_bytes_) throw std::logic_error("a step has more temporaries than it had");
  step_ = std::move(placed.program);
  LoopOptions options = loop_options_;
  options.unroll = steps_in_turn(options, step_.operations().size());
  loop_.emplace(
      queue_, rings(), [this](QueueView view) { step_.run(view); }, options, all().replicas);
}

void Model::set_plan(LayerPlan plan) {
  plan_ = device().kind() == DeviceKind::cuda ? std::move(plan) : LayerPlan();
  if (loop_) make_step();  // what is captured is captured
}

void Model::run_once(const Program& program) {
  const Program merged = ready(program);
  Buffer<std::byte> temporaries(
      device(), static_cast<std::size_t>(std::max<std::int64_t>(place(merged, nullptr).bytes, 1)));
  place(merged, temporaries.data()).program.run(queue_);
  queue_.wait();
}

std::uint64_t Model::train(std::uint64_t steps, const Watch& watch) {
  const std::uint64_t done = loop_->run(steps, watch);
  if (done < steps || replicas_ > 1)  // a run that went to its end needs no look at its state
    for (int r = 0; r < replicas_; ++r) roll_back(r);
  return done;
}

/// After divergence: back to the last copy that is known to be good, where there is one.
void Model::roll_back(int index) {
  kernels::StepState state = read_state(index);
  if (state.diverged == 0 || state.kept.slot < 0 || state.step == state.kept.step) return;
  const formula::Replica r = replica(index);
  queue_.copy(const_cast<std::byte*>(r.at(memory_.keep.source)), r.at(memory_.keep.slot[state.kept.slot]),
              static_cast<std::size_t>(memory_.keep.bytes));
  state.step = state.kept.step;
  state.augmentation = state.kept.augmentation;
  for (std::size_t i = 0; i < memory_.networks.size(); ++i) state.optimiser[i].step = state.kept.updates[i];
  write_state(index, state);
}

void Model::end(int index) {
  kernels::StepState state = read_state(index);
  state.diverged = 1;
  state.kept = {};
  write_state(index, state);
}

std::vector<kernels::StepStatistics> Model::statistics(std::uint64_t since, int index) const {
  replica(index);
  return read_ring({ring_.data() + index * kStatisticsRing, static_cast<std::size_t>(kStatisticsRing)},
                   published_.data() + index, std::max(since, first_step_[static_cast<std::size_t>(index)]));
}

std::vector<kernels::HealthSample> Model::health_samples(std::span<const kernels::HealthSample> rings,
                                                         std::uint64_t every, std::uint64_t since,
                                                         int index) const {
  replica(index);
  const std::size_t each = rings.size() / static_cast<std::size_t>(replicas_);
  return read_health(rings.subspan(static_cast<std::size_t>(index) * each, each), every,
                     published_.data() + index,
                     std::max(since, first_step_[static_cast<std::size_t>(index)]));
}

}  // namespace agon
