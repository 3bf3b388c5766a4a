#include "host/evaluate/models/regions.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "host/evaluate/models/bin_conditions.hpp"
#include "host/evaluate/models/named_bins.hpp"
#include "host/evaluate/models/told_shares.hpp"

namespace agon::host {
namespace {

constexpr double kChiSquared = 16;  // four standard errors: the best of hundreds of splits is taken

using Rows = std::vector<std::int64_t>;  // of TwoTables: the real ones first

// Every row's bin in every column.
class BinnedRows {
 public:
  BinnedRows(const ComparedTables& tables, const TwoTables& pair, const std::vector<std::size_t>& which,
             const RegionOptions& options)
      : real_rows_(pair.first.rows) {
    for (const std::size_t c : which) {
      SpellNumber spell;
      if (options.spell)
        spell = [&options, c](double x) { return options.spell(static_cast<std::int64_t>(c), x); };
      bins_.push_back(named_bins(tables.columns[c], pair.first.columns[c], pair.second.columns[c], spell));
    }
  }
  std::size_t columns() const { return bins_.size(); }
  const NamedBins& bins(std::size_t column) const { return bins_[column]; }
  bool is_real(std::int64_t row) const { return row < real_rows_; }
  std::size_t bin(std::size_t column, std::int64_t row) const {
    return is_real(row) ? bins_[column].real[static_cast<std::size_t>(row)]
                        : bins_[column].synthetic[static_cast<std::size_t>(row - real_rows_)];
  }

 private:
  std::int64_t real_rows_;
  std::vector<NamedBins> bins_;
};

struct Count {
  std::int64_t real = 0, synthetic = 0;
  Count& operator+=(const Count& other) {
    real += other.real;
    synthetic += other.synthetic;
    return *this;
  }
  friend Count operator-(const Count& a, const Count& b) {
    return {a.real - b.real, a.synthetic - b.synthetic};
  }
};

Count count_rows(const BinnedRows& binned, const Rows& rows) {
  Count count;
  for (const std::int64_t row : rows) ++(binned.is_real(row) ? count.real : count.synthetic);
  return count;
}

// A column's bins on one side of a split; the other bins are on the other side.
struct Split {
  std::size_t column = 0;
  BinSet side;
  double gain = 0;
};

class RegionTree {
 public:
  RegionTree(const BinnedRows& binned, const Rows& rows, const RegionOptions& options)
      : binned_(binned), options_(options), all_(count_rows(binned, rows)) {
    for (std::size_t c = 0; c < binned.columns(); ++c) sides_.push_back(possible_sides(binned.bins(c)));
    // Shares of n rows each that are alike are apart by some chi squared / n.
    const double n = 2 / (1 / static_cast<double>(all_.real) + 1 / static_cast<double>(all_.synthetic));
    least_gain_ = kChiSquared / n;
    grow(rows, {}, options.depth);
  }
  /// Of each leaf, the bins of each column that its rows are in.
  const std::vector<std::vector<std::pair<std::size_t, BinSet>>>& leaves() const { return leaves_; }

 private:
  using Conditions = std::vector<std::pair<std::size_t, BinSet>>;

  void grow(const Rows& rows, const Conditions& conditions, int depth) {
    const Split split = depth > 0 ? best_split(rows, depth > 1) : Split{};
    if (split.side.empty()) {
      if (!conditions.empty()) leaves_.push_back(conditions);
      return;
    }
    BinSet other = split.side;
    other.flip();
    for (const BinSet& side : {split.side, other}) {
      Rows within;
      for (const std::int64_t row : rows)
        if (side[binned_.bin(split.column, row)]) within.push_back(row);
      grow(within, with_condition(conditions, split.column, side), depth - 1);
    }
  }

  static Conditions with_condition(Conditions conditions, std::size_t column, const BinSet& side) {
    for (auto& [of, bins] : conditions) {
      if (of != column) continue;
      for (std::size_t b = 0; b < bins.size(); ++b) bins[b] = bins[b] && side[b];
      return conditions;
    }
    conditions.emplace_back(column, side);
    return conditions;
  }

  double share(std::int64_t part, std::int64_t of) const {
    return static_cast<double>(part) / static_cast<double>(std::max<std::int64_t>(of, 1));
  }
  // How far apart the shares are: (p - q)^2 / (p + q).
  double apart(const Count& count) const {
    const double p = share(count.real, all_.real), q = share(count.synthetic, all_.synthetic);
    return p + q > 0 ? (p - q) * (p - q) / (p + q) : 0;
  }
  bool large_enough(const Count& count) const {
    const double most = std::max(share(count.real, all_.real), share(count.synthetic, all_.synthetic));
    return most >= options_.fewest_share && (count.real == 0 || count.real >= options_.fewest_real);
  }

  // What splitting `all` into `within` and the rest gains; below 0 where a part would be too small.
  double gain_of(const Count& within, const Count& all) const {
    const Count outside = all - within;
    if (!large_enough(within) || !large_enough(outside)) return -1;
    return apart(within) + apart(outside) - apart(all);
  }

  // (bins of a, bins of b) of these rows.
  std::vector<Count> joint_counts(const Rows& rows, std::size_t a, std::size_t b) const {
    const std::size_t width = binned_.bins(b).names.size();
    std::vector<Count> counts(binned_.bins(a).names.size() * width);
    for (const std::int64_t row : rows) {
      Count& count = counts[binned_.bin(a, row) * width + binned_.bin(b, row)];
      ++(binned_.is_real(row) ? count.real : count.synthetic);
    }
    return counts;
  }

  // The most that a split by column b gains of the rows whose bin of column a is (or is not) in `side`.
  double further_gain(const std::vector<Count>& joint, const BinSet& side, bool in_side,
                      std::size_t b) const {
    std::vector<Count> counts(joint.size() / side.size());
    Count all;
    for (std::size_t i = 0; i < joint.size(); ++i)
      if (side[i / counts.size()] == in_side) counts[i % counts.size()] += joint[i], all += joint[i];
    double best = 0;
    for (const BinSet& other : sides_[b]) best = std::max(best, gain_of(sum_of(counts, other), all));
    return best;
  }

  static Count sum_of(const std::vector<Count>& counts, const BinSet& side) {
    Count sum;
    for (std::size_t b = 0; b < side.size(); ++b)
      if (side[b]) sum += counts[b];
    return sum;
  }

  // With `ahead`, what the best splits of both sides gain counts, too: two columns may tell together alone.
  Split best_split(const Rows& rows, bool ahead) const {
    const Count all = count_rows(binned_, rows);
    Split best{0, {}, least_gain_};
    for (std::size_t a = 0; a < binned_.columns(); ++a) {
      std::vector<std::vector<Count>> joint;  // with each column
      for (std::size_t b = 0; b < binned_.columns(); ++b)
        joint.push_back(b == a || ahead ? joint_counts(rows, a, b) : std::vector<Count>{});
      for (const BinSet& side : sides_[a]) {
        Count within;
        const std::size_t bins = side.size();
        for (std::size_t bin = 0; bin < bins; ++bin)
          if (side[bin]) within += joint[a][bin * bins + bin];
        double gain = gain_of(within, all);
        if (gain < 0) continue;
        double next[2] = {0, 0};
        for (std::size_t b = 0; ahead && b < binned_.columns(); ++b)
          if (b != a)
            for (const bool in_side : {false, true})
              next[in_side] = std::max(next[in_side], further_gain(joint[b], side, in_side, b));
        gain += next[0] + next[1];
        if (gain > best.gain) best = {a, side, gain};
      }
    }
    return best;
  }

  const BinnedRows& binned_;
  const RegionOptions& options_;
  Count all_;
  std::vector<std::vector<BinSet>> sides_;  // (columns)
  double least_gain_ = 0;
  std::vector<Conditions> leaves_;
};

}  // namespace

Regions find_regions(const ComparedTables& tables, const TwoTables& pair,
                     const std::vector<std::size_t>& which, const RegionOptions& options) {
  Regions out;
  if (pair.folds == 0) return out;
  const BinnedRows binned(tables, pair, which, options);
  const Rows unseen = pair.rows_of(0, true);
  const RegionTree tree(binned, pair.rows_of(0, false), options);
  const Count all = count_rows(binned, unseen);
  out.real_rows = all.real;
  out.synthetic_rows = all.synthetic;
  out.leaves = std::ssize(tree.leaves());
  const ToldShares shares(all.real, all.synthetic);
  for (const auto& conditions : tree.leaves()) {
    CommonRows found;
    for (const std::int64_t row : unseen) {
      const auto holds = [&](const auto& condition) {
        return condition.second[binned.bin(condition.first, row)];
      };
      if (std::ranges::all_of(conditions, holds)) ++(binned.is_real(row) ? found.real : found.synthetic);
    }
    const double errors = shares.difference(found) / shares.standard_error(found);
    const double p = static_cast<double>(out.leaves) * std::erfc(errors / std::sqrt(2.0));
    if (!shares.may_be_told(found) || !(p <= options.chance)) continue;
    for (const auto& [column, side] : conditions)
      found.what += (found.what.empty() ? "" : " and ") +
                    condition_in_words(tables.columns[which[column]].name, binned.bins(column), side);
    out.worst.push_back({found.what, shares.real(found), shares.synthetic(found), p});
  }
  std::ranges::stable_sort(out.worst, std::ranges::greater{}, [](const Region& region) {
    return std::abs(region.real_share - region.synthetic_share);
  });
  return out;
}

}  // namespace agon::host
