// Fidelity: how alike a synthetic table is to the real one, by columns, by pairs of columns and by rules,
// each figure beside what real rows get.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/runtime/device.hpp"
#include "host/evaluate/fidelity/column_figures.hpp"
#include "host/evaluate/fidelity/declared_constraints.hpp"
#include "host/evaluate/fidelity/rules.hpp"
#include "host/evaluate/figure.hpp"
#include "host/evaluate/tables/compared_tables.hpp"

namespace agon::host {

/// How often one mark or sentinel stands among a column's numbers: shares of each table's rows.
struct MarkShare {
  std::string spelling;  ///< empty: of all that fewer than five real rows have
  double real = 0, synthetic = 0, held_out = 0;
};

struct ColumnFidelity {
  Figure score, missing, marked, outside, lost, lost_rows, invented;  ///< as ColumnFigures
  double real_missing = 0, real_marked = 0;
  std::vector<MarkShare> marks;
};

struct PairFidelity {
  std::size_t first = 0, second = 0;
  bool correlated = false;         ///< two numbers: by Pearson's coefficient; else by the contingency table
  Figure similarity;               ///< SDMetrics'
  Figure by_tenths;                ///< of the contingency table with numbers in tenths of the real table
  double real = 0, synthetic = 0;  ///< Pearson's coefficient, or Cramer's V; NaN where undefined
  bool related = false;            ///< that of the real table is above SDMetrics' thresholds
};

/// SDMetrics' quality score: the mean of the columns' mean score and the pairs' mean similarity.
struct QualityFidelity {
  Figure shapes;          ///< mean over the columns
  Figure trends;          ///< mean over all pairs; NaN where there are none
  Figure related_trends;  ///< mean over related pairs; NaN where there are none
  Figure by_tenths;       ///< mean of PairFidelity::by_tenths; not SDMetrics'
  Figure score;           ///< as SDMetrics had it before 0.27: of all pairs
  Figure related_score;   ///< as SDMetrics has it from 0.27 on: of related pairs
};

struct RuleFidelity {
  RecordRule rule;
  double broken = 0;    ///< share of synthetic rows
  double held_out = 0;  ///< of held-out rows; NaN where there are none
};

/// A constraint of the schema: shares of rows that break it.
struct ConstraintFidelity {
  std::string text;
  double real = 0, broken = 0;  ///< broken: of synthetic rows
  double held_out = 0;          ///< NaN where there are none
};

struct Fidelity {
  QualityFidelity quality;
  std::vector<ColumnFidelity> columns;  ///< as ComparedTables::columns
  std::vector<PairFidelity> pairs;      ///< in the columns' order
  std::vector<RuleFidelity> rules;
  std::vector<ConstraintFidelity> constraints;
  /// Shares of rows that break any rule, or any constraint that all real rows keep.
  double rule_breakers = 0, held_out_rule_breakers = 0;
  int draws = 0;  ///< of the floor
};

struct FidelityOptions {
  std::vector<RecordRule> rules;  ///< that may hold; those that a real row breaks are left out
  std::vector<DeclaredConstraint> constraints{};
  std::uint64_t seed = 1;
  int draws = 20;
};

/// A column that the synthetic table lacks scores 0, and so does each of its pairs; it breaks its rules in
/// every row. Where SDMetrics leaves a pair out since the synthetic column is constant, the pair scores 0.
/// The same figures for any number of threads.
Fidelity measure_fidelity(const ComparedTables& tables, const FidelityOptions& options, const Device& device);

/// SDMetrics' defaults, from 0.27 on.
inline constexpr double kRelatedCorrelation = 0.5, kRelatedAssociation = 0.3;

}  // namespace agon::host
