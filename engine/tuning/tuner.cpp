#include "engine/tuning/tuner.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "engine/runtime/cuda/runtime.hpp"
#include "kernels/convolution_algorithms.hpp"
#include "kernels/error.hpp"
#include "kernels/linear_algorithms.hpp"

namespace agon {

using kernels::LayerBackend;
using kernels::LayerChoice;
using kernels::LayerChoices;
using kernels::LinearBackward;
using kernels::LinearForward;
using kernels::LinearTangent;
using Kind = LayerProduct::Kind;

namespace {

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Enough for the launch of a graph not to count, few where a product is long.
int repetitions(double multiply_adds) {
  constexpr double kRate = 2e13, kLeast = 3e-6, kWanted = 1e-3;  // multiply-adds and seconds, of a large GPU
  return static_cast<int>(std::clamp(kWanted / (kLeast + multiply_adds / kRate), 4.0, 32.0));
}

LayerLaunch alone(const LayerProduct& product, int replicas) {
  return {.first = product, .beside = {}, .replicas = replicas};
}

/// A backward operation of the product whose pointers lead nowhere.
template <class Operation, class Shape>
Operation outline(const LayerProduct& product, const Shape& shape) {
  alignas(16) static float nothing[4];
  Operation op{.shape = shape};
  op.accumulate = product.accumulate;
  op.input_slope = product.leaky ? 0.2f : 1.0f;
  op.precision = product.precision;
  (product.kind == Kind::input_gradient ? op.dx : op.dweight) = nothing;
  if (product.weighted) op.row_weight = nothing;
  return op;
}

LayerChoice estimated_choice(const LayerProduct& p, const kernels::ConvolutionShape& shape,
                             int multiprocessors) {
  switch (p.kind) {
    case Kind::forward:
      return kernels::convolution_estimate(kernels::ConvolutionForward{.shape = shape}, multiprocessors);
    case Kind::tangent:
      return kernels::convolution_estimate(kernels::ConvolutionTangent{.shape = shape}, multiprocessors);
    default:
      return kernels::convolution_estimate(outline<kernels::ConvolutionBackward>(p, shape), multiprocessors);
  }
}

LayerChoices estimated_choices(const LayerLaunch& launch, int multiprocessors) {
  const LayerProduct& p = launch.first;
  if (p.convolution) return {estimated_choice(p, *p.convolution, multiprocessors)};
  const bool library = launch.replicas == 1;
  if (p.kind == Kind::forward) {
    const LinearForward op{.shape = p.shape, .slope = p.leaky ? 0.2f : 1.0f, .precision = p.precision};
    return {kernels::linear_estimate(op, multiprocessors, library)};
  }
  if (p.kind == Kind::tangent) {
    const LinearTangent op{.shape = p.shape, .precision = p.precision};
    return {kernels::linear_estimate(op, multiprocessors, library)};
  }
  const auto linear = [](const LayerProduct& one) { return outline<LinearBackward>(one, one.shape); };
  return kernels::linear_estimate(linear(p), launch.beside ? linear(*launch.beside) : LinearBackward{},
                                  multiprocessors, library);
}

bool is_ours(const LayerChoices& algorithm) {
  const auto ours = [](const LayerChoice& one) {
    return one.by == LayerBackend::own || one == LayerChoice{};
  };
  return algorithm.first.by == LayerBackend::own && ours(algorithm.beside);
}

TimedLaunch::Candidate try_algorithm(const LaunchOperands& operands, const LayerChoices& algorithm,
                                     const AlgorithmCheck& check, const LayerTimer& timer) {
  try {
    if (std::string wrong = check(algorithm); !wrong.empty()) return {algorithm, 0, std::move(wrong)};
    return {algorithm, timer(operands, algorithm), {}};
  } catch (const DeviceError& error) {  // a library lists an algorithm and then refuses to run it
    if (is_ours(algorithm)) throw;
    return {algorithm, 0, error.what()};
  }
}

}  // namespace

LayerTimer graph_timer() {
  return [](const LaunchOperands& operands, const LayerChoices& choices) {
    constexpr int kLaunches = 5;
    const auto body = [&](QueueView queue) { operands.enqueue(queue, choices); };
    body(operands.queue());  // loads what has not run yet
    return median(cuda::time_in_graph(operands.device().index(), operands.queue(), body,
                                      repetitions(operands.multiply_adds()), kLaunches));
  };
}

bool can_be_timed(const Device& device) {
  return device.kind() == DeviceKind::cuda && cuda::has_clock(device.index());
}

std::size_t best_of(const std::vector<TimedLaunch::Candidate>& candidates) {
  constexpr double kNoise = 1.03;
  double least = std::numeric_limits<double>::infinity();
  for (const auto& one : candidates)
    if (one.left_out.empty()) least = std::min(least, one.microseconds);
  const auto first = std::find_if(candidates.begin(), candidates.end(), [&](const auto& one) {
    return one.left_out.empty() && one.microseconds <= kNoise * least;
  });
  return static_cast<std::size_t>(first - candidates.begin());
}

TimedLaunch time_launch(const Queue& queue, const LayerLaunch& launch, const LayerTimer& timer,
                        const LayerRun& run) {
  const LaunchOperands operands(queue, launch);
  std::vector<LayerChoices> algorithms = operands.candidates();
  if (launch.beside) {
    const LayerChoices apart{
        time_launch(queue, alone(launch.first, launch.replicas), timer, run).choices().first,
        time_launch(queue, alone(*launch.beside, launch.replicas), timer, run).choices().first};
    if (std::find(algorithms.begin(), algorithms.end(), apart) == algorithms.end())
      algorithms.push_back(apart);
  }
  const AlgorithmCheck check(operands, *std::find_if(algorithms.begin(), algorithms.end(), is_ours), run);
  TimedLaunch timed{.launch = launch, .candidates = {}};
  for (const LayerChoices& algorithm : algorithms)
    timed.candidates.push_back(try_algorithm(operands, algorithm, check, timer));
  timed.best = best_of(timed.candidates);
  return timed;
}

PlanTexts to_texts(const LayerPlan& plan) {
  PlanTexts texts;
  for (const auto& [launch, choices] : plan.table()) texts[to_string(launch)] = to_string(choices);
  return texts;
}

Tuned tune(const Device& device, const std::vector<LayerLaunch>& launches, const PlanTexts& known,
           const LayerTimer& timer) {
  Tuned result;
  if (device.kind() != DeviceKind::cuda) return result;
  std::optional<Queue> queue;
  for (const LayerLaunch& launch : launches) {
    const auto found = known.find(to_string(launch));
    const auto choices = found == known.end() ? std::nullopt : parse_layer_choices(found->second);
    if (choices) {
      result.plan.set(launch, *choices);
      continue;
    }
    if (!queue) queue.emplace(device, launch.replicas);
    result.timed.push_back(time_launch(*queue, launch, timer));
    result.plan.set(launch, result.timed.back().choices());
  }
  return result;
}

LayerPlan estimated_plan(const std::vector<LayerLaunch>& launches, int multiprocessors) {
  LayerPlan plan;
  for (const LayerLaunch& launch : launches) plan.set(launch, estimated_choices(launch, multiprocessors));
  return plan;
}

}  // namespace agon
