// How often a column's values occur in each table, for a chart that shows no single person.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/evaluate/tables/compared_tables.hpp"
#include "host/table/round_bounds.hpp"

namespace agon::host {

/// Shares of a table's rows. A real share that 1 to 4 rows stand behind is 0.
struct Bar {
  double real = 0, synthetic = 0;
  std::string label;  ///< of a level; empty of a range of numbers
};

struct Marginal {
  /// Of numbers: bar i is of values from edges[i] to below edges[i + 1]; the first and the last take in all
  /// that lies beyond. Edges are round, or whole numbers, and at least five real rows lie in or beyond each
  /// end. Empty where the bars are levels.
  std::vector<double> edges;
  std::vector<Bar> bars;                         ///< levels: the commonest first, then "other"
  double real_none = 0, synthetic_none = 0;      ///< cells without a value
  double real_marked = 0, synthetic_marked = 0;  ///< of a column of numbers: marks and sentinels
};

/// Some 24 ranges, or at most 12 levels and the rest.
Marginal marginal_of(const ComparedColumn& column, const ComparedCells& real, const ComparedCells& synthetic);

}  // namespace agon::host
