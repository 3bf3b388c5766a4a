// Draws from a trained generator, and asks the discriminator, in pieces of a fixed size.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/network/network.hpp"
#include "engine/runtime/arena.hpp"
#include "engine/runtime/queue.hpp"
#include "engine/training/gan.hpp"

namespace agon {

/// Holds a reference to the queue. Pieces always have kChunk rows, so that a row's bits do not depend on
/// how many are asked for (a product's kernel, and with it the order of its sums, is chosen by its shape).
class Sampler {
 public:
  static constexpr std::int64_t kChunk = 1024;

  Sampler(const Queue& queue, const Network& generator, const Network& discriminator,
          kernels::Precision precision, Weights weights);

  /// Whether G is normalised by statistics that are its own here, and not the trained network's.
  bool has_statistics() const { return own_statistics_; }
  /// Then to be called before drawing, with the step that the networks are at. A batch norm's running
  /// statistics are those of the weights as they went by, not of their average: the average's own are taken
  /// here, from passes over noise of their own, once for each step (Izmailov et al., "Averaging weights leads
  /// to wider optima", 2018, section 3.2).
  void settle(std::uint64_t step);
  /// The next settle() takes them anew, whatever the step.
  void unsettle() { settled_.reset(); }

  /// Rows [first, first + count) of the endless draw named by seed: (count, width).
  std::vector<float> sample(std::int64_t first, std::int64_t count, std::uint64_t seed);
  /// G(noise): noise (n, latent) -> (n, width).
  std::vector<float> generate(std::span<const float> noise);
  /// D's logits: rows (n, width) -> (n).
  std::vector<float> discriminate(std::span<const float> rows);

 private:
  template <class Allocator>
  void lay_out(Allocator& memory);
  void draw_noise(std::uint64_t chunk, std::uint64_t seed);
  std::vector<float> forward(const Network& network, const Program& pass, const float* output,
                             std::span<const float> input);

  const Queue& queue_;
  Network generator_;
  Network discriminator_;
  kernels::Precision precision_;
  float* input_ = nullptr;          // (kChunk, wider of latent and width)
  std::uint64_t* chunk_ = nullptr;  // counter of the sampling noise
  Activations generator_outputs_;
  Activations discriminator_outputs_;
  Program generate_;      // of a piece of input_
  Program discriminate_;  // likewise
  bool own_statistics_ = false;
  const float* running_ = nullptr;  // the trained weights' statistics
  Activations training_outputs_;
  std::optional<std::uint64_t> settled_;
  Arena arena_;  // last: made by laying out the members above
};

}  // namespace agon
