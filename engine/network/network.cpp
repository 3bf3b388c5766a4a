#include "engine/network/network.hpp"

#include <cmath>

#include "kernels/random.hpp"

namespace agon {
namespace {

constexpr std::int64_t kTensorAlignment = 16;  // elements: one cache line, one AVX-512 register

std::int64_t align(std::int64_t size) {
  return (size + kTensorAlignment - 1) / kTensorAlignment * kTensorAlignment;
}

}  // namespace

std::int64_t NetworkSpec::parameter_count() const {
  std::int64_t count = 0;
  for (std::size_t l = 0; l + 1 < widths.size(); ++l) count += (widths[l] + 1) * widths[l + 1];
  return count;
}

std::int64_t NetworkSpec::multiply_adds() const {
  std::int64_t count = 0;
  for (std::size_t l = 0; l + 1 < widths.size(); ++l) count += widths[l] * widths[l + 1];
  return count;
}

Network::Network(std::string name, NetworkSpec spec) : name_(std::move(name)), spec_(std::move(spec)) {
  const auto add = [&](std::string tensor, std::vector<std::int64_t> shape, std::int64_t size) {
    tensors_.push_back({name_ + "." + std::move(tensor), std::move(shape), flat_.size, size});
    flat_.size += align(size);
  };
  for (std::size_t l = 0; l + 1 < spec_.widths.size(); ++l) {
    const std::int64_t in = spec_.widths[l], out = spec_.widths[l + 1];
    add(std::to_string(l) + ".weight", {out, in}, out * in);
    add(std::to_string(l) + ".bias", {out}, out);
  }
}

Activations Network::rows_from(const Activations& activations, std::int64_t first) const {
  Activations rest;
  for (std::size_t l = 0; l < activations.output.size(); ++l)
    rest.output.push_back(activations.output[l] + first * spec_.widths[l + 1]);
  return rest;
}

void Network::initialise(const Queue& queue, std::uint64_t seed, std::uint64_t stream_index) const {
  Buffer<std::uint64_t> counter(queue.device(), 1);
  for (std::size_t t = 0; t < tensors_.size(); ++t) {
    const std::uint64_t index = stream_index << 32 | t;
    queue.upload(counter.data(), std::span(&index, 1));
    const auto bound = static_cast<float>(1.0 / std::sqrt(static_cast<double>(spec_.widths[t / 2])));
    kernels::uniform_fill(queue, {.n = tensors_[t].size,
                                  .out = flat_.value + tensors_[t].offset,
                                  .low = -bound,
                                  .high = bound,
                                  .random = {seed, kernels::RandomPurpose::initialisation, counter.data()}});
    queue.wait();
  }
}

void Network::forward(QueueView queue, const float* x, std::int64_t rows, const Activations& activations,
                      kernels::Precision precision) const {
  const std::size_t layers = activations.output.size();
  for (std::size_t l = 0; l < layers; ++l)
    kernels::linear_forward(queue, {.shape = {rows, spec_.widths[l], spec_.widths[l + 1]},
                                    .x = l == 0 ? x : activations.output[l - 1],
                                    .weight = flat_.value + weight(l).offset,
                                    .bias = flat_.value + bias(l).offset,
                                    .y = activations.output[l],
                                    .slope = l + 1 == layers ? 1.0f : spec_.slope,
                                    .precision = precision});
}

void Network::backward(QueueView queue, const Backward& sweep, kernels::Precision precision) const {
  const float* dz = sweep.doutput;
  for (std::size_t l = sweep.activations->output.size(); l-- > 0;) {
    float* dx = l == 0 ? sweep.dx : sweep.scratch[l % 2];
    if (dx || sweep.parameters)
      kernels::linear_backward(queue,
                               {.shape = {sweep.rows, spec_.widths[l], spec_.widths[l + 1]},
                                .x = l == 0 ? sweep.x : sweep.activations->output[l - 1],
                                .weight = flat_.value + weight(l).offset,
                                .dz = dz,
                                .dx = dx,
                                .dweight = sweep.parameters ? flat_.gradient + weight(l).offset : nullptr,
                                .dbias = sweep.parameters ? flat_.gradient + bias(l).offset : nullptr,
                                .input_slope = l == 0 ? 1.0f : spec_.slope,
                                .precision = precision});
    dz = dx;
  }
}

}  // namespace agon
