// Attribute inference: who knows all of a patient but one column, what does the synthetic table tell of it?
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/evaluate/distances/distance_rows.hpp"
#include "host/evaluate/rates.hpp"
#include "host/evaluate/tables/compared_tables.hpp"

namespace agon::host {

struct InferenceOptions {
  std::int64_t most_targets = 1'000;     ///< real rows, and as many held-out ones
  std::int64_t most_synthetic = 30'000;  ///< rows to guess from
  double tolerance = 0.05;               ///< of a number: in the real column's standard deviations
  std::uint64_t seed = 1;
};

/// A guess is the cell of the synthetic row that is nearest in all other columns. It is right where the
/// levels are equal, both cells are none, or the numbers differ by no more than the tolerance. `attack` is of
/// real rows; `control` of held-out ones: what can be guessed of people whom the generator never saw. Only
/// the difference is a leak.
struct ColumnInference {
  std::string column;
  Risk risk;

  /// By how much more often the cell is guessed of the learnt, at the least: three standard errors below, since
  /// the worst of many columns is looked at. (The risk divides by what others leave, which can be next to
  /// nothing.) What columns are ordered and judged by.
  double beyond_others() const;
};

struct AttributeInference {
  std::int64_t targets = 0, synthetic = 0;
  std::vector<ColumnInference> columns;  ///< in the table's order; none that is constant in the real table
  std::int64_t worst = -1;               ///< place in `columns` of the greatest beyond_others(); -1: none
};
/// Nothing without held-out rows. Throws DeviceError.
std::optional<AttributeInference> infer_attributes(const Device& device, const ComparedTables& tables,
                                                   const DistanceTables& points,
                                                   const InferenceOptions& options = {});

}  // namespace agon::host
