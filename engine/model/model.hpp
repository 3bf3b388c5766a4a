// Networks in training, for any game: their memory, their replicas, the loop over their step, and what can be
// read of them. What a step does is the game's to say: how many networks there are (at most kMostPlayers),
// and why.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/model/model_memory.hpp"
#include "engine/model/snapshot.hpp"
#include "engine/program/byte_ranges.hpp"
#include "engine/runtime/loop.hpp"
#include "engine/tuning/layer_plan.hpp"
#include "kernels/statistics.hpp"

namespace agon {

/// What is played.
class Game {
 public:
  virtual ~Game() = default;
  /// Takes what a step works on beside the model's memory. Run over an ArenaSize first, then over the Arena.
  virtual void lay_out(Memory& memory, const ModelMemory& model) = 0;
  /// Records a step: it begins with step_begin and ends with step_end, as kernels/step.hpp has them. `end` is
  /// the step's end but for the losses: with the rings.
  virtual void record(Program& program, const kernels::StepEnd& end) const = 0;
  /// Adds what a step may read before it writes it, beside the model's memory.
  virtual void add_memory_before_step(ByteRanges& there) const = 0;
};

/// Of several replicas, functions that read or write one take its number.
class Model {
 public:
  static constexpr std::int64_t kStatisticsRing = 65536;

  /// Throws ConfigurationError where there cannot be so many.
  static void require_possible(int replicas);
  /// Replica r's parameters start from seed + r. `game` must outlive the model, and is told to lay out its
  /// memory now. Throws ConfigurationError, DeviceError.
  Model(Game& game, const std::vector<Learner>& learners, const Device& device, const LoopOptions& loop,
        int replicas, std::uint64_t seed, const kernels::RateSchedule& schedule = {},
        const kernels::BurnIn& burn_in = {});
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  const ModelMemory& memory() const { return memory_; }  ///< of the first replica
  const Queue& queue() const { return queue_; }
  const Device& device() const { return queue_.device(); }
  int replicas() const { return replicas_; }
  /// How far the replica's memory lies behind the first one's.
  kernels::formula::Replica replica(int index) const;
  kernels::StepState read_state(int replica) const;
  /// Of all replicas, from now on.
  void set_augmentation(float probability);
  /// Network i of a replica.
  Network network(std::size_t index, int replica) const;

  /// Records the step anew: what the game says of it has changed.
  void make_step();
  /// Forgets the step: it is not to be run until make_step().
  void forget_step() {
    loop_.reset();
    step_ = Program();
  }
  bool has_step() const { return loop_.has_value(); }
  /// As the device runs it.
  const Program& step() const { return step_; }
  void set_plan(LayerPlan plan);
  const LayerPlan& plan() const { return plan_; }
  /// Returns the steps completed: see Loop::run. What diverged is set back to the last copy known to be good.
  std::uint64_t train(std::uint64_t steps, const Watch& watch);
  /// Runs a program once, on the first replica, and waits.
  void run_once(const Program& program);
  /// A step_end's rings.
  kernels::StepEnd rings() const;
  /// Takes the replica out of training.
  void end(int replica);

  /// Of the steps after `since`, oldest first, as far as they were completed here and are in the ring still.
  std::vector<kernels::StepStatistics> statistics(std::uint64_t since, int replica) const;
  /// Samples from another ring: that of all replicas, one behind the other, with a sample every `every`
  /// steps.
  std::vector<kernels::HealthSample> health_samples(std::span<const kernels::HealthSample> rings,
                                                    std::uint64_t every, std::uint64_t since,
                                                    int replica) const;

  std::vector<TensorView> parameters() const;
  std::vector<float> parameter(std::string_view name, int replica) const;
  void set_parameter(std::string_view name, std::span<const float> values, int replica);
  std::vector<float> gradient(std::string_view name, int replica) const;
  ModelSnapshot snapshot(int replica) const;
  /// Throws ConfigurationError where the snapshot is another model's.
  void restore(const ModelSnapshot& snapshot, int replica);

 private:
  struct Found {
    Network network;
    TensorView tensor;
  };

  void write_state(int replica, const kernels::StepState& state);
  void lay_out(Game& game, const std::vector<Learner>& learners);
  void initialise(std::uint64_t seed, const kernels::RateSchedule& schedule, const kernels::BurnIn& burn_in);
  Program ready(const Program& recorded) const;
  QueueView all() const;
  void roll_back(int replica);
  Found find(std::string_view tensor, int replica) const;
  std::vector<Found> tensors(int replica) const;
  void require_fit(const ModelSnapshot& snapshot, const std::vector<Found>& all) const;
  std::vector<float> read(const float* source, std::int64_t size) const;

  Game* game_;
  LoopOptions loop_options_;
  int replicas_;
  Queue queue_;
  std::int64_t stride_ = 0;  // bytes from one replica's memory to the next one's
  std::optional<Arena> arena_;
  ModelMemory memory_;
  std::byte* temporaries_ = nullptr;
  std::int64_t temporary_bytes_ = 0;
  Buffer<kernels::StepStatistics> ring_;
  Buffer<std::uint64_t> published_;
  std::vector<std::uint64_t>
      first_step_;  // completed when this object took over: their rows are not in the ring
  LayerPlan plan_;
  Program step_;
  std::optional<Loop> loop_;
};

}  // namespace agon
