// What hidden layers have besides a linear layer and its activation: normalisation, and the sweep back
// through it.
#include "engine/network/network.hpp"

#include <algorithm>

#include "kernels/norm.hpp"

namespace agon {

Network::RunningStatistics Network::running_statistics(std::size_t layer) const {
  std::int64_t offset = 0;
  for (std::size_t l = 0; l < layer; ++l) offset += 2 * aligned(spec_.widths[l + 1]);
  return {offset, offset + aligned(spec_.widths[layer + 1])};
}

std::int64_t Network::running_size() const {
  return running_statistics(static_cast<std::size_t>(spec_.layers()) - 1).mean;
}

void Network::initialise_norms(const Queue& queue) const {
  for (std::size_t l = 0; spec_.normalised(l); ++l) {
    const std::vector<float> ones(static_cast<std::size_t>(spec_.widths[l + 1]), 1.0f);
    queue.upload(flat_.value + gamma(l).offset, std::span(ones));
    if (flat_.running != nullptr)
      queue.upload(flat_.running + running_statistics(l).variance, std::span(ones));
    queue.wait();
  }
}

void Network::drop(Program& program, std::size_t layer, const DroppedRows* dropped, std::int64_t rows,
                   float* x, float* activation) const {
  if (dropped == nullptr || spec_.dropout == 0) return;
  kernels::Dropout op{.rows = rows,
                      .width = spec_.widths[layer + 1],
                      .segment = dropped->segment,
                      .segment_stride = dropped->segment_stride,
                      .first_row = dropped->first_row,
                      .probability = static_cast<float>(spec_.dropout),
                      .x = x,
                      .activation = activation,
                      .random = dropped->random};
  for (std::size_t l = 0; l < layer; ++l)
    op.first_block += (spec_.widths[l + 1] + 3) / 4 * dropped->row_numbers;
  program.add<kernels::dropout>(op);
}

void Network::finish_block(Program& program, std::size_t layer, const float* x, std::int64_t rows,
                           const Activations& a) const {
  if (spec_.normalised(layer)) normalise_forward(program, layer, rows, a);
  if (!spec_.residual) return;
  program.add<kernels::concat>({.rows = rows,
                                .first_width = spec_.widths[layer + 1],
                                .second_width = spec_.inputs(layer),
                                .first = spec_.normalised(layer) ? nullptr : a.inner[layer],
                                .second = x,
                                .y = a.output[layer]});
}

void Network::normalise_forward(Program& program, std::size_t layer, std::int64_t rows,
                                const Activations& a) const {
  const bool training = !a.inverse_deviation.empty();
  const auto [mean, variance] = running_statistics(layer);
  program.add<kernels::norm_forward>(
      {.kind = spec_.norm,
       .rows = rows,
       .width = spec_.widths[layer + 1],
       .group = std::min(rows, a.group),
       .x = a.inner[layer],
       .gamma = flat_.value + gamma(layer).offset,
       .beta = flat_.value + beta(layer).offset,
       .y = a.output[layer],
       .y_stride = spec_.outputs(layer),
       .slope = spec_.slope,
       .inverse_deviation = training ? a.inverse_deviation[layer] : nullptr,
       .running_mean = flat_.running == nullptr ? nullptr : flat_.running + mean,
       .running_variance = flat_.running == nullptr ? nullptr : flat_.running + variance});
}

void Network::normalise_backward(Program& program, std::size_t layer, const Backward& sweep,
                                 float* gradient) const {
  program.add<kernels::norm_backward>({.kind = spec_.norm,
                                       .rows = sweep.rows,
                                       .width = spec_.widths[layer + 1],
                                       .normalised = sweep.activations->inner[layer],
                                       .gamma = flat_.value + gamma(layer).offset,
                                       .inverse_deviation = sweep.activations->inverse_deviation[layer],
                                       .gradient = gradient,
                                       .dgamma = flat_.gradient + gamma(layer).offset,
                                       .dbeta = flat_.gradient + beta(layer).offset,
                                       .accumulate = sweep.accumulate});
}

/// In a residual network the gradient by a layer's output goes on to that of the layer below, which is a part
/// of it.
const float* Network::backward_through_blocks(Program& program, const Backward& sweep) const {
  if (sweep.dz_above != nullptr) add_gradient(program, sweep.layer + 1, sweep, sweep.dz_above);
  float* by_output = sweep.dz;
  const float* later = nullptr;
  for (std::size_t l = sweep.layer;; --l) {
    float* const dz =
        spec_.residual ? program.floats(sweep.rows * spec_.widths[l + 1], {name_ + " delta"}) : by_output;
    if (spec_.residual)
      program.add<kernels::concat_backward>({.rows = sweep.rows,
                                             .first_width = spec_.widths[l + 1],
                                             .second_width = spec_.inputs(l),
                                             .gradient = by_output,
                                             .later = later,
                                             .later_width = later == nullptr ? 0 : spec_.outputs(l + 1),
                                             .y = sweep.activations->output[l],
                                             .slope = spec_.slope,
                                             .du = dz});
    if (spec_.normalised(l)) normalise_backward(program, l, sweep, dz);
    if (l == 0) {
      add_gradient(program, 0, sweep, dz);
      return dz;
    }
    float* const dx = take_delta(program, l, sweep.rows);
    program.add<kernels::linear_backward>(
        input_gradient(l, sweep.activations->output[l - 1], sweep.rows, dz, dx, sweep.precision));
    add_gradient(program, l, sweep, dz);
    later = by_output;
    by_output = dx;
  }
}

}  // namespace agon
