// Where a finished gradient goes: to memory, on top of what is there, and through Adam, by what the operation
// asks.
#pragma once

#include "kernels/cuda/device/device.cuh"
#include "kernels/formula/adam.hpp"
#include "kernels/linear.hpp"

namespace agon::kernels::cuda {

struct GradientSink {
  float* to;
  bool accumulate = false;
  bool update = false;
  float* parameter = nullptr;
  float* moment1 = nullptr;
  float* moment2 = nullptr;
  float* average = nullptr;
  formula::AdamCoefficients adam{};

  /// A piece of a sum: only to memory.
  explicit __device__ __forceinline__ GradientSink(float* partial) : to(partial) {}

  /// `gradient` is op.dweight or op.dbias.
  __device__ __forceinline__ GradientSink(const LinearBackward& op, float* gradient)
      : to(gradient), accumulate(op.accumulate), update(op.update.state != nullptr) {
    if (!update) return;
    const std::ptrdiff_t first = gradient - op.update.gradient;
    parameter = op.update.parameter + first;
    moment1 = op.update.moment1 + first;
    moment2 = op.update.moment2 + first;
    if (op.update.average != nullptr) average = op.update.average + first;
    adam = formula::adam_coefficients(*op.update.state);
  }

  /// Element i; by one thread.
  __device__ __forceinline__ void put(std::int64_t i, float value) const {
    if (accumulate) value += to[i];
    to[i] = value;
    if (!update) return;
    formula::adam_element(adam, value, parameter[i], moment1[i], moment2[i]);
    if (average != nullptr) formula::average_element(adam, parameter[i], average[i]);
  }
};

}  // namespace agon::kernels::cuda
