// The course of a training run as a picture.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "kernels/objective.hpp"
#include "kernels/step.hpp"

namespace agon::host {

/// A standalone SVG document of two panels over the steps: the losses of both networks; mean D(real) and mean
/// D(fake), as probabilities with the equilibrium at one half, or as logits where the objective reads these.
/// Steps ascend. With many steps each line is the mean over a pixel's steps, with a band from the least to
/// the largest. Values that are not finite are left out; no steps at all give empty axes.
std::string loss_curve_svg(std::span<const kernels::StepStatistics> steps, std::string_view title,
                           kernels::Objective objective);

}  // namespace agon::host
