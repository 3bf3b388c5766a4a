// What a Gan holds: its memory, its networks in it, the loop over them.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/runtime/arena.hpp"
#include "engine/runtime/loop.hpp"
#include "engine/training/gan.hpp"
#include "engine/training/sampler.hpp"
#include "engine/training/statistics_ring.hpp"
#include "engine/training/step_memory.hpp"
#include "engine/training/step_program.hpp"
#include "kernels/formula/replica.hpp"

namespace agon {

struct Gan::Implementation {
  Implementation(const GanConfig& the_config, const Device& device, const LoopOptions& the_loop_options,
                 int the_replicas);

  void lay_out();
  void initialise();
  /// As the device runs it: fused, with the plan's algorithms, its temporaries in memory.temporaries.
  Program ready(const Program& recorded) const;
  /// That ready() programs need at most: the step's and those of its parts. `nowhere` is laid out, but not
  /// there.
  std::int64_t temporary_bytes(const StepMemory& nowhere) const;
  void make_loop();
  /// From now on a health sample is taken every kHealthEvery steps, beside the table.
  void probe_at(std::span<const float> table, std::int64_t rows);

  /// The queue of the whole step: every operation happens to all replicas.
  QueueView all() const;
  kernels::formula::Replica replica(int index) const;
  kernels::StepState read_state(int index) const;
  void write_state(int index, const kernels::StepState& state);
  const TensorView& find(std::string_view tensor) const;
  /// The flat buffers of the network that has the tensor.
  FlatParameters flat_of(std::string_view tensor, int index) const;
  /// Where u and v of a weight lie; nothing where it is not normalised.
  struct Singular {
    float* left;
    float* right;
  };
  std::optional<Singular> singular_of(std::string_view tensor, int index) const;
  /// Where the running statistics of a batch norm's gamma lie; nothing where the tensor is none.
  struct Running {
    float* mean;
    float* variance;
  };
  std::optional<Running> running_of(std::string_view tensor, int index) const;
  /// Brings D's normalised weights up to date, where it has some.
  void normalise(int index) const;
  Sampler& sampler(int index);
  Sampler& settled_sampler(int index);  ///< to draw from G
  void unsettle(int index);             ///< G is another one at the same step
  std::vector<float> read(const float* source, std::int64_t size) const;
  void roll_back(int index);

  GanConfig config;
  LoopOptions loop_options;
  int replicas;
  Queue queue;
  Network generator;
  Network discriminator;
  LinearPlan plan;
  Program step;
  std::int64_t stride = 0;  // bytes from one replica's memory to the next one's
  std::optional<Arena> arena;
  StepMemory memory;  // of the first replica
  Buffer<StepStatistics> ring;
  Buffer<kernels::HealthSample> health_ring;
  Buffer<std::uint64_t> published;
  std::vector<std::uint64_t>
      first_step;  // steps completed when this object took over: their rows are not in the ring
  Buffer<float> table;
  Buffer<float> health_table;
  std::optional<Loop> loop;
  Weights drawn_from = Weights::last;
  std::vector<std::unique_ptr<Sampler>> samplers;
};

}  // namespace agon
