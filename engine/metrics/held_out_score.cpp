#include "engine/metrics/held_out_score.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "engine/metrics/column_statistics.hpp"
#include "engine/runtime/buffer.hpp"
#include "engine/runtime/public_errors.hpp"
#include "engine/runtime/queue.hpp"
#include "kernels/error.hpp"
#include "kernels/kernel_sums.hpp"
#include "kernels/random.hpp"
#include "kernels/sliced_wasserstein.hpp"

namespace agon {
namespace {

std::int64_t counted_rows(std::span<const float> held_out, std::int64_t width,
                          const HeldOutOptions& options) {
  constexpr std::int64_t kMostDirections = 1 << 16;
  if (options.directions < 1 || options.directions > kMostDirections)
    throw ConfigurationError("directions: " + std::to_string(options.directions) + " is not between 1 and " +
                             std::to_string(kMostDirections));
  if (!all_finite(held_out)) throw DataError("held-out rows: a number is not finite");
  const std::int64_t rows = width < 1 ? 0 : static_cast<std::int64_t>(held_out.size()) / width;
  if (rows < 2 || rows * width != static_cast<std::int64_t>(held_out.size()))
    throw DataError("held-out rows: two or more whole ones are needed to score by");
  return std::min(rows, kernels::kMostRanked);
}

double median_distance(std::span<const float> rows, std::int64_t count, std::int64_t width) {
  std::vector<double> distances;
  for (std::int64_t i = 0; i < count; ++i)
    for (std::int64_t j = 0; j < i; ++j)
      distances.push_back(
          std::sqrt(squared_distance(rows.data() + i * width, rows.data() + j * width, width)));
  const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
  std::nth_element(distances.begin(), middle, distances.end());
  return *middle > 0 ? *middle : 1;
}

/// (directions, width): normal numbers, which know no direction from another, brought to length 1.
std::vector<float> directions(const Queue& queue, std::int64_t count, std::int64_t width,
                              std::uint64_t seed) {
  std::vector<float> values(static_cast<std::size_t>(count * width));
  Buffer<float> drawn(queue.device(), values.size());
  kernels::normal_fill(queue, {.n = count * width,
                               .out = drawn.data(),
                               .random = {seed, kernels::RandomPurpose::score_directions, nullptr}});
  queue.download(std::span(values), static_cast<const float*>(drawn.data()));
  for (std::int64_t p = 0; p < count; ++p) {
    const std::span<float> one(values.data() + p * width, static_cast<std::size_t>(width));
    double square = 0;
    for (const float value : one) square += double{value} * value;
    for (float& value : one) value = static_cast<float>(value / std::sqrt(square));
  }
  return values;
}

/// Over the columns that vary among the held-out rows; 1 where none does. A column counts up to 1: one that
/// is too wide does not make up for others that are too narrow.
double spread(std::span<const double> sample, std::span<const double> held_out) {
  double sum = 0, columns = 0;
  for (std::size_t c = 0; c < sample.size(); ++c) {
    if (held_out[c] == 0) continue;
    sum += std::min(sample[c] / held_out[c], 1.0);
    ++columns;
  }
  return columns == 0 ? 1 : sum / columns;
}

double sum_of(std::span<const float> values) {
  double sum = 0;
  for (const float value : values) sum += value;
  return sum;
}

}  // namespace

bool is_better(const HeldOutScore& a, const HeldOutScore& b) {
  if (std::isnan(a.sliced_wasserstein) || std::isnan(b.sliced_wasserstein))
    return !std::isnan(a.sliced_wasserstein);
  if (a.collapsed() != b.collapsed()) return b.collapsed();
  return a.sliced_wasserstein < b.sliced_wasserstein;
}

struct HeldOutScorer::Implementation {
  Implementation(const Device& device, std::span<const float> held_out, std::int64_t width,
                 std::uint64_t seed, const HeldOutOptions& options);
  std::int64_t rows() const { return held_out_ * times_; }
  HeldOutScore score(std::span<const float> sample);

  std::int64_t width_, held_out_, times_;
  double bandwidth_;
  Queue queue_;
  std::vector<double> deviation_;  // of the held-out columns
  Buffer<float> real_, sample_, direction_, along_, own_, cross_;
};

HeldOutScorer::Implementation::Implementation(const Device& device, std::span<const float> held_out,
                                              std::int64_t width, std::uint64_t seed,
                                              const HeldOutOptions& options)
    : width_(width),
      held_out_(counted_rows(held_out, width, options)),
      times_(std::max<std::int64_t>(std::min(options.samples, kernels::kMostRanked) / held_out_, 1)),
      bandwidth_(median_distance(held_out, std::min<std::int64_t>(held_out_, 512), width)),
      queue_(device),
      deviation_(
          column_statistics(held_out.first(static_cast<std::size_t>(held_out_ * width)), width).deviation),
      real_(device, static_cast<std::size_t>(held_out_ * width)),
      sample_(device, static_cast<std::size_t>(rows() * width)),
      direction_(device, static_cast<std::size_t>(options.directions * width)),
      along_(device, static_cast<std::size_t>(options.directions)),
      own_(device, static_cast<std::size_t>(held_out_ + rows())),
      cross_(device, static_cast<std::size_t>(held_out_)) {
  queue_.upload(real_.data(), held_out.first(real_.size()));
  const std::vector<float> drawn = directions(queue_, options.directions, width, seed);
  queue_.upload(direction_.data(), std::span(drawn));
  queue_.wait();
}

HeldOutScore HeldOutScorer::Implementation::score(std::span<const float> sample) {
  if (sample.size() != sample_.size())
    throw ConfigurationError("score(): the sample must have " + std::to_string(rows()) + " rows");
  if (!all_finite(sample)) {
    constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
    return {kNone, kNone, kNone};
  }
  queue_.upload(sample_.data(), sample);
  kernels::sliced_wasserstein(queue_, {.n = rows(),
                                       .times = times_,
                                       .width = width_,
                                       .projections = static_cast<std::int64_t>(along_.size()),
                                       .x = real_.data(),
                                       .y = sample_.data(),
                                       .direction = direction_.data(),
                                       .out = along_.data()});
  kernels::kernel_sums(queue_, {.n = held_out_,
                                .m = rows(),
                                .width = width_,
                                .scale = static_cast<float>(1 / (2 * bandwidth_ * bandwidth_)),
                                .x = real_.data(),
                                .y = sample_.data(),
                                .own = own_.data(),
                                .cross = cross_.data()});
  std::vector<float> along(along_.size()), own(own_.size()), cross(cross_.size());
  queue_.download(std::span(along), static_cast<const float*>(along_.data()));
  queue_.download(std::span(own), static_cast<const float*>(own_.data()));
  queue_.download(std::span(cross), static_cast<const float*>(cross_.data()));
  const auto n = static_cast<double>(held_out_), m = static_cast<double>(rows());
  const std::span all(own);
  const auto first = static_cast<std::size_t>(held_out_);
  return {std::sqrt(sum_of(along) / static_cast<double>(along_.size())),
          sum_of(all.first(first)) / (n * (n - 1)) + sum_of(all.subspan(first)) / (m * (m - 1)) -
              2 * sum_of(cross) / (n * m),
          spread(column_statistics(sample, width_).deviation, deviation_)};
}

HeldOutScorer::HeldOutScorer(const Device& device, std::span<const float> held_out, std::int64_t width,
                             std::uint64_t seed, const HeldOutOptions& options)
    : implementation_("HeldOutScorer", with_errors_of("HeldOutScorer", [&] {
                        return std::make_unique<Implementation>(device, held_out, width, seed, options);
                      })) {}
HeldOutScorer::HeldOutScorer(HeldOutScorer&&) noexcept = default;
HeldOutScorer& HeldOutScorer::operator=(HeldOutScorer&&) noexcept = default;
HeldOutScorer::~HeldOutScorer() = default;

std::int64_t HeldOutScorer::rows() const { return implementation_->rows(); }
double HeldOutScorer::bandwidth() const { return implementation_->bandwidth_; }
HeldOutScore HeldOutScorer::score(std::span<const float> sample) {
  return with_errors_of("score()", [&] { return implementation_->score(sample); });
}

}  // namespace agon
