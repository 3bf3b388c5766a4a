// Heads are short, so vectors lie across rows: a lane has a row of its own, and nothing is summed up across
// lanes. A head's columns are turned that way first, a tile of them at a time.
#include "kernels/record_heads.hpp"

#include <cstring>

#include "kernels/cpu/record_columns.hpp"
#include "kernels/cpu/turned.hpp"
#include "kernels/formula/record_heads.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

constexpr std::int64_t kParallelFrom =
    32 * 1024;              // numbers; fewer are done before the other threads are awake
constexpr int kLanes = 16;  // rows of a block
constexpr std::int64_t kTileLevels = 64;

/// A block's rows.
struct Block {
  std::int64_t first;
  int rows;  // at most kLanes
};

/// (count, kLanes), what was (rows, count) with `stride` between rows. Lanes without a row repeat the last.
void turn(const float* from, std::int64_t stride, int rows, std::int64_t count, float* tile) {
  turned(from, stride, rows, count, tile, kLanes);
  for (std::int64_t c = 0; c < count; ++c)
    for (int lane = rows; lane < kLanes; ++lane) tile[c * kLanes + lane] = tile[c * kLanes + rows - 1];
}

void turn_back(const float* tile, std::int64_t stride, int rows, std::int64_t count, float* to) {
  turned(tile, kLanes, count, rows, to, stride);
}

struct Choices {
  float logit[kLanes];
  std::int32_t level[kLanes];

  Choices() {
    for (int lane = 0; lane < kLanes; ++lane) {
      const formula::LevelChoice none;
      logit[lane] = none.logit, level[lane] = none.level;
    }
  }

  /// Of a tile whose first level is `first`.
  void among(const float* tile, std::int64_t first, std::int64_t count) {
    for (std::int64_t c = 0; c < count; ++c) {
      const auto number = static_cast<std::int32_t>(first + c);
#pragma omp simd
      for (int lane = 0; lane < kLanes; ++lane) {
        const formula::LevelChoice best =
            formula::better_of_later({logit[lane], level[lane]}, {tile[c * kLanes + lane], number});
        logit[lane] = best.logit, level[lane] = best.level;
      }
    }
  }
};

/// Levels [first, first + count) of a record: a head's.
struct Levels {
  std::int64_t first, count;

  Levels(const RecordShape& shape, std::int64_t begin, std::int64_t end)
      : first(shape.head_first[begin]), count(shape.head_first[end] - shape.head_first[begin]) {}
};

/// The head behind those from `begin` on whose levels fit a tile together; behind the first, where it alone
/// does not fit.
std::int64_t end_of_tile(const RecordShape& shape, std::int64_t begin) {
  std::int64_t end = begin + 1;
  while (end < shape.heads && Levels(shape, begin, end + 1).count <= kTileLevels) ++end;
  return end;
}

/// use(first, count) for each tile's part of `levels`.
template <class Use>
void each_tile(std::int64_t levels, const Use& use) {
  for (std::int64_t first = 0; first < levels; first += kTileLevels)
    use(first, levels - first < kTileLevels ? levels - first : kTileLevels);
}

/// Of number q of each row; lanes without a row repeat the last.
struct ScoreRanks {
  formula::ScoreRank of[kLanes];

  ScoreRanks(const float* scores, std::int64_t stride, int rows) {
    float score[kLanes], u[kLanes], density[kLanes];
    turn(scores, stride, rows, 1, score);
#pragma omp simd
    for (int lane = 0; lane < kLanes; ++lane) {
      const formula::ScoreRank rank = formula::score_rank(score[lane]);
      u[lane] = rank.u, density[lane] = rank.density;
    }
    for (int lane = 0; lane < kLanes; ++lane) of[lane] = {u[lane], density[lane]};
  }
};

/// Of heads [begin, end), which fit a tile together, or of one that does not.
void write_choices(const RecordHeads& op, const Block& block, std::int64_t begin, std::int64_t end) {
  const std::int64_t width = op.shape.width(), stride = op.shape.scores();
  const Levels all(op.shape, begin, end);
  const float* const scores = op.scores + block.first * stride + all.first;
  float tile[kTileLevels * kLanes];
  if (all.count <= kTileLevels) turn(scores, stride, block.rows, all.count, tile);
  for (std::int64_t h = begin; h < end; ++h) {
    const Levels head(op.shape, h, h + 1);
    Choices choices;
    if (all.count <= kTileLevels) {
      choices.among(tile + (head.first - all.first) * kLanes, 0, head.count);
    } else {
      each_tile(head.count, [&](std::int64_t level, std::int64_t count) {
        turn(scores + level, stride, block.rows, count, tile);
        choices.among(tile, level, count);
      });
    }
    for (int lane = 0; lane < block.rows; ++lane)
      op.y[(block.first + lane) * width + head.first + choices.level[lane]] = 1.0f;
  }
}

void forward(const RecordHeads& op, const Block& block) {
  const RecordShape& shape = op.shape;
  const std::int64_t width = shape.width(), stride = shape.scores();
  float* const y = op.y + block.first * width;
  for (int lane = 0; lane < block.rows; ++lane)
    std::memset(y + lane * width, 0, static_cast<std::size_t>(shape.levels) * sizeof(float));
  for (std::int64_t h = 0; h < shape.heads;) {
    const std::int64_t end = end_of_tile(shape, h);
    write_choices(op, block, h, end);
    h = end;
  }
  for (std::int64_t q = 0; q < shape.numbers; ++q) {
    const ScoreRanks ranks(op.scores + block.first * stride + shape.levels + q, stride, block.rows);
    for (int lane = 0; lane < block.rows; ++lane) write_number(shape, y + lane * width, q, ranks.of[lane].u);
  }
}

/// The gradients by the scores of numbers as if their gates were open, and by the levels, those of gates with
/// what their numbers add.
void numbers_backward(const RecordHeadsBackward& op, const Block& block) {
  const RecordShape& shape = op.shape;
  const std::int64_t width = shape.width(), stride = shape.scores();
  const float* const dy = op.dy + block.first * width;
  float* const dscores = op.dscores + block.first * stride;
  for (int lane = 0; lane < block.rows; ++lane)
    std::memcpy(dscores + lane * stride, dy + lane * width,
                static_cast<std::size_t>(shape.levels) * sizeof(float));
  for (std::int64_t q = 0; q < shape.numbers; ++q) {
    const ScoreRanks ranks(op.scores + block.first * stride + shape.levels + q, stride, block.rows);
    const std::int32_t gate = shape.gate[q];
    for (int lane = 0; lane < block.rows; ++lane) {
      const formula::NumberGradient gradient =
          formula::number_gradient(ranks.of[lane], dy + lane * width + shape.levels + q * kNumberWidth);
      dscores[lane * stride + shape.levels + q] = gradient.score;
      if (gate >= 0) dscores[lane * stride + gate] += gradient.gate;
    }
  }
}

/// From logits to weights in the gradient's softmax.
void weigh(float* logits, const Choices& choices, std::int64_t count) {
  for (std::int64_t c = 0; c < count; ++c)
#pragma omp simd
    for (int lane = 0; lane < kLanes; ++lane)
      logits[c * kLanes + lane] = formula::level_weight(logits[c * kLanes + lane], choices.logit[lane]);
}

/// Sums over a head's levels, and what they are for.
struct Softmax {
  float weights[kLanes] = {};
  float products[kLanes] = {};  // with the gradients by the levels

  void add(const float* weight, const float* gradient, std::int64_t count) {
    for (std::int64_t c = 0; c < count; ++c)
#pragma omp simd
      for (int lane = 0; lane < kLanes; ++lane) {
        const std::int64_t i = c * kLanes + lane;
        weights[lane] += weight[i];
        products[lane] = formula::fused(weight[i], gradient[i], products[lane]);
      }
  }

  /// From gradients by the levels to gradients by the logits.
  void go_back(const float* weight, float* gradient, std::int64_t count) const {
    float scale[kLanes], mean[kLanes];
    for (int lane = 0; lane < kLanes; ++lane) {
      scale[lane] = 1.0f / weights[lane];
      mean[lane] = products[lane] * scale[lane];
    }
    for (std::int64_t c = 0; c < count; ++c)
#pragma omp simd
      for (int lane = 0; lane < kLanes; ++lane) {
        const std::int64_t i = c * kLanes + lane;
        gradient[i] = formula::logit_gradient(weight[i] * scale[lane], gradient[i], mean[lane]);
      }
  }
};

/// The gradients by scores of a head's numbers vanish in rows where their gate is not chosen.
void close_gates(const RecordHeadsBackward& op, const Block& block, const Levels& head,
                 const Choices& choices) {
  const RecordShape& shape = op.shape;
  for (std::int64_t q = 0; q < shape.numbers; ++q) {
    const std::int64_t gate = shape.gate[q] - head.first;
    if (gate < 0 || gate >= head.count) continue;
    float* const dscores = op.dscores + block.first * shape.scores() + shape.levels + q;
    for (int lane = 0; lane < block.rows; ++lane)
      if (choices.level[lane] != gate) dscores[lane * shape.scores()] = 0.0f;
  }
}

/// Turns the gradients by levels, in dscores, into those by logits: of heads [begin, end), which fit a tile
/// together.
void short_heads_backward(const RecordHeadsBackward& op, const Block& block, std::int64_t begin,
                          std::int64_t end) {
  const Levels all(op.shape, begin, end);
  const std::int64_t stride = op.shape.scores(), at = block.first * stride + all.first;
  float logits[kTileLevels * kLanes], gradients[kTileLevels * kLanes];
  turn(op.scores + at, stride, block.rows, all.count, logits);
  turn(op.dscores + at, stride, block.rows, all.count, gradients);
  for (std::int64_t h = begin; h < end; ++h) {
    const Levels head(op.shape, h, h + 1);
    const std::int64_t first = (head.first - all.first) * kLanes;
    Choices choices;
    choices.among(logits + first, 0, head.count);
    weigh(logits + first, choices, head.count);
    Softmax softmax;
    softmax.add(logits + first, gradients + first, head.count);
    softmax.go_back(logits + first, gradients + first, head.count);
    close_gates(op, block, head, choices);
  }
  turn_back(gradients, stride, block.rows, all.count, op.dscores + at);
}

/// The same of a head that does not fit.
void long_head_backward(const RecordHeadsBackward& op, const Block& block, std::int64_t h) {
  const Levels head(op.shape, h, h + 1);
  const std::int64_t stride = op.shape.scores(), at = block.first * stride + head.first;
  const float* const scores = op.scores + at;
  float* const dscores = op.dscores + at;
  float logits[kTileLevels * kLanes], gradients[kTileLevels * kLanes];
  Choices choices;
  each_tile(head.count, [&](std::int64_t level, std::int64_t count) {
    turn(scores + level, stride, block.rows, count, logits);
    choices.among(logits, level, count);
  });
  Softmax softmax;
  each_tile(head.count, [&](std::int64_t level, std::int64_t count) {
    turn(scores + level, stride, block.rows, count, logits);
    turn(dscores + level, stride, block.rows, count, gradients);
    weigh(logits, choices, count);
    softmax.add(logits, gradients, count);
  });
  each_tile(head.count, [&](std::int64_t level, std::int64_t count) {
    turn(scores + level, stride, block.rows, count, logits);
    turn(dscores + level, stride, block.rows, count, gradients);
    weigh(logits, choices, count);
    softmax.go_back(logits, gradients, count);
    turn_back(gradients, stride, block.rows, count, dscores + level);
  });
  close_gates(op, block, head, choices);
}

void backward(const RecordHeadsBackward& op, const Block& block) {
  numbers_backward(op, block);
  for (std::int64_t h = 0; h < op.shape.heads;) {
    const std::int64_t end = end_of_tile(op.shape, h);
    if (Levels(op.shape, h, end).count <= kTileLevels) {
      short_heads_backward(op, block, h, end);
    } else {
      long_head_backward(op, block, h);
    }
    h = end;
  }
}

template <class Use>
void each_block(QueueView queue, std::int64_t rows, std::int64_t width, const Use& use) {
  const std::int64_t blocks = (rows + kLanes - 1) / kLanes;
#pragma omp parallel for schedule(static) num_threads(queue.threads) if (rows * width >= kParallelFrom)
  for (std::int64_t b = 0; b < blocks; ++b) {
    const std::int64_t first = b * kLanes, left = rows - first;
    use(Block{first, left < kLanes ? static_cast<int>(left) : kLanes});
  }
}

}  // namespace

void record_heads(QueueView queue, const RecordHeads& op) {
  each_block(queue, op.rows, op.shape.width(), [&](const Block& block) { forward(op, block); });
}

void record_heads_backward(QueueView queue, const RecordHeadsBackward& op) {
  each_block(queue, op.rows, op.shape.width(), [&](const Block& block) { backward(op, block); });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
