// Asks a network for its output: of the caller's rows, or of an endless draw of noise.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "engine/network/network.hpp"
#include "engine/runtime/arena.hpp"
#include "engine/runtime/queue.hpp"

namespace agon {

/// Asks in evaluation mode. Keeps a reference to the queue. A pass always has chunk_of() rows, so that a
/// row's bits do not depend on how many are asked for (a product's kernel, and with it the order of its sums,
/// is chosen by its shape).
class Evaluator {
 public:
  static constexpr std::int64_t kChunk = 1024;
  /// kChunk, of wide networks of images fewer.
  static std::int64_t chunk_of(const NetworkSpec& spec);
  /// Puts something else in the place of part of the noise, and whatever belongs beside the output, of a
  /// chunk's rows each; `random` has the draw's seed and, in the device's memory, the chunk's number, and no
  /// purpose of its own.
  using Amend = std::function<void(float* input, float* output, const kernels::RandomStream& random,
                                   std::uint64_t chunk)>;

  /// `averaged`: the average of the network's weights is what is asked.
  Evaluator(const Queue& queue, const Network& network, kernels::Precision precision, bool averaged = false,
            Amend amend = {});

  /// Whether batch norm's statistics are its own, and not the trained network's.
  bool has_statistics() const { return own_statistics_; }
  /// Then to be called before asking, with the step that the network is at. A batch norm's running statistics
  /// are those of the weights as they went by, not of their average: the average's own are taken here, from
  /// passes over noise of their own, once for each step (Izmailov et al., "Averaging weights leads to wider
  /// optima", 2018, section 3.2).
  void settle(std::uint64_t step);
  /// The next settle() takes them anew, whatever the step.
  void unsettle() { settled_.reset(); }

  /// Output of rows [first, first + count) of the endless draw of noise named by seed; `amend`: instead of
  /// the Evaluator's own.
  std::vector<float> sample(std::int64_t first, std::int64_t count, std::uint64_t seed,
                            const Amend& amend = {});
  /// Output of the caller's rows, whole ones.
  std::vector<float> outputs(std::span<const float> rows);

 private:
  /// `seed`: of the numbers that its heads draw. Adds to temporary_bytes_ where they are too few.
  Program recorded(Mode mode, std::uint64_t seed);
  void draw_noise(std::uint64_t chunk, std::uint64_t seed, const Amend& amend);

  const Queue& queue_;
  Network network_;
  std::int64_t rows_;  // of a chunk
  Amend amend_;
  kernels::Precision precision_;
  bool own_statistics_ = false;
  const float* running_ = nullptr;  // the trained weights' statistics
  std::optional<Arena> arena_;
  std::byte* temporaries_ = nullptr;
  std::int64_t temporary_bytes_ = 0;
  std::uint64_t* chunk_ = nullptr;  // counter of the sampling noise
  float* input_ = nullptr;          // of a chunk's rows
  float* output_ = nullptr;
  Program pass_, settling_;  // from input_ to output_
  std::uint64_t pass_seed_ = 0;
  std::optional<std::uint64_t> settled_;
};

}  // namespace agon
