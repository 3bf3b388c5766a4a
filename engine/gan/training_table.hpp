// What is learnt from, in a device's memory: a table of numbers or of coded records.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/gan/condition_tables.hpp"
#include "engine/gan/config.hpp"
#include "engine/gan/step.hpp"
#include "engine/network/record_layout.hpp"
#include "engine/runtime/buffer.hpp"
#include "engine/runtime/queue.hpp"

namespace agon {

using NumberRows = std::span<const float>;           ///< (rows, width), standardised
using ImageBytes = std::span<const std::uint8_t>;    ///< (images, height, width, channels), 0 to 255
using ImageClasses = std::span<const std::int32_t>;  ///< (images)

/// Tables of the same number of rows: one, which all replicas learn from, or one for each replica, which then
/// lie one behind the other.
class TrainingTable {
 public:
  /// Throws DataError where the tables are not `rows` rows each, are not as many as said, a number is not
  /// finite, or the configuration is of records. `replicas` 1: one for all.
  TrainingTable(const Queue& queue, const GanConfig& config, std::span<const NumberRows> tables,
                std::int64_t rows, int replicas);
  /// Of records that have one coding: the same cumulative shares. `conditions`: where the configuration has
  /// some. Throws DataError likewise.
  TrainingTable(const Queue& queue, const GanConfig& config, std::span<const CodedRows> tables,
                const ConditionTables* conditions, int replicas);

  /// Of images, which the discriminator sees as numbers from -1 to 1. Throws DataError where they are not
  /// `count` of the configuration's shape, or it has none; where it is by class and `classes` are not one of
  /// its classes for each image; or where it is not, and there are any.
  TrainingTable(const Queue& queue, const GanConfig& config, ImageBytes images, std::int64_t count,
                ImageClasses classes);

  /// From now on a step reads these.
  void show_to(StepMemory& memory) const;
  bool of_each() const { return own_; }
  /// What may spoil a training on it, a line each: columns that are not standardised.
  const std::vector<std::string>& warnings() const { return warnings_; }
  /// Rows of the replica's table, or some of them where there are many, as the discriminator sees them.
  NumberRows seen_by(int replica) const { return seen_[own_ ? static_cast<std::size_t>(replica) : 0]; }
  /// seen_by() is needed no more.
  void forget_seen() {
    seen_.clear();
    encoded_.clear();
  }

 private:
  void see(const Queue& queue, const GanConfig& config, std::span<const CodedRows> tables);

  std::int64_t rows_ = 0;
  bool own_ = false;
  std::vector<std::string> warnings_;
  Buffer<float> table_;
  Buffer<std::uint8_t> bytes_;
  Buffer<std::int32_t> classes_;
  Buffer<std::uint16_t> codes_;
  Buffer<std::uint32_t> ranks_;
  Buffer<float> cumulative_;
  std::int64_t cumulative_size_ = 0;
  std::optional<TrainingConditions> conditions_;
  std::vector<NumberRows> seen_;
  std::vector<std::vector<float>> encoded_;
};

}  // namespace agon
