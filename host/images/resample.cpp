#include "host/images/resample.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace agon::host {
namespace {

void append_taps(TriangleTaps& taps, double centre, double reach, std::int64_t inputs) {
  const auto first = std::max<std::int64_t>(0, static_cast<std::int64_t>(std::floor(centre - reach - 0.5)));
  const auto last =
      std::min<std::int64_t>(inputs - 1, static_cast<std::int64_t>(std::ceil(centre + reach - 0.5)));
  std::vector<double> weights;
  std::int64_t begin = first;
  for (std::int64_t j = first; j <= last; ++j) {
    const double weight = 1 - std::abs(static_cast<double>(j) + 0.5 - centre) / reach;
    if (weight > 0) weights.push_back(weight);
    if (weights.empty()) begin = j + 1;
  }
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  taps.outputs.push_back({begin, static_cast<std::int64_t>(weights.size()), taps.weights.size()});
  for (const double weight : weights) taps.weights.push_back(static_cast<float>(weight / sum));
}

}  // namespace

TriangleTaps triangle_taps(std::int64_t inputs, std::int64_t outputs) {
  const double scale = static_cast<double>(inputs) / static_cast<double>(outputs);
  TriangleTaps taps;
  for (std::int64_t i = 0; i < outputs; ++i)
    append_taps(taps, (static_cast<double>(i) + 0.5) * scale, std::max(scale, 1.0), inputs);
  return taps;
}

Resampler::Resampler(const ImageSize& in, const ImageSize& out, std::int64_t channels)
    : channels_(channels),
      width_(out.width),
      across_(triangle_taps(in.width, out.width)),
      down_(triangle_taps(in.height, out.height)),
      row_(static_cast<std::size_t>(out.width * channels)),
      image_(static_cast<std::size_t>(out.height * out.width * channels)) {}

void Resampler::shrink_row(std::span<const float> row) {
  for (std::int64_t x = 0; x < width_; ++x) {
    const TriangleTaps::Output& output = across_.outputs[static_cast<std::size_t>(x)];
    const float* weights = across_.weights.data() + output.weights;
    const float* from = row.data() + output.first * channels_;
    for (std::int64_t k = 0; k < channels_; ++k) {
      float sum = 0;
      for (std::int64_t j = 0; j < output.count; ++j) sum += weights[j] * from[j * channels_ + k];
      row_[static_cast<std::size_t>(x * channels_ + k)] = sum;
    }
  }
}

void Resampler::add_row(std::span<const float> row) {
  shrink_row(row);
  const std::size_t length = row_.size();
  for (std::size_t i = begun_; i < down_.outputs.size(); ++i) {
    const TriangleTaps::Output& output = down_.outputs[i];
    if (output.first > next_) break;
    if (next_ >= output.first + output.count) {
      begun_ = i + 1;
      continue;
    }
    const float weight = down_.weights[output.weights + static_cast<std::size_t>(next_ - output.first)];
    float* to = image_.data() + i * length;
    for (std::size_t e = 0; e < length; ++e) to[e] += weight * row_[e];
  }
  ++next_;
}

}  // namespace agon::host
