#include "host/evaluate/images/random_features.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "engine/runtime/buffer.hpp"
#include "engine/runtime/queue.hpp"
#include "host/evaluate/draws.hpp"
#include "kernels/convolution.hpp"
#include "kernels/random.hpp"

namespace agon::host {
namespace {

constexpr float kSlope = 0.2f, kBiasDeviation = 0.1f;
constexpr std::int64_t kFirstChannels = 32, kChannels = 64, kMostOfLastSide = 4;
constexpr std::int64_t kMostOfBatch = std::int64_t{1} << 22;  // floats of any layer
static_assert(RandomFeatures::kWidth == 5 * kChannels);

std::vector<kernels::ConvolutionShape> layers_of(ImageShape image) {
  std::vector<kernels::ConvolutionShape> layers;
  while (layers.size() < 2 || std::min(image.height, image.width) > kMostOfLastSide) {
    const bool first = layers.empty();
    layers.push_back({.batch = 1,
                      .fine = image,
                      .coarse_channels = first ? kFirstChannels : kChannels,
                      .kernel = first ? 5 : 3,
                      .stride = 2,
                      .padding = first ? 2 : 1});
    image = layers.back().out();
  }
  return layers;
}

/// Of one image's last layer: means of quadrants, which share a middle row or column, and greatest values.
void pool_features(const float* image, const ImageShape& shape, float* features) {
  std::fill_n(features, 4 * kChannels, 0.0f);
  std::fill_n(features + 4 * kChannels, kChannels, -std::numeric_limits<float>::infinity());
  const std::int64_t high = (shape.height + 1) / 2, wide = (shape.width + 1) / 2;
  const float share = 1.0f / static_cast<float>(high * wide);
  for (std::int64_t y = 0; y < shape.height; ++y)
    for (std::int64_t x = 0; x < shape.width; ++x) {
      const float* const pixel = image + (y * shape.width + x) * kChannels;
      for (int quadrant = 0; quadrant < 4; ++quadrant) {
        const bool in_height = quadrant < 2 ? y < high : y >= shape.height - high;
        const bool in_width = quadrant % 2 == 0 ? x < wide : x >= shape.width - wide;
        if (!in_height || !in_width) continue;
        for (std::int64_t c = 0; c < kChannels; ++c) features[quadrant * kChannels + c] += share * pixel[c];
      }
      float* const greatest = features + 4 * kChannels;
      for (std::int64_t c = 0; c < kChannels; ++c) greatest[c] = std::max(greatest[c], pixel[c]);
    }
}

}  // namespace

RowScale channel_scale(const ImageSet& images) {
  const std::int64_t channels = images.shape.channels;
  std::vector<double> count(static_cast<std::size_t>(256 * channels));  // of each value of each channel
  for (std::size_t i = 0; i < images.pixels.size(); ++i)
    ++count[images.pixels[i] * channels + i % static_cast<std::size_t>(channels)];
  RowScale scale(zero_rows(1, channels));
  const double all = static_cast<double>(images.count * images.shape.pixels());
  for (std::int64_t c = 0; c < channels; ++c) {
    double mean = 0, square = 0;
    for (std::int64_t v = 0; v < 256; ++v) mean += count[v * channels + c] * static_cast<double>(v) / 255;
    mean /= all;
    for (std::int64_t v = 0; v < 256; ++v) {
      const double difference = static_cast<double>(v) / 255 - mean;
      square += count[v * channels + c] * difference * difference;
    }
    scale.mean[c] = static_cast<float>(mean);
    if (square > 0) scale.deviation[c] = static_cast<float>(std::sqrt(square / all));
  }
  return scale;
}

struct RandomFeatures::Implementation {
  Implementation(const Device& device, const ImageShape& shape, RowScale scale, std::uint64_t seed,
                 std::uint64_t net)
      : queue(device), channels(std::move(scale)), layers(layers_of(shape)) {
    std::int64_t parameters = 0, largest = shape.size();
    for (const kernels::ConvolutionShape& layer : layers) {
      parameters += layer.weights() + layer.coarse_channels;
      largest = std::max(largest, layer.out().size());
    }
    batch = std::max<std::int64_t>(1, kMostOfBatch / largest);
    parameter = Buffer<float>(device, static_cast<std::size_t>(parameters));
    for (Buffer<float>& layer : activation)
      layer = Buffer<float>(device, static_cast<std::size_t>(batch * largest), MemoryKind::scratch);
    draw_weights(seed, net, parameters);
  }

  void draw_weights(std::uint64_t seed, std::uint64_t net, std::int64_t parameters) {
    Buffer<std::uint64_t> step(queue.device(), 1);
    queue.upload(step.data(), std::span<const std::uint64_t>(&net, 1));
    const auto purpose = static_cast<kernels::RandomPurpose>(DrawPurpose::random_features);
    kernels::normal_fill(queue,
                         {.n = parameters, .out = parameter.data(), .random = {seed, purpose, step.data()}});
    std::vector<float> normal(static_cast<std::size_t>(parameters));
    queue.download(std::span(normal), parameter.data());
    auto at = normal.begin();
    for (const kernels::ConvolutionShape& layer : layers) {
      const double inputs = static_cast<double>(layer.patch()) * (1 + double{kSlope} * kSlope);
      const auto scale = static_cast<float>(std::sqrt(2 / inputs));
      for (const auto end = at + layer.weights(); at != end; ++at) *at *= scale;
      for (const auto end = at + layer.coarse_channels; at != end; ++at) *at *= kBiasDeviation;
    }
    queue.upload(parameter.data(), std::span<const float>(normal));
  }

  /// Images [first, first + count) through all layers; returns the last one's output.
  std::vector<float> forward(const ImageSet& images, std::int64_t first, std::int64_t count) {
    std::vector<float> x(static_cast<std::size_t>(count * images.shape.size()));
    const std::size_t channel_count = channels.mean.size();
    const auto start = static_cast<std::size_t>(first * images.shape.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const std::size_t c = i % channel_count;
      x[i] =
          (static_cast<float>(images.pixels[start + i]) / 255.0f - channels.mean[c]) / channels.deviation[c];
    }
    queue.upload(activation[0].data(), std::span<const float>(x));
    const float* weight = parameter.data();
    int from = 0;
    for (kernels::ConvolutionShape layer : layers) {
      layer.batch = count;
      const float* const bias = weight + layer.weights();
      kernels::convolution_forward(queue, {.shape = layer,
                                           .x = activation[from].data(),
                                           .weight = weight,
                                           .bias = bias,
                                           .y = activation[1 - from].data(),
                                           .slope = kSlope});
      weight = bias + layer.coarse_channels;
      from = 1 - from;
    }
    std::vector<float> last(static_cast<std::size_t>(count * layers.back().out().size()));
    queue.download(std::span(last), activation[from].data());
    return last;
  }

  Queue queue;
  RowScale channels;
  std::vector<kernels::ConvolutionShape> layers;  // of one image
  std::int64_t batch = 1;
  Buffer<float> parameter;      // each layer's weights, then its biases
  Buffer<float> activation[2];  // a layer's input and its output, in turn
};

RandomFeatures::RandomFeatures(const Device& device, const ImageShape& shape, RowScale channels,
                               std::uint64_t seed, std::uint64_t net)
    : implementation_(std::make_unique<Implementation>(device, shape, std::move(channels), seed, net)) {}
RandomFeatures::RandomFeatures(RandomFeatures&&) noexcept = default;
RandomFeatures::~RandomFeatures() = default;

ImageRows RandomFeatures::of(const ImageSet& images) const {
  Implementation& net = *implementation_;
  const ImageShape last = net.layers.back().out();
  ImageRows features = zero_rows(images.count, kWidth);
  for (std::int64_t first = 0; first < images.count; first += net.batch) {
    const std::int64_t count = std::min(net.batch, images.count - first);
    const std::vector<float> out = net.forward(images, first, count);
    for (std::int64_t i = 0; i < count; ++i)
      pool_features(out.data() + i * last.size(), last, features.row(first + i));
  }
  return features;
}

}  // namespace agon::host
