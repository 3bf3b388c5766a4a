#include "engine/network/network.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "engine/network/weighted_parts.hpp"
#include "kernels/loss_gradient.hpp"

namespace agon {
Trace Trace::part(std::int64_t first, std::int64_t rows) const {
  Trace other;
  for (const Passed& passed : layers)
    other.layers.push_back({passed.x.part(first, rows), passed.y.part(first, rows), passed.inverse_deviation,
                            passed.normalised.part(first, rows)});
  return other;
}

Network::Network(std::string name, NetworkSpec spec)
    : name_(std::move(name)),
      spec_(std::move(spec)),
      tensors_(parameter_layout(name_, spec_)),
      layers_(layers_of(name_, spec_)) {
  flat_.size = tensors_.back().offset + aligned(tensors_.back().size);
}

void Network::lay_out(Memory& memory, bool averaged) {
  const auto flat = [&](const std::string& what) {
    float* const buffer = memory.floats(flat_.size, {name_ + "." + what});
    for (const TensorView& tensor : tensors_)
      memory.name(buffer + tensor.offset, tensor.size, {tensor.name + (what == "value" ? "" : " " + what)});
    return buffer;
  };
  flat_.value = flat("value");
  flat_.gradient = flat("gradient");
  flat_.moment1 = flat("moment1");
  flat_.moment2 = flat("moment2");
  flat_.average = averaged ? flat("average") : nullptr;
  if (const RecordLayout& records = spec_.records; records.any())
    flat_.records =
        memory.take<std::int32_t>(records.heads.size() + 1 + records.gates.size(), {name_ + ".records"});
  if (spec_.norm == NormKind::batch && !all<Norm>().empty()) lay_out_running(memory);
  const std::vector<WeightedPart> parts = weighted_parts(spec_);
  if (std::ranges::all_of(parts, &WeightedPart::biased)) return;
  flat_.no_bias = memory.floats(2 * aligned(spec_.widest()), {name_ + ".no bias"});
}

void Network::lay_out_running(Memory& memory) {
  flat_.running = memory.floats(running_size(), {name_ + ".running"});
}

Trace Network::forward(Program& program, Rows x, const Sweep& sweep, float* into) const {
  const auto in_place = [](const Layer& layer) {
    return !is_weighted(layer) && !std::holds_alternative<ClassChoice>(layer) &&
           !std::holds_alternative<HeadNoise>(layer) && !std::holds_alternative<Heads>(layer);
  };
  std::size_t last = layers_.size() - 1;  // whose output is the network's
  while (in_place(layers_[last])) --last;
  Recording r{program, flat_, sweep};
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    r.into = i == last ? into : nullptr;
    r.earlier.push_back(std::visit([&](const auto& its) { return its.forward(r, x); }, layers_[i]));
    x = r.earlier.back().y;
  }
  return {std::move(r.earlier)};
}

Network::Deltas Network::backward(Program& program, const Trace& trace, Rows dy, const Sweep& sweep,
                                  const Gradients& wanted) const {
  const Recording r{program, flat_, sweep};
  Deltas deltas;
  deltas.by_output.resize(layers_.size());
  std::map<std::size_t, std::size_t> skips;  // from the first layer of a block to its last
  for (std::size_t i = layers_.size(); i-- > 0;) {
    deltas.by_output[i] = dy;
    if (const auto* const skip = std::get_if<Skip>(&layers_[i])) skips[skip->from] = i;
    Gradients here = wanted;
    here.input = wanted.input || i > 0;
    const Passed& passed = trace.layers[i];
    dy = std::visit([&](const auto& layer) { return layer.backward(r, passed, dy, here); }, layers_[i]);
    if (const auto end = skips.find(i); end != skips.end() && here.input)
      std::get<Skip>(layers_[end->second])
          .add_skipped(r, trace.layers[end->second], deltas.by_output[end->second], dy);
  }
  deltas.by_input = dy;
  return deltas;
}

Network::Deltas Network::Deltas::part(std::int64_t first, std::int64_t rows) const {
  Deltas other;
  for (const Rows& delta : by_output) other.by_output.push_back(delta.part(first, rows));
  return other;
}

Rows Network::input_gradient(Program& program, const Trace& trace, const Deltas& deltas,
                             const Sweep& sweep) const {
  const Recording r{program, flat_, sweep};
  Rows dx;
  with_weighted(layers_.front(), [&](const auto& layer) {
    dx = layer.backward(r, trace.layers.front(), deltas.by_output.front(),
                        {.parameters = false, .input = true});
  });
  for (std::size_t i = 0; i < layers_.size(); ++i)
    if (const auto* const skip = std::get_if<Skip>(&layers_[i]); skip != nullptr && skip->from == 0)
      skip->add_skipped(r, trace.layers[i], deltas.by_output[i], dx);
  return dx;
}

void Network::parameter_gradients(Program& program, const Trace& trace, const Deltas& deltas,
                                  const Sweep& sweep, const Gradients& wanted) const {
  const Recording r{program, flat_, sweep};
  for (std::size_t i = layers_.size(); i-- > 0;)
    with_weighted(layers_[i], [&](const auto& layer) {
      layer.parameter_gradient(r, trace.layers[i], deltas.by_output[i], wanted);
    });
}

void Network::add_tangents(Program& program, const Trace& trace, Rows dx, const Sweep& sweep,
                           const float* row_weight) const {
  std::size_t last = layers_.size() - 1;
  while (!is_weighted(layers_[last])) --last;
  Recording r{program, flat_, sweep};
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Passed& passed = trace.layers[i];
    if (is_weighted(layers_[i]) && i > 0)
      program.add<kernels::weighted_rows>({.rows = dx.count,
                                           .width = dx.columns,
                                           .row_weight = row_weight,
                                           .y = dx.data,
                                           .x = passed.x.data});
    if (i == last) return;
    r.earlier.push_back({dx, {}});
    dx = std::visit([&](const auto& layer) { return layer.tangent(r, passed, dx); }, layers_[i]);
  }
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

Network Network::averaged() const {
  Network other = *this;
  other.flat_.value = flat_.average;
  return other;
}

Network Network::without_heads() const {
  Network other = *this;
  other.spec_.records = {};
  std::erase_if(other.layers_, [](const Layer& layer) { return std::holds_alternative<Heads>(layer); });
  return other;
}

Network Network::without_choice() const {
  Network other = *this;
  other.spec_.images.classes = 0;
  std::erase_if(other.layers_, [](const Layer& layer) { return std::holds_alternative<ClassChoice>(layer); });
  return other;
}

Network Network::moved(std::int64_t bytes) const {
  Network other = *this;
  other.flat_ = flat_.moved(bytes);
  return other;
}

Network::Running Network::running_of(const TensorView& tensor) const {
  if (flat_.running == nullptr) return {};
  for (const Norm* const norm : all<Norm>())
    if (norm->gamma == tensor.offset)
      return {flat_.running + norm->running_mean, flat_.running + norm->running_variance};
  return {};
}

std::int64_t Network::running_size() const {
  const std::vector<const Norm*> norms = all<Norm>();
  return norms.empty() ? 0 : 2 * norms.back()->running_variance - norms.back()->running_mean;
}

}  // namespace agon
