// What makes a program's operations fewer: each pass is a function of its own, and can be left out.
#pragma once

#include <span>
#include <string_view>

#include "engine/program/program.hpp"

namespace agon {

/// LeakyReLU, or its derivative on the way back or along a tangent, is applied as the layer before it leaves
/// the registers: kernels/linear.hpp, norm.hpp, linear_tangent.hpp.
Program activation_with_layer(const Program& program);

/// A layer with one output, the objective of that, and its way back: kernels/logit_loss.hpp.
Program loss_with_layer(const Program& program);

/// A layer's sweeps over rows that follow each other in memory become one over all of them, as do noise and
/// rows that are drawn for them: the generator makes the fakes of both players at once.
Program merge_sweeps(const Program& program);

/// Rows that are copied, and then added to or multiplied by a derivative, are read where they were: a block's
/// skip, and a gradient that goes two ways.
Program copy_with_next(const Program& program);

/// The noise and the rows of a phase's first batch are drawn as the phase begins: kernels/step.hpp,
/// StepBegin.
Program draw_with_begin(const Program& program);

/// An optimiser's step over a whole network becomes one over each layer's parameters, right behind the
/// layer's gradient: nobody reads the weights in between. Left alone where somebody does (gradients are
/// clipped, or transformed first), or where a layer's gradients would otherwise share a launch and no longer
/// could.
Program update_by_layer(const Program& program);

/// A weight gradient and the optimiser's step on it: kernels/linear.hpp, LinearBackward::update.
Program update_with_gradient(const Program& program);

/// Two layers in a row with few columns between them: kernels/linear_pair.hpp.
Program pair_layers(const Program& program);

/// A gradient and the next one, where they know nothing of each other and nothing in between stands in the
/// way: kernels/linear.hpp, LinearBackwardBeside.
Program gradients_beside(const Program& program);

/// The step's end beside its last gradients: kernels/step.hpp, StepEndBeside.
Program end_beside(const Program& program);

struct Pass {
  std::string_view name;
  std::string_view what;  ///< one line for users
  Program (*apply)(const Program& program);
  bool on_processor = false;  ///< worth it there, too: the others save launches, which cost nothing there
};

/// All, in the order in which they are applied.
std::span<const Pass> all_passes();

/// Throws ConfigurationError, which lists the names, where `passes` is not "all", "none", or some of them
/// with commas between.
void check_passes(std::string_view passes);

/// `program` after these passes; "all" are those that are worth it on a device of that kind.
Program fused(Program program, DeviceKind device, std::string_view passes = "all");

}  // namespace agon
