#include "host/cli/plan_table.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engine/tuning/tuning_cache.hpp"
#include "host/cli/describe.hpp"

namespace agon::host {

std::string as_text(const PlanTable& table) {
  std::string text = labelled("plan for", table.identity) + labelled("times", table.note);
  for (const PlanTable::Row& row : table.rows) {
    text += fmt::format("\n{}\n", to_string(row.launch.launch));
    for (const TimedLaunch::Candidate& one : row.launch.candidates) {
      const std::string algorithm = to_string(one.choices);
      text += fmt::format("  {} {:34}", algorithm == row.chosen ? '*' : ' ', algorithm);
      if (!one.left_out.empty())
        text += fmt::format(" left out: {}\n", one.left_out);
      else
        text += table.timed ? fmt::format(" {:9.2f} us\n", one.microseconds) : "\n";
    }
  }
  return text;
}

std::string as_json(const PlanTable& table) {
  using nlohmann::ordered_json;
  TuningCache cache;
  ordered_json launches = ordered_json::array();
  for (const PlanTable::Row& row : table.rows) {
    const std::string name = to_string(row.launch.launch);
    cache.devices[table.identity][name] = row.chosen;
    ordered_json algorithms = ordered_json::array();
    for (const TimedLaunch::Candidate& one : row.launch.candidates) {
      algorithms.push_back({{"choice", to_string(one.choices)}});
      const bool timed = table.timed && one.left_out.empty();
      algorithms.back()["microseconds"] = timed ? ordered_json(one.microseconds) : ordered_json(nullptr);
      if (!one.left_out.empty()) algorithms.back()["left_out"] = one.left_out;
    }
    launches.push_back({{"launch", name}, {"chosen", row.chosen}, {"algorithms", std::move(algorithms)}});
  }
  ordered_json all = ordered_json::parse(cache.json());
  all["note"] = table.note;
  all["timed"] = table.timed;
  all["launches"] = std::move(launches);
  return all.dump(2) + "\n";
}

}  // namespace agon::host
