#include "host/evaluate/models/trees/attribution.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "host/evaluate/models/side_by_side.hpp"

namespace agon::host {
namespace {

constexpr std::int64_t kBlock = 100, kPairBlock = 20;  // rows of a job

// The sum over these rows, by column.
std::vector<double> sum_of_block(const BoostedTrees& trees, const TreeLayout& layout,
                                 const TreeFeatures& features, std::int64_t columns) {
  const std::vector<float> added = trees.contributions(features);
  std::vector<double> sums(static_cast<std::size_t>(columns)), of_row(sums.size());
  for (auto first = added.begin(); first != added.end(); first += features.width + 1) {
    std::ranges::fill(of_row, 0);
    for (std::int64_t f = 0; f < features.width; ++f)
      of_row[static_cast<std::size_t>(layout.column_of(f))] += first[f];
    for (std::size_t c = 0; c < sums.size(); ++c) sums[c] += std::abs(of_row[c]);
  }
  return sums;
}

// The same by pair of columns: (columns, columns).
std::vector<double> pair_sum_of_block(const BoostedTrees& trees, const TreeLayout& layout,
                                      const TreeFeatures& features, std::int64_t columns) {
  const std::vector<float> added = trees.interactions(features);
  const auto width = static_cast<std::size_t>(features.width), count = static_cast<std::size_t>(columns);
  std::vector<double> sums(count * count), of_row(sums.size());
  for (auto first = added.begin(); first != added.end();
       first += static_cast<std::ptrdiff_t>((width + 1) * (width + 1))) {
    std::ranges::fill(of_row, 0);
    for (std::size_t f = 0; f < width; ++f)
      for (std::size_t g = 0; g < width; ++g) {
        const auto a = static_cast<std::size_t>(layout.column_of(static_cast<std::int64_t>(f))),
                   b = static_cast<std::size_t>(layout.column_of(static_cast<std::int64_t>(g)));
        if (a == b) continue;
        const double value = first[static_cast<std::ptrdiff_t>(f * (width + 1) + g)];
        of_row[a * count + b] += value;
        of_row[b * count + a] += value;
      }
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += std::abs(of_row[i]);
  }
  return sums;
}

using SumOfBlock = std::vector<double> (*)(const BoostedTrees&, const TreeLayout&, const TreeFeatures&,
                                           std::int64_t);

// The mean over rows, blocks of which are taken side by side; `count` figures.
std::vector<double> mean_over_blocks(const BoostedTrees& trees, const TreeLayout& layout,
                                     const TreeFeatures& features, std::int64_t columns, std::size_t count,
                                     std::int64_t block, int threads, SumOfBlock sum_of) {
  std::vector<std::vector<double>> blocks(static_cast<std::size_t>((features.rows + block - 1) / block));
  std::vector<std::function<void()>> jobs;
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    jobs.push_back([&, b] {
      const std::int64_t first = static_cast<std::int64_t>(b) * block;
      std::vector<std::int64_t> rows(static_cast<std::size_t>(std::min(block, features.rows - first)));
      std::iota(rows.begin(), rows.end(), first);
      blocks[b] = sum_of(trees, layout, part(features, rows), columns);
    });
  }
  do_side_by_side(threads, jobs);
  std::vector<double> mean(count);
  for (const std::vector<double>& one : blocks)
    for (std::size_t i = 0; i < count; ++i) mean[i] += one[i] / static_cast<double>(features.rows);
  return mean;
}

}  // namespace

std::vector<double> mean_shap(const BoostedTrees& trees, const TreeLayout& layout,
                              const TreeFeatures& features, std::int64_t columns, int threads) {
  return mean_over_blocks(trees, layout, features, columns, static_cast<std::size_t>(columns), kBlock,
                          threads, sum_of_block);
}

std::vector<double> mean_interactions(const BoostedTrees& trees, const TreeLayout& layout,
                                      const TreeFeatures& features, std::int64_t columns, int threads) {
  return mean_over_blocks(trees, layout, features, columns, static_cast<std::size_t>(columns * columns),
                          kPairBlock, threads, pair_sum_of_block);
}

}  // namespace agon::host
