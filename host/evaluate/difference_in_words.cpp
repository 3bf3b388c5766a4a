#include "host/evaluate/difference_in_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "host/table/text.hpp"

namespace agon::host {
namespace {

constexpr std::int64_t kFewestRows = 5;  // of the real table, behind a share that is told

// What some rows of each table have in common.
struct Common {
  std::string what;
  std::int64_t real = 0, synthetic = 0;
};

class Search {
 public:
  Search(const ComparedCells& real, const ComparedCells& synthetic)
      : real_rows_(static_cast<std::int64_t>(real.levels.size())),
        synthetic_rows_(static_cast<std::int64_t>(synthetic.levels.size())) {}

  double real_share(const Common& c) const { return share(c.real, real_rows_); }
  double synthetic_share(const Common& c) const { return share(c.synthetic, synthetic_rows_); }
  double difference(const Common& c) const { return std::abs(real_share(c) - synthetic_share(c)); }

  bool may_be_told(const Common& c) const {
    const std::int64_t others = real_rows_ - c.real;
    return (c.real == 0 || c.real >= kFewestRows) && (others == 0 || others >= kFewestRows);
  }

  // Keeps the one whose shares differ more.
  void keep(Common& best, const Common& other) const {
    if (may_be_told(other) && difference(other) > difference(best)) best = other;
  }

  // Three standard errors of the difference of two shares of tables that are alike: many are looked at.
  bool is_chance(const Common& c) const {
    const double both = share(c.real + c.synthetic, real_rows_ + synthetic_rows_);
    const double each = 1 / static_cast<double>(std::max<std::int64_t>(1, real_rows_)) +
                        1 / static_cast<double>(std::max<std::int64_t>(1, synthetic_rows_));
    return difference(c) <= 3 * std::sqrt(both * (1 - both) * each);
  }

  std::string words(const Common& c) const {
    return fmt::format("{} in {} of real rows, {} of synthetic ones", c.what, percent(c.real, real_rows_),
                       percent(c.synthetic, synthetic_rows_));
  }

 private:
  static double share(std::int64_t count, std::int64_t rows) {
    return rows == 0 ? 0 : static_cast<double>(count) / static_cast<double>(rows);
  }
  static std::string percent(std::int64_t count, std::int64_t rows) {
    const double percents = 100 * share(count, rows);
    return count > 0 && percents < 0.1 ? "under 0.1%" : fmt::format("{:.1f}%", percents);
  }

  std::int64_t real_rows_, synthetic_rows_;
};

std::vector<double> sorted_numbers(const ComparedCells& cells) {
  std::vector<double> numbers;
  for (const double x : cells.numbers)
    if (!std::isnan(x)) numbers.push_back(x);
  std::ranges::sort(numbers);
  return numbers;
}

std::int64_t count_below(const std::vector<double>& sorted, double end) {
  return std::ranges::lower_bound(sorted, end) - sorted.begin();
}

double quantile(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

// Levels, marks and cells without a value.
Common most_different_level(const ComparedColumn& column, const ComparedCells& real,
                            const ComparedCells& synthetic, const Search& search) {
  std::vector<Common> levels;
  for (const std::string& level : column.levels) levels.push_back({in_quotes(level)});
  levels.push_back({"no value"});
  const auto of = [&](std::int32_t level) -> Common& {
    return level == ComparedCells::kNone ? levels.back() : levels[static_cast<std::size_t>(level)];
  };
  for (const std::int32_t level : real.levels)
    if (level != ComparedCells::kNumber) ++of(level).real;
  for (const std::int32_t level : synthetic.levels)
    if (level != ComparedCells::kNumber) ++of(level).synthetic;
  Common best;
  for (const Common& level : levels) search.keep(best, level);
  return best;
}

// A single number. Walks through the distinct numbers of both tables, upwards.
Common most_different_number(const std::vector<double>& real, const std::vector<double>& synthetic,
                             const Search& search, const SpellNumber& spell) {
  Common best;
  double of_best = 0;
  for (std::size_t r = 0, s = 0; r < real.size() || s < synthetic.size();) {
    const double number =
        s == synthetic.size() || (r < real.size() && real[r] < synthetic[s]) ? real[r] : synthetic[s];
    Common here;
    for (; r < real.size() && real[r] == number; ++r) ++here.real;
    for (; s < synthetic.size() && synthetic[s] == number; ++s) ++here.synthetic;
    const double before = search.difference(best);
    search.keep(best, here);
    if (search.difference(best) > before) of_best = number;
  }
  best.what = spell(of_best);
  return best;
}

// A power of ten, some 20 of which span the middle nine tenths; 0 where these are one number.
double rounding_step(const std::vector<double>& sorted) {
  const double width = quantile(sorted, 0.95) - quantile(sorted, 0.05);
  return width > 0 && std::isfinite(width) ? std::pow(10, std::floor(std::log10(width / 20))) : 0;
}

double to_step(double x, double step) { return step > 0 ? std::round(x / step) * step : x; }

// A range between two ends, or beyond one. Over the ends, the share of rows below differs between the tables;
// from where it differs least, with its sign, to where most is the range whose share does most.
Common most_different_range(const std::vector<double>& real, const std::vector<double>& synthetic,
                            const Search& search, const SpellNumber& spell) {
  Common best;
  const double step = rounding_step(real);
  if (step == 0) return best;
  std::vector<double> ends;
  for (int i = 1; i < 20; ++i) ends.push_back(to_step(quantile(real, i / 20.0), step));
  ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const std::int64_t real_below = count_below(real, ends[i]), below = count_below(synthetic, ends[i]);
    search.keep(best, {"below " + spell(ends[i]), real_below, below});
    search.keep(best,
                {spell(ends[i]) + " or more", std::ssize(real) - real_below, std::ssize(synthetic) - below});
    for (std::size_t j = i + 1; j < ends.size(); ++j) {
      search.keep(best, {"from " + spell(ends[i]) + " to below " + spell(ends[j]),
                         count_below(real, ends[j]) - real_below, count_below(synthetic, ends[j]) - below});
    }
  }
  return best;
}

// "; median 37, 36", where both have numbers enough.
std::string medians(const std::vector<double>& real, const std::vector<double>& synthetic,
                    const SpellNumber& spell) {
  if (std::ssize(real) < 2 * kFewestRows || synthetic.empty()) return {};
  const double step = rounding_step(real);
  if (step == 0) return {};
  return fmt::format("; median {}, {}", spell(to_step(quantile(real, 0.5), step)),
                     spell(to_step(quantile(synthetic, 0.5), step)));
}

}  // namespace

Difference difference_in_words(const ComparedColumn& column, const ComparedCells& real,
                               const ComparedCells& synthetic, const SpellNumber& spell_or_none) {
  if (!column.in_synthetic) return {"the synthetic table lacks the column"};
  const SpellNumber spell =
      spell_or_none ? spell_or_none : [](double x) { return fmt::format("{:.10g}", x + 0.0); };
  const Search search(real, synthetic);
  Common best = most_different_level(column, real, synthetic, search);
  std::string middle;
  const std::vector<double> numbers = sorted_numbers(real), drawn = sorted_numbers(synthetic);
  if (!numbers.empty()) {
    search.keep(best, most_different_number(numbers, drawn, search, spell));
    // A range holds single values, so it differs a little more than they do; a single value says more.
    const Common range = most_different_range(numbers, drawn, search, spell);
    if (search.difference(range) > 1.25 * search.difference(best)) {
      best = range;
      middle = medians(numbers, drawn, spell);
    }
  }
  if (best.what.empty() || search.is_chance(best))
    return {"alike by itself; it tells only together with other columns"};
  return {search.words(best) + middle, search.real_share(best), search.synthetic_share(best)};
}

}  // namespace agon::host
