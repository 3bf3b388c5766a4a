// Survival curves of several tables over each other.
#pragma once

#include <string>

#include "host/evaluate/survival/survival.hpp"

namespace agon::host {

/// Steps on a grid of round times, with bands; below them how many are still followed. An svg element 640
/// wide that an HTML page can hold.
std::string survival_chart_svg(const Survival& survival);

}  // namespace agon::host
