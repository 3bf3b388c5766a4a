// What a network's parameters start as, and its weights divided by their spectral norms.
#include <cmath>

#include "engine/network/network.hpp"

namespace agon {
namespace {

constexpr int kFirstIterations = 15;  // on the first weights, as PyTorch makes them

}  // namespace

void Network::initialise(const Queue& queue, std::uint64_t seed, std::uint64_t stream_index) const {
  Buffer<std::uint64_t> counter(queue.device(), 1);
  const auto fill = [&](std::int64_t offset, std::int64_t size, std::int64_t in, std::uint64_t number) {
    const std::uint64_t index = stream_index << 32 | number;
    queue.upload(counter.data(), std::span(&index, 1));
    const auto bound = static_cast<float>(1.0 / std::sqrt(static_cast<double>(in)));
    kernels::uniform_fill(queue, {.n = size,
                                  .out = flat_.value + offset,
                                  .low = -bound,
                                  .high = bound,
                                  .random = {seed, kernels::RandomPurpose::initialisation, counter.data()}});
    queue.wait();
  };
  std::uint64_t number = 0;  // of the tensor
  for (const Linear* const linear : all<Linear>()) {
    fill(linear->weight, linear->in * linear->out, linear->in, number);
    if (linear->biased) fill(linear->bias, linear->out, linear->in, number + 1);
    number += linear->biased ? 2 : 3;
  }
  initialise_norms(queue);
  initialise_records(queue);
  if (flat_.singular != nullptr) initialise_singular(queue, seed, stream_index);
  if (flat_.average != nullptr)
    queue.copy(flat_.average, flat_.value, static_cast<std::size_t>(flat_.size) * sizeof(float));
}

void Network::initialise_norms(const Queue& queue) const {
  for (const TensorView& tensor : tensors_) {
    if (!tensor.name.ends_with(".gamma")) continue;
    const std::vector<float> ones(static_cast<std::size_t>(tensor.size), 1.0f);
    queue.upload(flat_.value + tensor.offset, std::span(ones));
    if (float* const variance = running_of(tensor).variance; variance != nullptr)
      queue.upload(variance, std::span(ones));
    queue.wait();
  }
}

void Network::initialise_records(const Queue& queue) const {
  if (flat_.records == nullptr) return;
  const std::vector<std::int32_t> numbers = record_numbers(spec_.records);
  queue.upload(flat_.records, std::span(numbers));
  queue.wait();
}

void Network::lay_out_singular(Memory& memory) {
  flat_.singular = memory.floats(singular_size(), {name_ + ".singular vectors"});
}

void Network::lay_out_normalised(Memory& memory) {
  flat_.normalised = memory.floats(flat_.size, {name_ + ".normalised"});
  flat_.spectral = memory.floats(aligned(spec_.layers()) + singular_size(), {name_ + ".singular values"});
}

/// v lies behind u, a layer's behind the one before.
Network::Singular Network::singular_of(const TensorView& tensor) const {
  if (flat_.singular == nullptr) return {};
  float* left = flat_.singular;
  for (const Linear* const linear : all<Linear>()) {
    float* const right = left + aligned(linear->out);
    if (linear->weight == tensor.offset) return {left, right};
    left = right + aligned(linear->in);
  }
  return {};
}

std::int64_t Network::singular_size() const {
  std::int64_t size = 0;
  for (const Linear* const linear : all<Linear>()) size += aligned(linear->out) + aligned(linear->in);
  return size;
}

/// `use` with the operation of some layers, as many as fit one.
template <class Use>
void Network::for_each_spectral(const Use& use) const {
  kernels::SpectralNorm op;
  float* left = flat_.singular;
  float* sigma = flat_.spectral;
  float* scratch = flat_.spectral + aligned(spec_.layers());
  for (const Linear* const linear : all<Linear>()) {
    float* const right = left + aligned(linear->out);
    op.layer[op.layers++] = {.out = linear->out,
                             .in = linear->in,
                             .weight = flat_.value + linear->weight,
                             .normalised = flat_.normalised + linear->weight,
                             .gradient = flat_.gradient + linear->weight,
                             .left = left,
                             .right = right,
                             .sigma = sigma++,
                             .scratch = scratch};
    scratch += right + aligned(linear->in) - left;
    left = right + aligned(linear->in);
    if (op.layers < kernels::kMostSpectralLayers) continue;
    use(op);
    op.layers = 0;
  }
  if (op.layers > 0) use(op);
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
  std::uint64_t number = 0;
  for (const Linear* const linear : all<Linear>()) {
    const std::uint64_t index = stream_index << 32 | (tensors_.size() + number++);
    queue.upload(counter.data(), std::span(&index, 1));
    for (const TensorView& tensor : tensors_)
      if (tensor.offset == linear->weight)
        kernels::normal_fill(queue,
                             {.n = linear->out,
                              .out = singular_of(tensor).left,
                              .random = {seed, kernels::RandomPurpose::initialisation, counter.data()}});
    queue.wait();
  }
  Program iteration;
  normalise(iteration, true);
  for (int i = 0; i < kFirstIterations; ++i) iteration.run(queue);
}

}  // namespace agon
