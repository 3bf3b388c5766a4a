// Whether people of a synthetic table live as long as those of the real one, or reach any other event.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "host/evaluate/figure.hpp"
#include "host/evaluate/survival/survival_columns.hpp"
#include "host/evaluate/tables/compared_tables.hpp"

namespace agon::host {

struct SurvivalOptions {
  std::uint64_t seed = 1;
  int draws = 20;  ///< of the floor
};

/// A place of a curve: a round time, at which at least five of the table's people are still followed.
struct CurvePoint {
  double time = 0;
  double survival = 0;
  Interval band;  ///< 95%
  std::int64_t at_risk = 0;
};

/// One table's people. Shows no one's own time: median, mean and curve are undefined where one to four had
/// the event.
struct SurvivalGroup {
  std::int64_t people = 0, events = 0;
  std::int64_t without = 0, negative = 0;  ///< as FollowedRows
  double median = 0;  ///< survival, rounded as ends of ranges are; NaN where half are left at the horizon
  double restricted_mean = 0;  ///< survival up to the horizon
  std::vector<CurvePoint> curve;
};

struct Survival {
  std::string time, event;  ///< the column; "death = 1"
  double horizon = 0;       ///< round: five people of each table are followed up to it; 0: too few to compare
  SurvivalGroup real, synthetic;
  std::optional<SurvivalGroup> held_out;
  Figure distance;         ///< the largest between the curves of synthetic and real rows, up to the horizon
  Figure mean_difference;  ///< restricted mean of synthetic rows, less that of real ones
  Figure log_rank;         ///< the test's p-value, of all times
};

/// The floor is of real rows against real rows, as Figure says. Figures are NaN without a horizon.
Survival measure_survival(const ComparedTables& tables, const SurvivalColumns& columns,
                          const SurvivalOptions& options = {});

nlohmann::ordered_json to_json(const Survival& survival);
std::string to_text(const Survival& survival);

/// "<5" of one to four.
std::string events_text(std::int64_t events);
/// "12", "12.5": a time with six digits.
std::string time_text(double time);
/// The same of a median; "not reached" of one that is undefined.
std::string median_text(double median);

}  // namespace agon::host
