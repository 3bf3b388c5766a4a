// Makes a plan: times the algorithms in which a device can compute each launch, and keeps the best.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/runtime/device.hpp"
#include "engine/tuning/algorithm_check.hpp"
#include "engine/tuning/launch_operands.hpp"
#include "engine/tuning/layer_plan.hpp"

namespace agon {

/// Microseconds of a launch, computed so. A parameter of what follows, so that tests can bring a clock.
using LayerTimer =
    std::function<double(const LaunchOperands& operands, const kernels::LayerChoices& choices)>;

/// The device's: up to 32 repetitions in a graph, as a step would have them, the median of five launches
/// behind a first that does not count.
LayerTimer graph_timer();
/// Whether a device can be timed with it: CUDA devices other than the simulated one.
bool can_be_timed(const Device& device);

struct TimedLaunch {
  struct Candidate {
    kernels::LayerChoices choices;
    double microseconds = 0;
    std::string left_out{};  ///< why it was not timed: its results are wrong, or a library refused; or empty
  };
  LayerLaunch launch;
  std::vector<Candidate> candidates;  ///< the estimate's first, then our kernels, then the libraries'
  std::size_t best = 0;

  const kernels::LayerChoices& choices() const { return candidates[best].choices; }
};

/// The first candidate within 3% of the fastest, of those that were timed: a tie goes to the estimate's, then
/// to ours, whatever the noise says.
std::size_t best_of(const std::vector<TimedLaunch::Candidate>& candidates);

/// Every algorithm there is, checked against one of our kernels' before it is timed. Two products that are
/// enqueued together are timed so, as one launch on shared tiles, and as the best of each alone, one behind
/// the other where their tiles differ.
TimedLaunch time_launch(const Queue& queue, const LayerLaunch& launch, const LayerTimer& timer,
                        const LayerRun& run = plain_run());

/// Choices by to_string(LayerLaunch), as text: what is stored.
using PlanTexts = std::map<std::string, std::string>;
PlanTexts to_texts(const LayerPlan& plan);

struct Tuned {
  LayerPlan plan;                  ///< of all launches
  std::vector<TimedLaunch> timed;  ///< those that `known` lacked, or had in words that are no choice
};
/// Takes what is known and times the rest, on a queue of its own. All launches have as many replicas.
/// The processor has one algorithm: its plan is empty.
Tuned tune(const Device& device, const std::vector<LayerLaunch>& launches, const PlanTexts& known,
           const LayerTimer& timer);

/// The estimate's plan, written out, for a CUDA device of so many multiprocessors with cuBLASLt. Needs none.
LayerPlan estimated_plan(const std::vector<LayerLaunch>& launches, int multiprocessors);

}  // namespace agon
