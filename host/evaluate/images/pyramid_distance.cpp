#include "host/evaluate/images/pyramid_distance.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numbers>

#include "engine/runtime/thread_pool.hpp"
#include "host/evaluate/draws.hpp"

namespace agon::host {
namespace {

constexpr std::int64_t kPatch = 7, kFewestOfLevel = 2 * kPatch;
constexpr std::array kBinomial = {1.0f / 16, 4.0f / 16, 6.0f / 16, 4.0f / 16, 1.0f / 16};

ImageShape half_of(const ImageShape& shape) {
  return {(shape.height + 1) / 2, (shape.width + 1) / 2, shape.channels};
}

/// ... 2 1 0 1 2 ... n-2 n-1 n-2 ...
std::int64_t mirrored(std::int64_t at, std::int64_t side) {
  if (side == 1) return 0;
  const std::int64_t period = 2 * (side - 1), place = ((at % period) + period) % period;
  return place < side ? place : period - place;
}

/// The filter along one direction: `line` values apart, `side` of them.
void filter_line(const float* from, float* to, std::int64_t side, std::int64_t line) {
  for (std::int64_t at = 0; at < side; ++at) {
    float sum = 0;
    for (std::int64_t tap = 0; tap < 5; ++tap)
      sum += kBinomial[tap] * from[mirrored(at + tap - 2, side) * line];
    to[at * line] = sum;
  }
}

std::vector<float> filtered_image(const std::vector<float>& image, const ImageShape& shape) {
  std::vector<float> across(image.size()), both(image.size());
  const std::int64_t line = shape.width * shape.channels;
  for (std::int64_t y = 0; y < shape.height; ++y)
    for (std::int64_t c = 0; c < shape.channels; ++c)
      filter_line(image.data() + y * line + c, across.data() + y * line + c, shape.width, shape.channels);
  for (std::int64_t x = 0; x < line; ++x) filter_line(across.data() + x, both.data() + x, shape.height, line);
  return both;
}

PyramidLevel downward(const PyramidLevel& fine) {
  const std::vector<float> smooth = filtered_image(fine.values, fine.shape);
  PyramidLevel coarse{half_of(fine.shape), {}};
  for (std::int64_t y = 0; y < fine.shape.height; y += 2)
    for (std::int64_t x = 0; x < fine.shape.width; x += 2)
      for (std::int64_t c = 0; c < fine.shape.channels; ++c)
        coarse.values.push_back(smooth[(y * fine.shape.width + x) * fine.shape.channels + c]);
  return coarse;
}

std::vector<float> upward(const PyramidLevel& coarse, const ImageShape& to) {
  std::vector<float> sparse(static_cast<std::size_t>(to.size()));
  auto value = coarse.values.begin();
  for (std::int64_t y = 0; y < to.height; y += 2)
    for (std::int64_t x = 0; x < to.width; x += 2)
      for (std::int64_t c = 0; c < to.channels; ++c)
        sparse[(y * to.width + x) * to.channels + c] = 4 * *value++;
  return filtered_image(sparse, to);
}

std::int64_t patch_side(const ImageShape& level) { return std::min({kPatch, level.height, level.width}); }

void copy_patch(const PyramidLevel& level, std::int64_t side, Draws& draws, float* to) {
  const auto place = [&](std::int64_t length) {
    return static_cast<std::int64_t>(draws.below(static_cast<std::uint64_t>(length - side + 1)));
  };
  const std::int64_t y = place(level.shape.height), x = place(level.shape.width);
  for (std::int64_t row = 0; row < side; ++row)
    to = std::copy_n(level.values.begin() + ((y + row) * level.shape.width + x) * level.shape.channels,
                     side * level.shape.channels, to);
}

/// A projection with its jackknife group, in an order that sorts by the projection.
using Projected = std::uint64_t;

Projected projected(float value, std::int64_t group) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t rising = bits >> 31 != 0 ? ~bits : bits | 0x80000000u;
  return std::uint64_t{rising} << 32 | static_cast<std::uint64_t>(group);
}
float value_of_projected(Projected projection) {
  const auto rising = static_cast<std::uint32_t>(projection >> 32);
  return std::bit_cast<float>(rising >> 31 != 0 ? rising & 0x7FFFFFFFu : ~rising);
}
int group_of_projected(Projected projection) { return static_cast<int>(projection & 0xFF); }

std::vector<Projected> sorted_projections(const ImageRows& rows, const float* direction,
                                          std::int64_t per_image) {
  std::vector<Projected> all;
  all.reserve(static_cast<std::size_t>(rows.rows));
  const std::int64_t images = rows.rows / per_image;
  for (std::int64_t i = 0; i < rows.rows; ++i) {
    const float* const row = rows.row(i);
    float lanes[4] = {};
    std::int64_t c = 0;
    for (; c + 4 <= rows.width; c += 4)
      for (int lane = 0; lane < 4; ++lane) lanes[lane] += row[c + lane] * direction[c + lane];
    for (; c < rows.width; ++c) lanes[0] += row[c] * direction[c];
    all.push_back(projected(lanes[0] + lanes[1] + lanes[2] + lanes[3], group_of(i / per_image, images)));
  }
  std::ranges::sort(all);
  return all;
}

/// The mean difference without a group; -1: of all. Either side has equally many of each group.
double mean_difference(const std::vector<Projected>& a, const std::vector<Projected>& b, int without) {
  double sum = 0;
  std::int64_t count = 0;
  for (std::size_t i = 0, j = 0;; ++i, ++j, ++count) {
    while (i < a.size() && group_of_projected(a[i]) == without) ++i;
    while (j < b.size() && group_of_projected(b[j]) == without) ++j;
    if (i == a.size() || j == b.size()) break;
    sum += std::abs(static_cast<double>(value_of_projected(a[i])) -
                    static_cast<double>(value_of_projected(b[j])));
  }
  return sum / static_cast<double>(count);
}

}  // namespace

int pyramid_levels(const ImageShape& image) {
  int levels = 1;
  for (ImageShape shape = half_of(image); std::min(shape.height, shape.width) >= kFewestOfLevel;
       shape = half_of(shape))
    ++levels;
  return levels;
}

std::vector<PyramidLevel> laplacian_pyramid(std::span<const std::uint8_t> image, const ImageShape& shape,
                                            int levels) {
  std::vector<PyramidLevel> pyramid{{shape, {image.begin(), image.end()}}};
  for (int level = 1; level < levels; ++level) {
    PyramidLevel coarse = downward(pyramid.back());
    PyramidLevel& fine = pyramid.back();
    const std::vector<float> said = upward(coarse, fine.shape);
    for (std::size_t i = 0; i < said.size(); ++i) fine.values[i] -= said[i];
    pyramid.push_back(std::move(coarse));
  }
  return pyramid;
}

std::vector<ImageRows> pyramid_patches(const ImageSet& images, std::int64_t per_image, std::uint64_t seed) {
  const int levels = pyramid_levels(images.shape);
  std::vector<ImageRows> patches;
  ImageShape shape = images.shape;
  for (int level = 0; level < levels; ++level, shape = half_of(shape)) {
    const std::int64_t side = patch_side(shape);
    patches.push_back(zero_rows(images.count * per_image, side * side * shape.channels));
  }
  constexpr std::int64_t kOfPart = 64;
  host_pool().each(static_cast<int>((images.count + kOfPart - 1) / kOfPart), [&](int part) {
    for (std::int64_t i = part * kOfPart; i < std::min(images.count, (part + 1) * kOfPart); ++i) {
      const auto pyramid = laplacian_pyramid(images.image(i), images.shape, levels);
      Draws draws(seed, DrawPurpose::patches, static_cast<std::uint64_t>(i));
      for (int level = 0; level < levels; ++level)
        for (std::int64_t patch = 0; patch < per_image; ++patch)
          copy_patch(pyramid[level], patch_side(pyramid[level].shape), draws,
                     patches[level].row(i * per_image + patch));
    }
  });
  for (ImageRows& level : patches) normalise_patches(level, images.shape.channels);
  return patches;
}

void normalise_patches(ImageRows& patches, std::int64_t channels) {
  const double count = static_cast<double>(patches.rows * patches.width / channels);
  for (std::int64_t c = 0; c < channels; ++c) {
    double mean = 0, square = 0;
    const auto start = static_cast<std::size_t>(c), step = static_cast<std::size_t>(channels);
    for (std::size_t e = start; e < patches.values.size(); e += step) mean += double{patches.values[e]};
    mean /= count;
    for (std::size_t e = start; e < patches.values.size(); e += step)
      square += (double{patches.values[e]} - mean) * (double{patches.values[e]} - mean);
    const double root = std::sqrt(square / count), scale = root > 1e-6 ? 1 / root : 1;
    for (std::size_t e = start; e < patches.values.size(); e += step)
      patches.values[e] = static_cast<float>((double{patches.values[e]} - mean) * scale);
  }
}

ImageRows random_directions(std::int64_t directions, std::int64_t width, std::uint64_t seed) {
  Draws draws(seed, DrawPurpose::patch_directions);
  constexpr std::uint64_t kSteps = std::uint64_t{1} << 53;
  const auto uniform = [&] {  // on (0, 1]
    return static_cast<double>(draws.below(kSteps) + 1) / static_cast<double>(kSteps);
  };
  ImageRows rows = zero_rows(directions, width);
  for (std::int64_t p = 0; p < directions; ++p) {
    std::vector<double> direction;
    double square = 0;
    for (std::int64_t c = 0; c < width; ++c) {  // normal numbers by Box and Muller's formula
      const double radius = std::sqrt(-2 * std::log(uniform()));
      direction.push_back(radius * std::cos(2 * std::numbers::pi * uniform()));
      square += direction.back() * direction.back();
    }
    for (std::int64_t c = 0; c < width; ++c)
      rows.row(p)[c] = static_cast<float>(direction[c] / std::sqrt(square));
  }
  return rows;
}

std::vector<Jackknifed> patch_distances(const ImageRows& real, std::span<const ImageRows> others,
                                        const ImageRows& directions, std::int64_t per_image) {
  const auto count = static_cast<std::size_t>(directions.rows);
  std::vector<std::vector<Jackknifed>> along(others.size(), std::vector<Jackknifed>(count));
  host_pool().each(static_cast<int>(count), [&](int p) {
    const auto of_real = sorted_projections(real, directions.row(p), per_image);
    for (std::size_t other = 0; other < others.size(); ++other) {
      const auto of_other = sorted_projections(others[other], directions.row(p), per_image);
      along[other][p] =
          Jackknifed::by([&](int without) { return mean_difference(of_real, of_other, without); });
    }
  });
  std::vector<Jackknifed> means;
  for (const std::vector<Jackknifed>& one : along) means.push_back(mean_of_figures(one));
  return means;
}

}  // namespace agon::host
