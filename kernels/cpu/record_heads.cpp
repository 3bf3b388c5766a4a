// A block of rows at a time, a row in each lane (kernels/cpu/head_lanes.hpp).
#include "kernels/record_heads.hpp"

#include <cstring>

#include "kernels/cpu/head_lanes.hpp"
#include "kernels/cpu/parts.hpp"
#include "kernels/cpu/record_columns.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

constexpr std::int64_t kParallelFrom =
    32 * 1024;  // numbers; fewer are done before the other threads are awake

/// Of number q of each row; lanes without a row repeat the last.
struct ScoreRanks {
  formula::ScoreRank of[kLanes];

  ScoreRanks(NumberLink link, const float* scores, std::int64_t stride, int rows) {
    float score[kLanes];
    turn(scores, stride, rows, 1, score);
    if (link == NumberLink::tanh) {
      fill(
          score, [](float s) __attribute__((always_inline)) { return formula::tanh_rank(s); });
    } else {
      fill(
          score, [](float s) __attribute__((always_inline)) { return formula::score_rank(s); });
    }
  }

 private:
  template <class Link>
  void fill(const float* score, Link link) {
    float u[kLanes], density[kLanes];
#pragma omp simd
    for (int lane = 0; lane < kLanes; ++lane) {
      const formula::ScoreRank rank = link(score[lane]);
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

/// The shares of one head that does not fit.
void write_long_shares(const RecordHeads& op, const Block& block, const Levels& head) {
  const std::int64_t width = op.shape.width(), stride = op.shape.scores();
  const float* const scores = op.scores + block.first * stride + head.first;
  float* const y = op.y + block.first * width + head.first;
  const float inverse = formula::inverse_temperature(op.shape.choice);
  float tile[kTileLevels * kLanes];
  Choices choices;
  each_tile(head.count, [&](std::int64_t level, std::int64_t count) {
    turn(scores + level, stride, block.rows, count, tile);
    choices.among(tile, level, count);
  });
  Softmax softmax(inverse);
  each_tile(head.count, [&](std::int64_t level, std::int64_t count) {
    turn(scores + level, stride, block.rows, count, tile);
    weigh(tile, choices, count, inverse);
    softmax.add(tile, count);
    turn_back(tile, width, block.rows, count, y + level);
  });
  each_tile(head.count, [&](std::int64_t level, std::int64_t count) {
    turn(y + level, width, block.rows, count, tile);
    softmax.divide(tile, count);
    turn_back(tile, width, block.rows, count, y + level);
  });
}

/// The same of heads whose levels are shares.
void write_shares(const RecordHeads& op, const Block& block, std::int64_t begin, std::int64_t end) {
  const std::int64_t width = op.shape.width(), stride = op.shape.scores();
  const Levels all(op.shape, begin, end);
  const float* const scores = op.scores + block.first * stride + all.first;
  float* const y = op.y + block.first * width + all.first;
  const float inverse = formula::inverse_temperature(op.shape.choice);
  float tile[kTileLevels * kLanes];
  if (all.count > kTileLevels) return write_long_shares(op, block, all);
  turn(scores, stride, block.rows, all.count, tile);
  for (std::int64_t h = begin; h < end; ++h) {
    const Levels head(op.shape, h, h + 1);
    float* const logits = tile + (head.first - all.first) * kLanes;
    Choices choices;
    choices.among(logits, 0, head.count);
    weigh(logits, choices, head.count, inverse);
    Softmax softmax(inverse);
    softmax.add(logits, head.count);
    softmax.divide(logits, head.count);
  }
  turn_back(tile, width, block.rows, all.count, y);
}

void forward(const RecordHeads& op, const Block& block) {
  const RecordShape& shape = op.shape;
  const std::int64_t width = shape.width(), stride = shape.scores();
  float* const y = op.y + block.first * width;
  for (int lane = 0; lane < block.rows; ++lane)
    std::memset(y + lane * width, 0, static_cast<std::size_t>(shape.levels) * sizeof(float));
  for (std::int64_t h = 0; h < shape.heads;) {
    const std::int64_t end = end_of_tile(shape, h);
    shape.choice == HeadChoice::gumbel ? write_shares(op, block, h, end) : write_choices(op, block, h, end);
    h = end;
  }
  for (std::int64_t q = 0; q < shape.numbers; ++q) {
    const ScoreRanks ranks(shape.link, op.scores + block.first * stride + shape.levels + q, stride,
                           block.rows);
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
    const ScoreRanks ranks(shape.link, op.scores + block.first * stride + shape.levels + q, stride,
                           block.rows);
    const std::int32_t gate = shape.gate[q];
    for (int lane = 0; lane < block.rows; ++lane) {
      const formula::NumberGradient gradient = formula::number_gradient(
          shape.link, ranks.of[lane], dy + lane * width + shape.levels + q * number_width(shape.link));
      dscores[lane * stride + shape.levels + q] = gradient.score;
      if (gate >= 0) dscores[lane * stride + gate] += gradient.gate;
    }
  }
}

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
  const float inverse = formula::inverse_temperature(op.shape.choice);
  float logits[kTileLevels * kLanes], gradients[kTileLevels * kLanes];
  turn(op.scores + at, stride, block.rows, all.count, logits);
  turn(op.dscores + at, stride, block.rows, all.count, gradients);
  for (std::int64_t h = begin; h < end; ++h) {
    const Levels head(op.shape, h, h + 1);
    const std::int64_t first = (head.first - all.first) * kLanes;
    Choices choices;
    choices.among(logits + first, 0, head.count);
    weigh(logits + first, choices, head.count, inverse);
    Softmax softmax(inverse);
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
  const float inverse = formula::inverse_temperature(op.shape.choice);
  const float* const scores = op.scores + at;
  float* const dscores = op.dscores + at;
  float logits[kTileLevels * kLanes], gradients[kTileLevels * kLanes];
  Choices choices;
  each_tile(head.count, [&](std::int64_t level, std::int64_t count) {
    turn(scores + level, stride, block.rows, count, logits);
    choices.among(logits, level, count);
  });
  Softmax softmax(inverse);
  each_tile(head.count, [&](std::int64_t level, std::int64_t count) {
    turn(scores + level, stride, block.rows, count, logits);
    turn(dscores + level, stride, block.rows, count, gradients);
    weigh(logits, choices, count, inverse);
    softmax.add(logits, gradients, count);
  });
  each_tile(head.count, [&](std::int64_t level, std::int64_t count) {
    turn(scores + level, stride, block.rows, count, logits);
    turn(dscores + level, stride, block.rows, count, gradients);
    weigh(logits, choices, count, inverse);
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
  for_each(queue, blocks, rows * width >= kParallelFrom, [&](std::int64_t b) {
    const std::int64_t first = b * kLanes, left = rows - first;
    use(Block{first, left < kLanes ? static_cast<int>(left) : kLanes});
  });
}

}  // namespace

void record_heads(QueueView queue, const RecordHeads& op) {
  each_block(queue, op.rows, op.shape.width(), [&](const Block& block) { forward(op, block); });
}

void record_heads_backward(QueueView queue, const RecordHeadsBackward& op) {
  each_block(queue, op.rows, op.shape.width(), [&](const Block& block) { backward(op, block); });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
