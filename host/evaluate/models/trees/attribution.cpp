#include "host/evaluate/models/trees/attribution.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "host/evaluate/models/side_by_side.hpp"

namespace agon::host {
namespace {

constexpr std::int64_t kBlock = 100;  // rows of a job

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

}  // namespace

std::vector<double> mean_shap(const BoostedTrees& trees, const TreeLayout& layout,
                              const TreeFeatures& features, std::int64_t columns, int threads) {
  std::vector<std::vector<double>> blocks(static_cast<std::size_t>((features.rows + kBlock - 1) / kBlock));
  std::vector<std::function<void()>> jobs;
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    jobs.push_back([&, b] {
      const std::int64_t first = static_cast<std::int64_t>(b) * kBlock;
      std::vector<std::int64_t> rows(static_cast<std::size_t>(std::min(kBlock, features.rows - first)));
      std::iota(rows.begin(), rows.end(), first);
      blocks[b] = sum_of_block(trees, layout, part(features, rows), columns);
    });
  }
  do_side_by_side(threads, jobs);
  std::vector<double> mean(static_cast<std::size_t>(columns));
  for (const std::vector<double>& block : blocks)
    for (std::size_t c = 0; c < mean.size(); ++c) mean[c] += block[c] / static_cast<double>(features.rows);
  return mean;
}

}  // namespace agon::host
