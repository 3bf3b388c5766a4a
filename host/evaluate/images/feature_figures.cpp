#include "host/evaluate/images/feature_figures.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "engine/runtime/thread_pool.hpp"

namespace agon::host {
namespace {

constexpr std::int64_t kRowsOfPart = 32, kColumnsOfPart = 128;
constexpr int kFurthestCounted = 5;
using Nearest = std::array<float, kFurthestCounted>;  // rising

void take_distance(float distance, Nearest& nearest) {
  if (!(distance < nearest.back())) return;
  int place = kFurthestCounted - 1;
  for (; place > 0 && nearest[place - 1] > distance; --place) nearest[place] = nearest[place - 1];
  nearest[place] = distance;
}

/// The sum of k over columns [begin, end) of a row of products.
double kernel_of_row(const float* product, std::int64_t begin, std::int64_t end, float share) {
  double sums[4] = {};
  std::int64_t j = begin;
  for (; j + 4 <= end; j += 4)
    for (int lane = 0; lane < 4; ++lane) {
      const float base = product[j + lane] * share + 1;
      sums[lane] += static_cast<double>(base * base * base);
    }
  for (; j < end; ++j) {
    const float base = product[j] * share + 1;
    sums[0] += static_cast<double>(base * base * base);
  }
  return sums[0] + sums[1] + sums[2] + sums[3];
}

/// Kernel sums of each row with each group of columns: (rows, kJackknifeGroups).
class KernelRows {
 public:
  KernelRows(std::int64_t rows, std::int64_t columns, std::int64_t width)
      : rows_(rows),
        columns_(columns),
        share_(1 / static_cast<float>(width)),
        sum_(static_cast<std::size_t>(rows * kJackknifeGroups)) {}

  void take(const ProductBlock& block, std::int64_t row) {
    const std::int64_t end_of_block = block.first_column + block.columns;
    for (std::int64_t group = 0; group < kJackknifeGroups; ++group) {
      const std::int64_t begin = std::max(group_start(group, columns_), block.first_column);
      const std::int64_t end = std::min(group_start(group + 1, columns_), end_of_block);
      if (begin >= end) continue;
      sum_[(block.first_row + row) * kJackknifeGroups + group] +=
          kernel_of_row(block.of(row), begin - block.first_column, end - block.first_column, share_);
    }
  }
  /// Takes a row's kernel with itself away again.
  void leave_out_itself(const ProductBlock& block, std::int64_t row) {
    const std::int64_t itself = block.first_row + row, column = itself - block.first_column;
    if (column < 0 || column >= block.columns) return;
    sum_[itself * kJackknifeGroups + group_of(itself, columns_)] -=
        kernel_of_row(block.of(row), column, column + 1, share_);
  }

  KernelGroups groups() const {
    KernelGroups all{rows_, columns_, std::vector<double>(kJackknifeGroups * kJackknifeGroups)};
    for (std::int64_t i = 0; i < rows_; ++i)
      for (std::int64_t group = 0; group < kJackknifeGroups; ++group)
        all.sum[group_of(i, rows_) * kJackknifeGroups + group] += sum_[i * kJackknifeGroups + group];
    return all;
  }

 private:
  std::int64_t rows_, columns_;
  float share_;
  std::vector<double> sum_;
};

/// The sum of all groups' pairs but those with group `without` on either side; -1: of all.
double kernel_sum(const KernelGroups& of, int without) {
  double sum = 0;
  for (int a = 0; a < kJackknifeGroups; ++a)
    for (int b = 0; b < kJackknifeGroups; ++b)
      if (a != without && b != without) sum += of.sum[a * kJackknifeGroups + b];
  return sum;
}

Jackknifed kernel_distance(const KernelGroups& real, const KernelGroups& made, const KernelGroups& cross) {
  return Jackknifed::by([&](int without) {
    const auto left = [&](std::int64_t count) {
      return static_cast<double>(without < 0 ? count : count - group_size(without, count));
    };
    const double n = left(real.rows), m = left(made.rows);
    return kernel_sum(real, without) / (n * (n - 1)) + kernel_sum(made, without) / (m * (m - 1)) -
           2 * kernel_sum(cross, without) / (n * m);
  });
}

/// Calls work(i) for 0, ..., count - 1, `of_part` at a time, on several threads.
template <class Work>
void each_part(std::int64_t count, std::int64_t of_part, const Work& work) {
  host_pool().each(static_cast<int>((count + of_part - 1) / of_part),
                   [&](int part) { work(part * of_part, std::min(count, (part + 1) * of_part)); });
}

/// Who lies in whose ball.
struct BallCounts {
  std::vector<double> density;    // (made): balls to the 5th that it lies in
  std::vector<double> precision;  // (made): 1 in any ball to the 3rd
  std::vector<double> coverage;   // (real): 1 with any made row in its ball to the 5th
  std::vector<double> recall;     // (real): 1 in any made row's ball to the 3rd

  BallCounts(std::int64_t real, std::int64_t made)
      : density(static_cast<std::size_t>(made)),
        precision(density),
        coverage(static_cast<std::size_t>(real)),
        recall(coverage) {}

  void take_row(const FeatureSet& real, const FeatureSet& made, const ProductBlock& block, std::int64_t row) {
    const std::int64_t i = block.first_row + row;
    const float length = real.squared_length[i], reach = real.fifth2[i];
    const float* const product = block.of(row);
    int covered = 0, recalled = 0;
    for (std::int64_t j = 0; j < block.columns; ++j) {
      const std::int64_t at = block.first_column + j;
      const float distance = squared_distance(length, made.squared_length[at], product[j]);
      covered |= distance <= reach ? 1 : 0;
      recalled |= distance <= made.third2[at] ? 1 : 0;
    }
    if (covered != 0) coverage[i] = 1;
    if (recalled != 0) recall[i] = 1;
  }

  void take_columns(const FeatureSet& real, const FeatureSet& made, const ProductBlock& block,
                    std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = 0; row < block.rows; ++row) {
      const std::int64_t i = block.first_row + row;
      const float length = real.squared_length[i], fifth = real.fifth2[i], third = real.third2[i];
      for (std::int64_t j = begin; j < end; ++j) {
        const std::int64_t at = block.first_column + j;
        const float distance = squared_distance(length, made.squared_length[at], block.of(row)[j]);
        density[at] += distance <= fifth ? 1 : 0;
        precision[at] = distance <= third ? 1 : precision[at];
      }
    }
  }
};

}  // namespace

FeatureSet feature_set(const RowProducts& products, ImageRows features) {
  FeatureSet set{std::move(features), {}, {}, {}, {}};
  const std::int64_t rows = set.features.rows;
  set.squared_length = squared_lengths(set.features);
  KernelRows kernel(rows, rows, set.features.width);
  Nearest none;
  none.fill(std::numeric_limits<float>::infinity());
  std::vector<Nearest> nearest(static_cast<std::size_t>(rows), none);
  products.each(set.features, set.features, [&](const ProductBlock& block) {
    each_part(block.rows, kRowsOfPart, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t row = begin; row < end; ++row) {
        kernel.take(block, row);
        kernel.leave_out_itself(block, row);
        const std::int64_t i = block.first_row + row;
        for (std::int64_t j = 0; j < block.columns; ++j)
          if (const std::int64_t other = block.first_column + j; other != i)
            take_distance(
                squared_distance(set.squared_length[i], set.squared_length[other], block.of(row)[j]),
                nearest[i]);
      }
    });
  });
  const auto others = static_cast<std::int64_t>(rows - 1);
  for (const Nearest& near : nearest) {
    set.third2.push_back(near[std::clamp<std::int64_t>(others, 1, 3) - 1]);
    set.fifth2.push_back(near[std::clamp<std::int64_t>(others, 1, kFurthestCounted) - 1]);
  }
  set.kernel = kernel.groups();
  return set;
}

FeatureFigures compare_features(const RowProducts& products, const FeatureSet& real, const FeatureSet& made) {
  const std::int64_t n = real.features.rows, m = made.features.rows;
  KernelRows kernel(n, m, real.features.width);
  BallCounts balls(n, m);
  products.each(real.features, made.features, [&](const ProductBlock& block) {
    each_part(block.rows, kRowsOfPart, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t row = begin; row < end; ++row) {
        kernel.take(block, row);
        balls.take_row(real, made, block, row);
      }
    });
    each_part(block.columns, kColumnsOfPart, [&](std::int64_t begin, std::int64_t end) {
      balls.take_columns(real, made, block, begin, end);
    });
  });
  const double neighbours = static_cast<double>(std::clamp<std::int64_t>(n - 1, 1, kFurthestCounted));
  for (double& count : balls.density) count /= neighbours;
  return {kernel_distance(real.kernel, made.kernel, kernel.groups()), mean_of_images(balls.density),
          mean_of_images(balls.coverage), mean_of_images(balls.precision), mean_of_images(balls.recall)};
}

}  // namespace agon::host
