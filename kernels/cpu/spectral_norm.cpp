#include "kernels/spectral_norm.hpp"

#include "kernels/cpu/parts.hpp"
#include "kernels/cpu/sums.hpp"
#include "kernels/formula/spectral_norm.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

constexpr std::int64_t kParallelFrom = 32768;  // weights; fewer are done before the other threads are awake

/// to = from / ||from||.
void to_unit(const float* from, std::int64_t count, float* to) {
  const float divisor = formula::unit_divisor(sum_of_squares(from, count));
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i) to[i] = from[i] / divisor;
}

/// W^T u: columns [begin, end).
void project_columns(const SpectralLayer& layer, std::int64_t begin, std::int64_t end) {
  float* const sum = layer.scratch;
  for (std::int64_t i = begin; i < end; ++i) sum[i] = 0.0f;
  for (std::int64_t o = 0; o < layer.out; ++o) {
    const float* const row = layer.weight + o * layer.in;
    const float u = layer.left[o];
#pragma omp simd
    for (std::int64_t i = begin; i < end; ++i) sum[i] += row[i] * u;
  }
}

void project(QueueView queue, const SpectralLayer& layer, bool parallel) {
  constexpr std::int64_t kColumns = 64;
  const std::int64_t pieces = (layer.in + kColumns - 1) / kColumns;
  for_each(queue, pieces, parallel, [&](std::int64_t p) {
    const std::int64_t begin = p * kColumns;
    project_columns(layer, begin, begin + kColumns < layer.in ? begin + kColumns : layer.in);
  });
}

void normalise(QueueView queue, const SpectralLayer& layer, bool iterate) {
  const std::int64_t out = layer.out, in = layer.in;
  const bool parallel = queue.threads > 1 && out * in >= kParallelFrom;
  if (iterate) {
    project(queue, layer, parallel);
    to_unit(layer.scratch, in, layer.right);
  }
  float* const product = layer.scratch + in;
  for_each(queue, out, parallel, [&](std::int64_t o) {
    product[o] = static_cast<float>(sum_of_products(layer.weight + o * in, layer.right, in));
  });
  if (iterate) to_unit(product, out, layer.left);
  const float sigma = static_cast<float>(sum_of_products(layer.left, product, out));
  *layer.sigma = sigma;
  for_ranges(queue, out * in, kLineFloats, parallel, [&](std::int64_t begin, std::int64_t end) {
#pragma omp simd
    for (std::int64_t i = begin; i < end; ++i) layer.normalised[i] = layer.weight[i] / sigma;
  });
}

void transform(QueueView queue, const SpectralLayer& layer, double* partial) {
  const std::int64_t out = layer.out, in = layer.in;
  const bool parallel = queue.threads > 1 && out * in >= kParallelFrom;
  constexpr std::int64_t kPieces = 64;  // of rows: fixed, so that sums do not depend on threads
  const std::int64_t rows = (out + kPieces - 1) / kPieces;
  for_each(queue, kPieces, parallel, [&](std::int64_t p) {
    const std::int64_t left = (out - p * rows) * in;
    partial[p] = left <= 0 ? 0.0
                           : sum_of_products(layer.gradient + p * rows * in, layer.normalised + p * rows * in,
                                             left < rows * in ? left : rows * in);
  });
  double sum = 0;
  for (std::int64_t p = 0; p < kPieces; ++p) sum += partial[p];
  const float along = static_cast<float>(sum), sigma = *layer.sigma;
  for_each(queue, out, parallel, [&](std::int64_t o) {
    float* const row = layer.gradient + o * in;
    const float left = layer.left[o];
#pragma omp simd
    for (std::int64_t i = 0; i < in; ++i)
      row[i] = formula::spectral_gradient_element(row[i], along, left, layer.right[i], sigma);
  });
}

}  // namespace

void spectral_norm(QueueView queue, const SpectralNorm& op) {
  for (std::int64_t l = 0; l < op.layers; ++l) normalise(queue, op.layer[l], op.iterations > 0);
}

void spectral_gradient(QueueView queue, const SpectralNorm& op) {
  for (std::int64_t l = 0; l < op.layers; ++l)
    transform(queue, op.layer[l], reinterpret_cast<double*>(queue.workspace));
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
