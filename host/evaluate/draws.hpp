// Draws of whole numbers, and of rows: the same for a seed on every machine.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/formula/philox.hpp"

namespace agon::host {

/// What draws are for: streams of one seed that share nothing.
enum class DrawPurpose : std::uint32_t {
  folds = 0xE0,
  rows,
  halves,
  hold_out,
  bootstrap,
  explained,
  copies,
  closest,
  game,
  attacks,
  inference,
  singling_out,
  coverage,
  sliced_rows,
  directions,
  survival,
  model_ranks,
  targets,
  shadows,
  random_features,
  image_order,
  patches,
  patch_directions,
  image_paths,
};

/// Whole numbers from the stream of Philox4x32-10 that (seed, purpose, step) names.
class Draws {
 public:
  Draws(std::uint64_t seed, DrawPurpose purpose, std::uint64_t step = 0)
      : seed_(seed), purpose_(static_cast<std::uint32_t>(purpose)), step_(step) {}

  /// Uniform on 0, ..., bound - 1; bound > 0.
  std::uint64_t below(std::uint64_t bound);
  /// 0, ..., count - 1 in random order.
  std::vector<std::int64_t> order(std::int64_t count);
  /// At most `most` of 0, ..., count - 1, in rising order.
  std::vector<std::int64_t> some(std::int64_t count, std::int64_t most);

 private:
  std::uint64_t word();

  std::uint64_t seed_;
  std::uint32_t purpose_;
  std::uint64_t step_;
  std::uint32_t next_block_ = 0;
  int left_ = 0;  // words of block_ not given yet
  kernels::formula::PhiloxBlock block_{};
};

/// The fold of each row, 0, ..., folds - 1: each class is dealt out evenly, in random order.
std::vector<std::int32_t> stratified_folds(std::span<const std::int32_t> labels, int folds, Draws draws);

}  // namespace agon::host
