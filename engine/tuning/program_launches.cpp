#include "engine/tuning/program_launches.hpp"

#include <algorithm>
#include <optional>

#include "kernels/convolution.hpp"
#include "kernels/linear.hpp"
#include "kernels/linear_tangent.hpp"
#include "kernels/step.hpp"

namespace agon {
namespace {

using kernels::ConvolutionBackward;
using kernels::ConvolutionForward;
using kernels::ConvolutionTangent;
using kernels::LinearBackward;
using kernels::LinearBackwardBeside;
using kernels::LinearForward;
using kernels::LinearTangent;
using kernels::StepEndBeside;

bool computes_one(const ConvolutionBackward& op) { return (op.dx == nullptr) != (op.dweight == nullptr); }

/// Calls `use` with the layers of a launch, and returns the operation with what `use` has made of
/// them; nothing where the operation is no such launch.
template <class Use>
std::optional<Operation> with_layers(const Operation& operation, const Use& use) {
  if (const auto* const op = operation.as<LinearForward>())
    return Operation::of<kernels::linear_forward>(use(*op));
  if (const auto* const op = operation.as<LinearTangent>())
    return Operation::of<kernels::linear_tangent>(use(*op));
  if (const auto* const op = operation.as<LinearBackward>())
    return Operation::of<kernels::linear_backward>(use(LinearBackwardBeside{*op, {}}).op);
  if (const auto* const op = operation.as<LinearBackwardBeside>())
    return Operation::of<kernels::linear_backward_beside>(use(*op));
  if (const auto* const op = operation.as<StepEndBeside>())
    return Operation::of<kernels::step_end_beside>({op->end, use(op->gradients)});
  if (const auto* const op = operation.as<ConvolutionForward>())
    return Operation::of<kernels::convolution_forward>(use(*op));
  if (const auto* const op = operation.as<ConvolutionTangent>())
    return Operation::of<kernels::convolution_tangent>(use(*op));
  if (const auto* const op = operation.as<ConvolutionBackward>(); op != nullptr && computes_one(*op))
    return Operation::of<kernels::convolution_backward>(use(*op));
  return {};
}

LayerLaunch launch_of(const LinearBackwardBeside& both, int replicas) {
  return agon::launch_of(both.op, both.beside, replicas);
}

struct Choose {
  const LayerPlan& plan;
  int replicas;

  template <class Layer>
  Layer operator()(Layer op) const {
    plan.choose(op, replicas);
    return op;
  }
  LinearBackwardBeside operator()(LinearBackwardBeside both) const {
    plan.choose(both.op, both.beside, replicas);
    return both;
  }
};

}  // namespace

std::vector<LayerLaunch> launches_of(const Program& program, int replicas) {
  std::vector<LayerLaunch> launches;
  for (const Operation& operation : program.operations())
    with_layers(operation, [&](const auto& op) {
      const LayerLaunch launch = launch_of(op, replicas);
      if (std::ranges::find(launches, launch) == launches.end()) launches.push_back(launch);
      return op;
    });
  return launches;
}

Program with_algorithms(const Program& program, const LayerPlan& plan, int replicas) {
  std::vector<Operation> operations;
  for (const Operation& operation : program.operations())
    operations.push_back(with_layers(operation, Choose{plan, replicas}).value_or(operation));
  return program.with(std::move(operations));
}

}  // namespace agon
