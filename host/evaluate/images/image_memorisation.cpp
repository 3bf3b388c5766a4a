#include "host/evaluate/images/image_memorisation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>
#include <unordered_set>

#include "engine/runtime/thread_pool.hpp"
#include "host/evaluate/draws.hpp"

namespace agon::host {
namespace {

constexpr std::int64_t kMostOfSmallSide = 32;
constexpr std::size_t kMostClosePairs = 20;
constexpr double kNearQuantile = 0.01;
constexpr std::int64_t kFewestOfYardstick = 100;
constexpr double kNowhere = std::numeric_limits<double>::infinity();

struct Candidate {
  float distance = std::numeric_limits<float>::infinity();
  std::int64_t index = -1;
};
using Candidates = std::array<Candidate, 4>;  // rising

void take_candidate(const Candidate& one, Candidates& all) {
  if (!(one.distance < all.back().distance)) return;
  std::size_t place = all.size() - 1;
  for (; place > 0 && all[place - 1].distance > one.distance; --place) all[place] = all[place - 1];
  all[place] = one;
}

double root_mean_square(const float* a, const float* b, std::int64_t width) {
  double sum = 0;
  for (std::int64_t c = 0; c < width; ++c) sum += double{a[c] - b[c]} * double{a[c] - b[c]};
  return std::sqrt(sum / static_cast<double>(width));
}

NearestImage nearest_of(const Candidates& candidates, const float* query, const ImageRows& train) {
  NearestImage nearest{-1, kNowhere, kNowhere};
  for (const Candidate& one : candidates) {
    if (one.index < 0) continue;
    const double distance = root_mean_square(query, train.row(one.index), train.width);
    if (distance < nearest.distance) {
      nearest = {one.index, distance, nearest.distance};
    } else {
      nearest.next = std::min(nearest.next, distance);
    }
  }
  return nearest;
}

ImageRows centred_rows(ImageRows rows, const std::vector<float>& mean) {
  for (std::int64_t i = 0; i < rows.rows; ++i)
    for (std::int64_t c = 0; c < rows.width; ++c) rows.row(i)[c] -= mean[c];
  return rows;
}

using ImageBytes = std::unordered_set<std::string_view>;

std::string_view bytes_of(const ImageSet& images, std::int64_t i) {
  const auto image = images.image(i);
  return {reinterpret_cast<const char*>(image.data()), image.size()};
}
ImageBytes all_bytes(const ImageSet& images) {
  ImageBytes all;
  for (std::int64_t i = 0; i < images.count; ++i) all.insert(bytes_of(images, i));
  return all;
}
Rate found_among(const ImageSet& images, const ImageBytes& known) {
  std::int64_t found = 0;
  for (std::int64_t i = 0; i < images.count; ++i) found += known.contains(bytes_of(images, i)) ? 1 : 0;
  return rate_of(found, images.count);
}

/// The side of the squares that are averaged.
std::int64_t block_of(const ImageShape& shape) {
  return (std::max(shape.height, shape.width) + kMostOfSmallSide - 1) / kMostOfSmallSide;
}

ImageShape small_shape(const ImageShape& shape) {
  const auto blocks = [block = block_of(shape)](std::int64_t side) { return (side + block - 1) / block; };
  return {blocks(shape.height), blocks(shape.width), shape.channels};
}

double ratio_of(const NearestImage& nearest) {
  if (nearest.next == 0) return 1;  // two alike: neither stands out
  return std::isinf(nearest.next) ? 1 : nearest.distance / nearest.next;
}

template <class Of>
std::vector<double> each_of(const std::vector<NearestImage>& all, const Of& of) {
  std::vector<double> values;
  for (const NearestImage& one : all) values.push_back(of(one));
  return values;
}

Rate rate_below(const std::vector<double>& values, double limit) {
  return rate_of(std::ranges::count_if(values, [&](double value) { return value < limit; }),
                 static_cast<std::int64_t>(values.size()));
}

void fill_figures(const std::vector<NearestImage>& synthetic, const std::vector<NearestImage>& yardstick,
                  ImageMemorisation& found) {
  const auto distance = [](const NearestImage& one) { return one.distance; };
  const std::vector<double> of_synthetic = each_of(synthetic, distance),
                            of_yardstick = each_of(yardstick, distance);
  found.synthetic = static_cast<std::int64_t>(synthetic.size());
  found.yardstick = static_cast<std::int64_t>(yardstick.size());
  found.median = quantile_of(of_synthetic, 0.5);
  found.yardstick_median = quantile_of(of_yardstick, 0.5);
  found.near_distance = quantile_of(of_yardstick, kNearQuantile);
  found.near = rate_below(of_synthetic, found.near_distance);
  found.single_ratio = quantile_of(each_of(yardstick, ratio_of), kNearQuantile);
  found.single = rate_below(each_of(synthetic, ratio_of), found.single_ratio);
}

struct PairMaker {
  const std::vector<std::int64_t>& of_train;
  std::vector<double> yardstick;  // rising

  std::vector<ClosePair> of(const std::vector<std::int64_t>& synthetic,
                            const std::vector<NearestImage>& nearest) const {
    std::vector<ClosePair> pairs;
    for (std::size_t i = 0; i < nearest.size(); ++i)
      pairs.push_back({synthetic[i], of_train[nearest[i].index], nearest[i].distance,
                       share_as_near(yardstick, nearest[i].distance)});
    return pairs;
  }
};

}  // namespace

std::vector<double> rising_distances(const std::vector<NearestImage>& nearest) {
  std::vector<double> rising = each_of(nearest, [](const NearestImage& one) { return one.distance; });
  std::ranges::sort(rising);
  return rising;
}

double share_as_near(const std::vector<double>& rising, double distance) {
  const auto end = std::ranges::upper_bound(rising, distance);
  return static_cast<double>(end - rising.begin()) / static_cast<double>(rising.size());
}

ImageRows small_pixels(const ImageSet& images, std::span<const std::int64_t> which) {
  const ImageShape& shape = images.shape;
  const std::int64_t block = block_of(shape);
  const ImageShape small = small_shape(shape);
  const auto place = [&](std::int64_t y, std::int64_t x) {
    return (y / block * small.width + x / block) * shape.channels;
  };
  std::vector<float> count(static_cast<std::size_t>(small.size()));
  for (std::int64_t y = 0; y < shape.height; ++y)
    for (std::int64_t x = 0; x < shape.width; ++x)
      for (std::int64_t c = 0; c < shape.channels; ++c) ++count[place(y, x) + c];
  ImageRows rows = zero_rows(static_cast<std::int64_t>(which.size()), small.size());
  for (std::int64_t i = 0; i < rows.rows; ++i) {
    const auto image = images.image(which[i]);
    float* const row = rows.row(i);
    std::size_t at = 0;
    for (std::int64_t y = 0; y < shape.height; ++y)
      for (std::int64_t x = 0; x < shape.width; ++x)
        for (std::int64_t c = 0; c < shape.channels; ++c) row[place(y, x) + c] += image[at++];
    for (std::size_t e = 0; e < count.size(); ++e) row[e] /= count[e];
  }
  return rows;
}

std::vector<NearestImage> nearest_images(const RowProducts& products, const ImageRows& queries,
                                         const ImageRows& train, std::int64_t first) {
  const RowScale scale(train);
  const ImageRows a = centred_rows(queries, scale.mean), b = centred_rows(train, scale.mean);
  const std::vector<float> length_a = squared_lengths(a), length_b = squared_lengths(b);
  std::vector<Candidates> candidates(static_cast<std::size_t>(queries.rows));
  products.each(a, b, [&](const ProductBlock& block) {
    constexpr std::int64_t kOfPart = 32;
    host_pool().each(static_cast<int>((block.rows + kOfPart - 1) / kOfPart), [&](int part) {
      for (std::int64_t row = part * kOfPart; row < std::min(block.rows, (part + 1) * kOfPart); ++row) {
        const std::int64_t i = block.first_row + row;
        const float* const product = block.of(row);
        for (std::int64_t j = 0; j < block.columns; ++j) {
          const std::int64_t at = block.first_column + j;
          const float distance = length_a[i] + length_b[at] - 2 * product[j];
          if (distance < candidates[i].back().distance && (first < 0 || at != first + i))
            take_candidate({distance, at}, candidates[i]);
        }
      }
    });
  });
  std::vector<NearestImage> nearest;
  for (std::int64_t i = 0; i < queries.rows; ++i)
    nearest.push_back(nearest_of(candidates[i], queries.row(i), train));
  return nearest;
}

ImageMemorisation find_memorised(const RowProducts& products, const ImageSet& train, const ImageSet& held_out,
                                 const ImageSet& synthetic, const MemorisationOptions& options) {
  ImageMemorisation found;
  const ImageBytes known = all_bytes(train);
  found.exact = found_among(synthetic, known);
  found.exact_held_out = found_among(held_out, known);
  found.distinct = static_cast<std::int64_t>(all_bytes(synthetic).size());
  Draws draws(options.seed, DrawPurpose::image_order, 1);
  const auto some_of = [&](const ImageSet& images, std::int64_t most) {
    const std::int64_t wide =
        std::max<std::int64_t>(2, options.most_values / small_shape(images.shape).size());
    return draws.some(images.count, std::min(most, wide));
  };
  const std::vector<std::int64_t> of_train = some_of(train, train.count);
  const std::vector<std::int64_t> of_synthetic = some_of(synthetic, options.most_images);
  const ImageRows searched = small_pixels(train, of_train);
  found.searched = searched.rows;
  const auto synthetic_nearest = nearest_images(products, small_pixels(synthetic, of_synthetic), searched);
  found.yardstick_is_held_out = held_out.count >= kFewestOfYardstick;
  std::vector<NearestImage> yardstick;
  if (found.yardstick_is_held_out) {
    const auto queries = small_pixels(held_out, some_of(held_out, options.most_images));
    yardstick = nearest_images(products, queries, searched);
  } else {
    std::vector<std::int64_t> first(static_cast<std::size_t>(std::min(options.most_images, searched.rows)));
    for (std::size_t i = 0; i < first.size(); ++i) first[i] = static_cast<std::int64_t>(i);
    yardstick = nearest_images(products, some_rows(searched, first), searched, 0);
  }
  fill_figures(synthetic_nearest, yardstick, found);
  const PairMaker pairs{of_train, rising_distances(yardstick)};
  found.closest = pairs.of(of_synthetic, synthetic_nearest);
  std::ranges::stable_sort(found.closest, {}, &ClosePair::distance);
  if (found.closest.size() > kMostClosePairs) found.closest.resize(kMostClosePairs);
  if (!options.beside.empty())
    found.beside =
        pairs.of(options.beside, nearest_images(products, small_pixels(synthetic, options.beside), searched));
  return found;
}

}  // namespace agon::host
