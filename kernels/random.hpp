// Counter-based random fills: Philox4x32-10, no state arrays, the same bits on every device.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/backends.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels {

/// What a stream of random numbers is for; part of the counter, so that no two purposes ever share numbers.
enum class RandomPurpose : std::uint32_t {
  initialisation = 1,
  training_noise = 2,
  row_order = 3,
  sampling_noise = 4,
  held_out_rows = 5,
  penalty_points = 6,
  instance_noise = 7,
  dropout = 8,
  generator_dropout = 9,
  rank_noise = 10,
  head_noise = 11,
  sampling_head_noise = 12,
  mode_choice = 13,
  conditions = 14,
  sampling_conditions = 15,
  score_directions = 16,
  augmentation = 17,
  mixture_centres = 64,  // 64 on: callers' own data
  mixture_points = 65,
};

/// Philox key = seed (low word, high word); counter = (block, purpose, step low, step high), where element e
/// takes word e % 4 of block e / 4. So a number depends on (seed, purpose, step, element) and on nothing
/// else.
struct RandomStream {
  std::uint64_t seed = 0;
  RandomPurpose purpose = RandomPurpose::training_noise;
  const std::uint64_t* step = nullptr;  ///< device memory, read when the operation runs; null reads as 0
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, RandomStream& op) {
  v.seed(op.seed);
  v.reads(op.step, 1);
}

/// out = low + (high - low) u, u uniform on [0, 1) in steps of 2^-24.
struct UniformFill {
  static constexpr std::string_view kName = "uniform_fill";
  std::int64_t n = 0;  ///< at most 2^34
  float* out = nullptr;
  float low = 0.0f;
  float high = 1.0f;
  RandomStream random;
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, UniformFill& op) {
  v.writes(op.out, op.n);
  visit_operands(v, op.random);
}

/// Standard normal numbers by Box-Muller, two from each pair of Philox words (words 0, 1 of a block give
/// elements 0 and 1, words 2, 3 give elements 2 and 3), with formula/normal.hpp's logarithm and sine:
/// bit-identical on every device.
struct NormalFill {
  static constexpr std::string_view kName = "normal_fill";
  std::int64_t n = 0;      ///< first + n is at most 2^34
  std::int64_t first = 0;  ///< out holds elements [first, first + n) of the stream; a multiple of 4
  float* out = nullptr;
  RandomStream random;
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, NormalFill& op) {
  v.writes(op.out, op.n);
  visit_operands(v, op.random);
}

/// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
void uniform_fill(QueueView queue, const UniformFill& op);
void normal_fill(QueueView queue, const NormalFill& op);
AGON_ON_BACKENDS(void uniform_fill(QueueView queue, const UniformFill& op));
AGON_ON_BACKENDS(void normal_fill(QueueView queue, const NormalFill& op));

}  // namespace agon::kernels
