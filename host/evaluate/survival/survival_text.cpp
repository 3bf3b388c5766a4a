// Survival as JSON and as text.
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "host/evaluate/models/told_shares.hpp"
#include "host/evaluate/survival/survival.hpp"
#include "host/evaluate/text_grid.hpp"
#include "host/table/text.hpp"

namespace agon::host {
namespace {

using nlohmann::ordered_json;

bool is_few(std::int64_t events) { return events > 0 && events < ToldShares::kFewestRows; }

ordered_json group_json(const SurvivalGroup& group) {
  ordered_json json{{"people", group.people},
                    {"events", is_few(group.events) ? ordered_json(nullptr) : ordered_json(group.events)},
                    {"without_time_or_event", group.without},
                    {"time_below_0", group.negative},
                    {"median", group.median},
                    {"restricted_mean", group.restricted_mean}};
  ordered_json& curve = json["curve"] = ordered_json::array();
  for (const CurvePoint& point : group.curve)
    curve.push_back({{"time", point.time},
                     {"survival", point.survival},
                     {"low", point.band.low},
                     {"high", point.band.high},
                     {"at_risk", point.at_risk}});
  return json;
}

void add_group(TextGrid& grid, const char* name, const SurvivalGroup& group) {
  std::string left_out;
  if (group.without > 0) left_out = fmt::format("{} without a time or an event left out", group.without);
  if (group.negative > 0)
    left_out +=
        fmt::format("{}{} with a time below 0 left out", left_out.empty() ? "" : ", ", group.negative);
  grid.add({name, std::to_string(group.people), events_text(group.events), median_text(group.median),
            time_text(group.restricted_mean), left_out});
}

void add_survival_figure(TextGrid& grid, const char* name, const Figure& figure, bool held_out) {
  std::vector<std::string> cells{name, fmt::format("{:.4g}", figure.value),
                                 fmt::format("{:.4g}", figure.median),
                                 fmt::format("{:.4g} to {:.4g}", figure.low, figure.high)};
  if (held_out) cells.push_back(std::isnan(figure.held_out) ? "-" : fmt::format("{:.4g}", figure.held_out));
  grid.add(std::move(cells));
}

}  // namespace

std::string events_text(std::int64_t events) { return is_few(events) ? "<5" : std::to_string(events); }
std::string time_text(double time) { return std::isnan(time) ? "-" : fmt::format("{:.6g}", time); }
std::string median_text(double median) { return std::isnan(median) ? "not reached" : time_text(median); }

ordered_json to_json(const Survival& survival) {
  return {{"time", survival.time},
          {"event", survival.event},
          {"horizon", survival.horizon},
          {"largest_distance", figure_json(survival.distance)},
          {"restricted_mean_difference", figure_json(survival.mean_difference)},
          {"log_rank_p", figure_json(survival.log_rank)},
          {"real", group_json(survival.real)},
          {"synthetic", group_json(survival.synthetic)},
          {"held_out", survival.held_out ? group_json(*survival.held_out) : ordered_json(nullptr)}};
}

std::string to_text(const Survival& survival) {
  std::string text = fmt::format("Do its people fare as real ones do? {} until {} (Kaplan-Meier)\n",
                                 in_quotes(survival.time), in_quotes(survival.event));
  TextGrid groups(4);
  groups.add({"", "people", "events", "median", fmt::format("mean to {}", time_text(survival.horizon))});
  add_group(groups, "  real", survival.real);
  add_group(groups, "  synthetic", survival.synthetic);
  if (survival.held_out) add_group(groups, "  held-out", *survival.held_out);
  text += groups.text();
  if (survival.horizon <= 0)
    return text + "  nothing can be said: too few people have a time and the event\n";
  const bool held_out = survival.held_out.has_value();
  TextGrid figures(held_out ? 4 : 3);
  std::vector<std::string> titles{"", "synthetic", "floor", "5% to 95%"};
  if (held_out) titles.push_back("held-out");
  figures.add(std::move(titles));
  add_survival_figure(figures, "  largest distance of the curves", survival.distance, held_out);
  add_survival_figure(figures, "  mean, less the real rows'", survival.mean_difference, held_out);
  add_survival_figure(figures, "  log-rank test, p", survival.log_rank, held_out);
  return text + figures.text();
}

}  // namespace agon::host
