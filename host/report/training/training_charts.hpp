// Which charts a run's page has, and what each of them means.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/gan/config.hpp"
#include "host/report/chart.hpp"
#include "host/run/run_columns.hpp"

namespace agon::host {

struct TrainingChart {
  std::string svg;      ///< chart_svg()
  std::string caption;  ///< in plain words, how it looks in a healthy run
  bool thinned;         ///< is_thinned()
};

/// Losses, D's outputs, norms of gradients, saturation, spread, held-out scores and learning rates, as far as
/// `shown` has figures for them; learning rates where they move. The same of `others` lies behind.
std::vector<TrainingChart> training_charts(const GanConfig& config, const RunColumns& shown,
                                           std::span<const RunColumns* const> others);

/// What the players of the objective do, in words.
std::string objective_in_words(Objective objective);

}  // namespace agon::host
