#include "host/evaluate/fidelity/table_figures.hpp"

#include <cmath>
#include <limits>
#include <utility>

#include "engine/table/table_fit.hpp"
#include "host/evaluate/fidelity/fidelity.hpp"

namespace agon::host {
namespace {

constexpr double kNoMean = std::numeric_limits<double>::quiet_NaN();

/// Of what is not NaN.
class Mean {
 public:
  void add(double value) {
    if (std::isnan(value)) return;
    sum_ += value;
    ++count_;
  }
  double value() const { return count_ == 0 ? kNoMean : sum_ / count_; }

 private:
  double sum_ = 0, count_ = 0;
};

double mean_of_parts(double shapes, double trends) {
  Mean mean;
  mean.add(shapes);
  mean.add(trends);
  return mean.value();
}

void summarise(TableFigures& figures) {
  Mean shapes, trends, related, by_tenths;
  for (const ColumnFigures& column : figures.columns) shapes.add(column.score);
  for (std::size_t p = 0; p < figures.pairs.size(); ++p) {
    trends.add(figures.pairs[p].similarity);
    by_tenths.add(figures.pairs[p].by_tenths);
    if (figures.related[p]) related.add(figures.pairs[p].similarity);
  }
  figures.shapes = shapes.value();
  figures.trends = trends.value();
  figures.related_trends = related.value();
  figures.by_tenths = by_tenths.value();
  figures.score = mean_of_parts(figures.shapes, figures.trends);
  figures.related_score = mean_of_parts(figures.shapes, figures.related_trends);
}

}  // namespace

TableFigures compare_samples(const std::vector<ValueSpace>& spaces, const RowSample& reference,
                             const RowSample& sample, const std::vector<bool>& lacks) {
  const std::size_t width = spaces.size();
  TableFigures figures;
  figures.columns.resize(width);
  for_columns(width, [&](std::size_t c) {
    figures.columns[c] =
        compare_column(spaces[c], count_values(reference, c, spaces[c]), count_values(sample, c, spaces[c]));
    if (lacks[c]) figures.columns[c].score = 0;
  });
  const PairSample left = prepare_pairs(reference, reference, spaces);
  const PairSample right = prepare_pairs(sample, reference, spaces);
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (std::size_t a = 0; a < width; ++a)
    for (std::size_t b = a + 1; b < width; ++b) pairs.emplace_back(a, b);
  figures.pairs.resize(pairs.size());
  for_columns(pairs.size(), [&](std::size_t p) {
    const auto [a, b] = pairs[p];
    figures.pairs[p] = compare_pair(spaces, left, right, a, b);
    if (lacks[a] || lacks[b]) figures.pairs[p].similarity = figures.pairs[p].by_tenths = 0;
  });
  for (std::size_t p = 0; p < pairs.size(); ++p) {
    const bool correlated = spaces[pairs[p].first].numeric && spaces[pairs[p].second].numeric;
    const double threshold = correlated ? kRelatedCorrelation : kRelatedAssociation;
    figures.related.push_back(std::abs(figures.pairs[p].reference) > threshold);
  }
  summarise(figures);
  return figures;
}

}  // namespace agon::host
