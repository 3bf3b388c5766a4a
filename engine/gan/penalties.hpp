// Penalties on the discriminator's slope.
#pragma once

#include "engine/gan/step.hpp"

namespace agon {

/// What a gradient penalty between or around the real rows is taken at.
void mix_rows(Program& program, const StepMemory& memory, const Turn& turn);

/// D's gradient of its loss and of the penalties, which share one sweep back. `dlogits` is the loss's by
/// judged.y().
///
/// Pearlmutter's trick instead of a tape ("Fast exact multiplication by the Hessian", 1994). Of a row to be
/// penalised the logit itself goes back, so that each layer's delta is the logit's gradient by that layer's
/// output, and at the end stands g, its gradient by the row. The loss's share in a weight gradient is then
/// (dL/dlogit) delta^T a. The penalty p's, v = dp/dg taken forward through the same layers as a tangent t, is
/// delta^T t, for D is piecewise linear. So one product gives both: delta^T ((dL/dlogit) a + t).
void backward_with_penalties(Program& program, const StepMemory& memory, const Turn& turn,
                             const Trace& judged, Rows dlogits, const Gradients& wanted);

/// D's rows in a batch at which a penalty is taken.
std::int64_t penalised_rows(const GanConfig& config);

}  // namespace agon
