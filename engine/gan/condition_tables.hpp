// What conditions are drawn from, in a device's memory.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/gan/config.hpp"
#include "engine/model/evaluator.hpp"
#include "engine/network/record_layout.hpp"
#include "engine/runtime/buffer.hpp"
#include "engine/runtime/queue.hpp"
#include "kernels/condition_shape.hpp"

namespace agon {

/// Of a layout with conditions. Levels are drawn by their shares of the table, for records that stand for it.
class ConditionTables {
 public:
  ConditionTables(const Queue& queue, const RecordLayout& layout);

  const kernels::ConditionShape& by_shares() const { return by_shares_; }
  /// For an Evaluator of the generator with an output of that width: draws conditions in its input, and
  /// copies them beside records. The queue and these tables must outlive it.
  Evaluator::Amend amend(const Queue& queue, const GanConfig& config, std::int64_t width) const;

 private:
  Buffer<std::int32_t> first_, score_;
  Buffer<std::uint32_t> threshold_;
  kernels::ConditionShape by_shares_;
};

/// To train on: levels are drawn in proportion to log(rows + 1), so that rare ones are learnt as well, with
/// the rows of the table that have them. Of one table, or of one for each replica, with equally many rows.
class TrainingConditions {
 public:
  TrainingConditions(const Queue& queue, const RecordLayout& layout, std::span<const CodedRows> records,
                     const ConditionTables& tables);

  const kernels::ConditionShape& shape() const { return shape_; }
  const kernels::RowsByLevel& rows() const { return rows_; }

 private:
  Buffer<std::uint32_t> threshold_, row_;
  Buffer<std::int64_t> first_;
  kernels::ConditionShape shape_;
  kernels::RowsByLevel rows_;
};

/// Writes beside each record, (rows, layout.width()), the condition that it answers: that it has the level
/// that it has of one head, each head as probable.
void answer_conditions(const RecordLayout& layout, std::uint64_t seed, std::vector<float>& rows);

// Of G's input with conditions, (rows, config.inputs()), as a caller has it: the level that each row asks
// for, and its condition beside G's output.
std::vector<std::int32_t> asked_in(const GanConfig& config, std::span<const float> noise);
void copy_conditions(const GanConfig& config, std::span<const float> noise, std::vector<float>& rows);

}  // namespace agon
