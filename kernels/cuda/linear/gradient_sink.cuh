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

  /// What put() reads of an element: it may be read long before, while products are on their way.
  struct Element {
    float gradient, parameter, moment1, moment2, average;
  };
  __device__ __forceinline__ Element read(std::int64_t i) const {
    Element there{};
    if (accumulate) there.gradient = to[i];
    if (!update) return there;
    there.parameter = parameter[i];
    there.moment1 = moment1[i];
    there.moment2 = moment2[i];
    if (average != nullptr) there.average = average[i];
    return there;
  }

  /// Element i; by one thread.
  __device__ __forceinline__ void put(std::int64_t i, float value, Element there) const {
    if (accumulate) value += there.gradient;
    to[i] = value;
    if (!update) return;
    formula::adam_element(adam, value, there.parameter, there.moment1, there.moment2);
    parameter[i] = there.parameter;
    moment1[i] = there.moment1;
    moment2[i] = there.moment2;
    if (average == nullptr) return;
    formula::average_element(adam, there.parameter, there.average);
    average[i] = there.average;
  }
  __device__ __forceinline__ void put(std::int64_t i, float value) const { put(i, value, read(i)); }
};

}  // namespace agon::kernels::cuda
