// The columns of a time and of the event that it ends with.
#pragma once

#include <cstdint>
#include <string>

#include "host/evaluate/survival/kaplan_meier.hpp"
#include "host/evaluate/tables/compared_tables.hpp"

namespace agon::host {

struct SurvivalColumns {
  std::int32_t time = 0, event = 0;
  std::int32_t level = -1;  ///< of the event column: the event; -1 where it is a number
  double number = 0;        ///< the event, where it is one
  std::string event_name;   ///< "death = 1", not fit for a terminal
};

/// `event`: "COLUMN=VALUE", or a column that has two values in the real table of which one speaks for itself:
/// the greater number, TRUE, yes. Throws ConfigurationError where there are no such columns, or it is not
/// said which value is the event, and DataError where a time of the real table is below 0.
SurvivalColumns find_survival(const ComparedTables& tables, const std::string& time,
                              const std::string& event);

/// A table's rows as people.
struct FollowedRows {
  FollowUp people;
  std::int64_t without = 0;   ///< rows left out: without a time, or without a value of the event that is real
  std::int64_t negative = 0;  ///< rows left out: a time below 0
};
FollowedRows followed_rows(const SurvivalColumns& columns, const ComparedTables& tables,
                           const RecordSet& records);

}  // namespace agon::host
