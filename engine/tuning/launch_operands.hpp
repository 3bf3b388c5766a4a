// A launch of layers by itself, on memory of its own: what is timed when a plan is made.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/runtime/arena.hpp"
#include "engine/runtime/queue.hpp"
#include "engine/tuning/layer_plan.hpp"
#include "kernels/adam.hpp"
#include "kernels/convolution.hpp"
#include "kernels/linear.hpp"
#include "kernels/linear_tangent.hpp"

namespace agon {

/// What a launch left in memory of a product's.
struct LayerOutcome {
  LayerProduct product;
  std::vector<float> values;  ///< y, a tangent's activation, dx, or dweight with dbias behind it; of one
                              ///< replica after the other
};

/// Operands are numbers of [-1, 1), the first row of x zeroes (where a LeakyReLU's derivative is its slope);
/// an update's rate is 0, so that repetitions leave the parameters as they were.
class LaunchOperands {
 public:
  /// `queue` has workspace for the launch's replicas, and outlives this. Throws DeviceError.
  LaunchOperands(const Queue& queue, const LayerLaunch& launch);

  const LayerLaunch& launch() const { return launch_; }
  const Device& device() const { return queue_.device(); }
  /// For the launch's replicas.
  QueueView queue() const;
  /// The algorithms there are, the estimate's first. Of two products those that make one launch of them; to
  /// these the tuner adds the best of each alone.
  std::vector<kernels::LayerChoices> candidates() const;
  /// Enqueues it, computed so.
  void enqueue(QueueView queue, const kernels::LayerChoices& choices) const;
  /// Overwrites what the launch writes by what no product comes to, or, where it reads what is there first,
  /// by numbers of [-1, 1), the same every time. Enqueued.
  void forget() const;
  /// What the last launch computed; waits for it.
  std::vector<LayerOutcome> outcomes() const;
  /// Of all replicas.
  double multiply_adds() const;

 private:
  struct Operands {
    float *x = nullptr, *weight = nullptr, *bias = nullptr, *z = nullptr, *dx = nullptr;
    float *activation = nullptr, *row_weight = nullptr;  // of a tangent; of that and a weighted gradient
    float* flat[4] = {};                                 // parameter, gradient and moments of weight and bias
    kernels::AdamState* state = nullptr;
  };
  /// What a product's operands come to in floats.
  struct Sizes {
    std::int64_t batch, in, out;  ///< rows, and what one has
    std::int64_t weights, biases;

    explicit Sizes(const LayerProduct& product);
    std::int64_t parameters() const { return weights + biases; }
  };
  void lay_out(Memory& memory);
  void fill();
  /// `n` numbers of [low, high) from `first` on, in every replica.
  void fill(float* first, std::int64_t n, float low, float high) const;
  struct Output {
    const LayerProduct& product;
    float* values;
    std::int64_t n;
    bool reads;  // what is there
  };
  static void add_outputs(const LayerProduct& product, const Operands& memory, std::vector<Output>& list);
  std::vector<Output> outputs() const;
  /// The operations of a linear layer or a convolution of that shape.
  template <class Operation, class Shape>
  Operation forward(const Shape& shape) const;
  template <class Operation, class Shape>
  Operation tangent(const Shape& shape) const;
  template <class Operation, class Shape>
  static Operation backward(const Shape& shape, const LayerProduct& product, const Operands& memory);
  static kernels::LinearBackward linear_backward(const LayerProduct& product, const Operands& memory);
  kernels::LinearBackward beside() const;
  /// use(the operation of the launch's first product).
  template <class Use>
  auto with_operation(const Use& use) const;

  const Queue& queue_;
  LayerLaunch launch_;
  Operands memory_[2];
  std::int64_t stride_ = 0;
  Arena arena_;
  Buffer<std::uint64_t> counter_;
};

}  // namespace agon
