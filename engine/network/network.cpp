#include "engine/network/network.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/random.hpp"

namespace agon {
namespace {

constexpr int kFirstIterations = 15;  // on the first weights, as PyTorch makes them

}  // namespace

Network::Network(std::string name, NetworkSpec spec)
    : name_(std::move(name)), spec_(std::move(spec)), tensors_(parameter_layout(name_, spec_)) {
  flat_.size = tensors_.back().offset + aligned(tensors_.back().size);
}

Activations Network::rows_from(const Activations& activations, std::int64_t first) const {
  Activations rest;
  rest.group = activations.group;
  for (std::size_t l = 0; l < activations.output.size(); ++l) {
    const std::int64_t width = spec_.widths[l + 1];
    rest.output.push_back(activations.output[l] + first * spec_.outputs(l));
    if (l < activations.inner.size()) rest.inner.push_back(activations.inner[l] + first * width);
    if (l >= activations.inverse_deviation.size()) continue;
    rest.inverse_deviation.push_back(activations.inverse_deviation[l] +
                                     (spec_.norm == NormKind::batch ? first / rest.group * width : first));
  }
  return rest;
}

void Network::initialise(const Queue& queue, std::uint64_t seed, std::uint64_t stream_index) const {
  Buffer<std::uint64_t> counter(queue.device(), 1);
  for (std::size_t t = 0; t < tensors_.size(); ++t) {
    const std::size_t layer = t / tensors_of(0);
    if (spec_.normalised(layer) && t != layer * tensors_of(0)) continue;
    const std::uint64_t index = stream_index << 32 | t;
    queue.upload(counter.data(), std::span(&index, 1));
    const auto bound = static_cast<float>(1.0 / std::sqrt(static_cast<double>(spec_.inputs(layer))));
    kernels::uniform_fill(queue, {.n = tensors_[t].size,
                                  .out = flat_.value + tensors_[t].offset,
                                  .low = -bound,
                                  .high = bound,
                                  .random = {seed, kernels::RandomPurpose::initialisation, counter.data()}});
    queue.wait();
  }
  initialise_norms(queue);
  if (flat_.singular != nullptr) initialise_singular(queue, seed, stream_index);
  if (flat_.average != nullptr)
    queue.copy(flat_.average, flat_.value, static_cast<std::size_t>(flat_.size) * sizeof(float));
}

void Network::forward(Program& program, const float* x, std::int64_t rows, const Activations& activations,
                      kernels::Precision precision) const {
  forward(program, x, rows, activations, precision, 0, activations.output.size());
}

void Network::forward(Program& program, const float* x, std::int64_t rows, const Activations& activations,
                      kernels::Precision precision, std::size_t first, std::size_t last,
                      const DroppedRows* dropped) const {
  for (std::size_t l = first; l < last; ++l) {
    const bool block = spec_.has_blocks() && spec_.hidden(l);
    const float* const in = l == 0 ? x : activations.output[l - 1];
    float* const out = block ? activations.inner[l] : activations.output[l];
    program.add<kernels::linear_forward>(forward_layer(l, in, rows, out, precision));
    if (block) finish_block(program, l, in, rows, activations);
    if (spec_.hidden(l)) drop(program, l, dropped, rows, out);
  }
}

kernels::LinearForward Network::forward_layer(std::size_t layer, const float* x, std::int64_t rows, float* y,
                                              kernels::Precision precision) const {
  return {.shape = {rows, spec_.inputs(layer), spec_.widths[layer + 1]},
          .x = x,
          .weight = weights(layer),
          .bias = spec_.normalised(layer) ? flat_.no_bias : flat_.value + bias(layer).offset,
          .y = y,
          .slope = spec_.hidden(layer) && !spec_.normalised(layer) ? spec_.slope : 1.0f,
          .precision = precision};
}

kernels::LinearBackward Network::input_gradient(std::size_t layer, const float* x, std::int64_t rows,
                                                const float* dz, float* dx,
                                                kernels::Precision precision) const {
  return {.shape = {rows, spec_.inputs(layer), spec_.widths[layer + 1]},
          .x = x,
          .weight = weights(layer),
          .dz = dz,
          .dx = dx,
          .input_slope = layer == 0 || spec_.residual ? 1.0f : spec_.slope,
          .precision = precision};
}

kernels::Adam Network::adam(const kernels::AdamState* state) const {
  return {.n = flat_.size,
          .parameter = flat_.value,
          .gradient = flat_.gradient,
          .moment1 = flat_.moment1,
          .moment2 = flat_.moment2,
          .state = state,
          .average = flat_.average};
}

kernels::LinearBackward Network::weight_gradient(std::size_t layer, const Backward& sweep,
                                                 const float* dz) const {
  return {.shape = {sweep.rows, spec_.inputs(layer), spec_.widths[layer + 1]},
          .x = layer == 0 ? sweep.x : sweep.activations->output[layer - 1],
          .dz = dz,
          .dweight = flat_.gradient + weight(layer).offset,
          .dbias = spec_.normalised(layer) ? flat_.no_bias + aligned(spec_.widest())
                                           : flat_.gradient + bias(layer).offset,
          .row_weight = sweep.row_weight,
          .accumulate = sweep.accumulate,
          .precision = sweep.precision};
}

void Network::add_gradient(Program& program, std::size_t layer, const Backward& sweep,
                           const float* dz) const {
  if (sweep.parameters) program.add<kernels::linear_backward>(weight_gradient(layer, sweep, dz));
}

float* Network::take_delta(Program& program, std::size_t layer, std::int64_t rows) const {
  const std::int64_t columns = spec_.inputs(layer);
  return program.floats(rows * columns, {name_ + "." + std::to_string(layer) + " input delta", columns});
}

const float* Network::backward(Program& program, const Backward& sweep) const {
  if (spec_.has_blocks()) return backward_through_blocks(program, sweep);
  if (sweep.dz_above != nullptr) add_gradient(program, sweep.layer + 1, sweep, sweep.dz_above);
  const float* dz = sweep.dz;
  for (std::size_t l = sweep.layer; l > 0; --l) {
    float* const dx = take_delta(program, l, sweep.rows);
    program.add<kernels::linear_backward>(
        input_gradient(l, sweep.activations->output[l - 1], sweep.rows, dz, dx, sweep.precision));
    drop(program, l - 1, sweep.dropped, sweep.rows, dx);
    add_gradient(program, l, sweep, dz);
    dz = dx;
  }
  add_gradient(program, 0, sweep, dz);
  return dz;
}

void Network::parameter_gradients(Program& program, const Activations& deltas, const Backward& sweep) const {
  for (std::size_t l = deltas.output.size(); l-- > 0;) add_gradient(program, l, sweep, deltas.output[l]);
}

kernels::LinearTangent Network::tangent_layer(std::size_t layer, const float* x, std::int64_t rows,
                                              float* activation, const float* row_weight, float* y,
                                              kernels::Precision precision) const {
  const kernels::LinearForward forward = forward_layer(layer, x, rows, y, precision);
  return {.shape = forward.shape,
          .x = x,
          .weight = forward.weight,
          .activation = activation,
          .row_weight = row_weight,
          .y = y,
          .slope = forward.slope,
          .precision = precision};
}

Network Network::averaged() const {
  Network other = *this;
  other.flat_.value = flat_.average;
  return other;
}

Network Network::moved(std::int64_t bytes) const {
  Network other = *this;
  const std::int64_t elements = bytes / static_cast<std::int64_t>(sizeof(float));
  for (float** buffer :
       {&other.flat_.value, &other.flat_.gradient, &other.flat_.moment1, &other.flat_.moment2,
        &other.flat_.average, &other.flat_.normalised, &other.flat_.singular, &other.flat_.spectral,
        &other.flat_.running, &other.flat_.no_bias})
    if (*buffer != nullptr) *buffer += elements;
  return other;
}

Network::SingularVectors Network::singular_vectors(std::size_t layer) const {
  std::int64_t offset = 0;
  for (std::size_t l = 0; l < layer; ++l) offset += aligned(spec_.widths[l]) + aligned(spec_.widths[l + 1]);
  return {offset, offset + aligned(spec_.widths[layer + 1])};
}

std::int64_t Network::singular_size() const {
  const std::size_t last = spec_.widths.size() - 2;
  return singular_vectors(last).right + aligned(spec_.widths[last]);
}

/// `use` with the operation of some layers, as many as fit one.
template <class Use>
void Network::for_each_spectral(const Use& use) const {
  float* const scratch = flat_.spectral + aligned(spec_.layers());
  kernels::SpectralNorm op;
  for (std::size_t l = 0; l + 1 < spec_.widths.size(); ++l) {
    const SingularVectors vectors = singular_vectors(l);
    const std::int64_t offset = weight(l).offset;
    op.layer[op.layers++] = {.out = spec_.widths[l + 1],
                             .in = spec_.widths[l],
                             .weight = flat_.value + offset,
                             .normalised = flat_.normalised + offset,
                             .gradient = flat_.gradient + offset,
                             .left = flat_.singular + vectors.left,
                             .right = flat_.singular + vectors.right,
                             .sigma = flat_.spectral + l,
                             .scratch = scratch + vectors.left};
    if (op.layers < kernels::kMostSpectralLayers && l + 2 < spec_.widths.size()) continue;
    use(op);
    op.layers = 0;
  }
}

void Network::normalise(Program& program, bool iterate) const {
  for_each_spectral([&](kernels::SpectralNorm op) {
    op.iterations = iterate ? 1 : 0;
    program.add<kernels::spectral_norm>(op);
  });
}

void Network::normalise_gradient(Program& program) const {
  for_each_spectral([&](const kernels::SpectralNorm& op) { program.add<kernels::spectral_gradient>({op}); });
}

/// u starts as normal numbers; v follows from it.
void Network::initialise_singular(const Queue& queue, std::uint64_t seed, std::uint64_t stream_index) const {
  Buffer<std::uint64_t> counter(queue.device(), 1);
  for (std::size_t l = 0; l + 1 < spec_.widths.size(); ++l) {
    const std::uint64_t index = stream_index << 32 | (tensors_.size() + l);
    queue.upload(counter.data(), std::span(&index, 1));
    kernels::normal_fill(queue, {.n = spec_.widths[l + 1],
                                 .out = flat_.singular + singular_vectors(l).left,
                                 .random = {seed, kernels::RandomPurpose::initialisation, counter.data()}});
    queue.wait();
  }
  Program iteration;
  normalise(iteration, true);
  for (int i = 0; i < kFirstIterations; ++i) iteration.run(queue);
}

}  // namespace agon
