// What a network's parameters start as, and its weights divided by their spectral norms.
#include <cmath>

#include "engine/network/network.hpp"
#include "engine/network/weighted_parts.hpp"

namespace agon {
namespace {

constexpr int kFirstIterations = 15;  // on the first weights, as PyTorch makes them

}  // namespace

std::vector<Network::Matrix> Network::matrices() const {
  std::vector<Matrix> all;
  for (const Layer& layer : layers_)
    with_weighted(layer, [&](const auto& its) { all.push_back({its.weight, its.bias, its.biased}); });
  for (Matrix& matrix : all)
    for (const TensorView& tensor : tensors_) {
      if (tensor.offset == matrix.weight)
        matrix.rows = tensor.shape.front(), matrix.columns = tensor.matrix_columns();
      if (matrix.biased && tensor.offset == matrix.bias) matrix.bias_size = tensor.size;
    }
  return all;
}

void Network::initialise(const Queue& queue, std::uint64_t seed, std::uint64_t stream_index) const {
  Buffer<std::uint64_t> counter(queue.device(), 1);
  const auto stream = [&](std::uint64_t number) {
    const std::uint64_t index = stream_index << 32 | number;
    queue.upload(counter.data(), std::span(&index, 1));
    return kernels::RandomStream{seed, kernels::RandomPurpose::initialisation, counter.data()};
  };
  const auto fill = [&](std::int64_t offset, std::int64_t size, std::int64_t in, std::uint64_t number) {
    const auto bound = static_cast<float>(1.0 / std::sqrt(static_cast<double>(in)));
    kernels::uniform_fill(
        queue,
        {.n = size, .out = flat_.value + offset, .low = -bound, .high = bound, .random = stream(number)});
    queue.wait();
  };
  std::uint64_t number = 0;  // of the tensor
  const std::vector<WeightedPart> parts = weighted_parts(spec_);
  std::size_t at = 0;
  for (const Matrix& matrix : matrices()) {
    const WeightedPart& part = parts[at++];
    if (part.starts_at_zero) {
      // as it is
    } else if (part.deviation > 0) {
      float* const weight = flat_.value + matrix.weight;
      kernels::normal_fill(queue, {.n = matrix.size(), .out = weight, .random = stream(number)});
      std::vector<float> values(static_cast<std::size_t>(matrix.size()));
      queue.download(std::span(values), static_cast<const float*>(weight));
      for (float& value : values) value *= static_cast<float>(part.deviation);
      queue.upload(weight, std::span<const float>(values));
      queue.wait();
    } else {
      fill(matrix.weight, matrix.size(), matrix.columns, number);
      if (matrix.biased) fill(matrix.bias, matrix.bias_size, matrix.columns, number + 1);
    }
    number += matrix.biased ? 2 : 3;
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
  for (const Matrix& matrix : matrices()) {
    float* const right = left + aligned(matrix.rows);
    if (matrix.weight == tensor.offset) return {left, right};
    left = right + aligned(matrix.columns);
  }
  return {};
}

std::int64_t Network::singular_size() const {
  std::int64_t size = 0;
  for (const Matrix& matrix : matrices()) size += aligned(matrix.rows) + aligned(matrix.columns);
  return size;
}

/// `use` with the operation of some layers, as many as fit one.
template <class Use>
void Network::for_each_spectral(const Use& use) const {
  kernels::SpectralNorm op;
  float* left = flat_.singular;
  float* sigma = flat_.spectral;
  float* scratch = flat_.spectral + aligned(spec_.layers());
  for (const Matrix& matrix : matrices()) {
    float* const right = left + aligned(matrix.rows);
    op.layer[op.layers++] = {.out = matrix.rows,
                             .in = matrix.columns,
                             .weight = flat_.value + matrix.weight,
                             .normalised = flat_.normalised + matrix.weight,
                             .gradient = flat_.gradient + matrix.weight,
                             .left = left,
                             .right = right,
                             .sigma = sigma++,
                             .scratch = scratch};
    scratch += right + aligned(matrix.columns) - left;
    left = right + aligned(matrix.columns);
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
  for (const TensorView& tensor : tensors_) {
    if (!tensor.is_weight()) continue;
    const std::uint64_t index = stream_index << 32 | (tensors_.size() + number++);
    queue.upload(counter.data(), std::span(&index, 1));
    kernels::normal_fill(queue, {.n = tensor.shape.front(),
                                 .out = singular_of(tensor).left,
                                 .random = {seed, kernels::RandomPurpose::initialisation, counter.data()}});
    queue.wait();
  }
  Program iteration;
  normalise(iteration, true);
  for (int i = 0; i < kFirstIterations; ++i) iteration.run(queue);
}

}  // namespace agon
