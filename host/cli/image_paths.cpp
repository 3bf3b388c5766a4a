#include "host/cli/image_paths.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>
#include <vector>

#include "host/evaluate/draws.hpp"
#include "host/run/image_data.hpp"

namespace agon::host {
namespace {

std::vector<double> normal_vector(Draws& draws, std::int64_t size) {
  const auto uniform = [&] { return (static_cast<double>(draws.below(1u << 30)) + 0.5) * 0x1p-30; };
  std::vector<double> values;
  for (std::int64_t i = 0; i < size; ++i) {
    const double length = std::sqrt(-2 * std::log(uniform()));
    values.push_back(length * std::cos(2 * std::numbers::pi * uniform()));
  }
  return values;
}

double product_of(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

}  // namespace

std::vector<float> noise_between(std::uint64_t seed, std::uint64_t path, std::int64_t size,
                                 std::int64_t places) {
  Draws draws(seed, DrawPurpose::image_paths, path);
  const std::vector<double> from = normal_vector(draws, size), to = normal_vector(draws, size);
  const double across = product_of(from, to) / std::sqrt(product_of(from, from) * product_of(to, to));
  const double angle = std::acos(std::clamp(across, -1.0, 1.0)), sine = std::max(std::sin(angle), 1e-6);
  std::vector<float> noise;
  for (std::int64_t at = 0; at < places; ++at) {
    const double t = static_cast<double>(at) / static_cast<double>(places - 1);
    const double a = std::sin((1 - t) * angle) / sine, b = std::sin(t * angle) / sine;
    for (std::size_t i = 0; i < from.size(); ++i)
      noise.push_back(static_cast<float>(a * from[i] + b * to[i]));
  }
  return noise;
}

ImageSet images_between(const Gan& gan, const LearntClasses& classes, Gan::Rows paths, std::int64_t places,
                        std::uint64_t seed, std::span<const std::int32_t> asked) {
  const GanConfig& config = gan.config();
  std::vector<float> inputs(static_cast<std::size_t>(paths.count * places * config.inputs()));
  std::vector<std::int32_t> labels;
  for (std::int64_t path = 0; path < paths.count; ++path) {
    const auto number = static_cast<std::uint64_t>(paths.first + path);
    const std::vector<float> noise = noise_between(seed, number, config.latent(), places);
    for (std::int64_t i = 0; i < places; ++i) {
      const auto to = inputs.begin() + (path * places + i) * config.inputs();
      std::copy_n(noise.begin() + i * config.latent(), config.latent(), to);
      if (!config.by_class()) continue;
      labels.push_back(asked.empty() ? static_cast<std::int32_t>((paths.first + path) % config.classes())
                                     : asked[static_cast<std::size_t>(path)]);
      to[config.latent() + labels.back()] = 1;
    }
  }
  ImageSet images = as_images(gan.generate(inputs), config.generator.images.shape);
  images.labels = std::move(labels), images.label_names = classes.names;
  return images;
}

}  // namespace agon::host
