// Where in the table synthetic rows are too many or too few: regions in words.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "host/evaluate/models/two_tables.hpp"
#include "host/evaluate/tables/compared_tables.hpp"

namespace agon::host {

struct RegionOptions {
  int depth = 3;                  ///< conditions of a region, at most
  double fewest_share = 0.01;     ///< of a table's rows that a region must hold
  std::int64_t fewest_real = 50;  ///< real rows that it must hold, or none at all
  double chance = 0.01;           ///< how unlikely chance must make any of the regions that are told
  std::function<std::string(std::int64_t column, double value)> spell{};
};

/// Rows that fulfil up to `depth` conditions.
struct Region {
  std::string words;                           ///< "sex 'F' and age 81 or more"
  double real_share = 0, synthetic_share = 0;  ///< of the rows that the tree has not learnt from
  double p = 0;  ///< how often chance makes any region of the tree differ as much (Bonferroni)
};

struct Regions {
  std::int64_t real_rows = 0, synthetic_rows = 0;  ///< that the shares are of
  std::int64_t leaves = 0;                         ///< regions that were judged
  std::vector<Region> worst;                       ///< those beyond chance, the most different first
};

/// A shallow decision tree of the columns `which` learns from the rows outside of the first fold where shares
/// of both tables differ most, looking two splits ahead, and each of its leaves is judged by the rows of that
/// fold. Conditions are of round ends of ranges and of levels that five or more real rows have; a leaf with 1
/// to 4 real rows is not told. Empty without folds.
Regions find_regions(const ComparedTables& tables, const TwoTables& pair,
                     const std::vector<std::size_t>& which, const RegionOptions& options = {});

nlohmann::ordered_json to_json(const Regions& regions);
std::string to_text(const Regions& regions);

}  // namespace agon::host
