// In what two columns of two tables differ most.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "host/evaluate/models/difference_in_words.hpp"
#include "host/evaluate/models/named_bins.hpp"
#include "host/evaluate/models/told_shares.hpp"
#include "host/table/text.hpp"

namespace agon::host {
namespace {

// (bins) shares of the rows.
std::vector<double> shares_of(const std::vector<std::size_t>& bin_of_row, std::size_t bins) {
  std::vector<double> shares(bins);
  for (const std::size_t bin : bin_of_row) shares[bin] += 1 / static_cast<double>(bin_of_row.size());
  return shares;
}

// By how much a cell's synthetic share differs both from the real one and from what this would be if the two
// columns went together as in the real table and each had its synthetic shares: what is the pair's own.
class OwnDifference {
 public:
  OwnDifference(const NamedBins& a, const NamedBins& b)
      : real_{shares_of(a.real, a.names.size()), shares_of(b.real, b.names.size())},
        synthetic_{shares_of(a.synthetic, a.names.size()), shares_of(b.synthetic, b.names.size())} {}

  double of(std::size_t i, std::size_t j, double real, double synthetic) const {
    const double expected =
        real > 0 ? real * (synthetic_[0][i] / real_[0][i]) * (synthetic_[1][j] / real_[1][j]) : 0;
    return std::min(std::abs(synthetic - real), std::abs(synthetic - expected));
  }

 private:
  std::vector<double> real_[2], synthetic_[2];
};

// The cell of both columns' bins whose own difference is the largest; nothing where none may be told.
CommonRows most_different_cell(const NamedBins& a, const NamedBins& b, const std::string& name_of_b,
                               const ToldShares& shares) {
  const std::size_t columns = b.names.size();
  std::vector<CommonRows> cells(a.names.size() * columns);
  for (std::size_t row = 0; row < a.real.size(); ++row) ++cells[a.real[row] * columns + b.real[row]].real;
  for (std::size_t row = 0; row < a.synthetic.size(); ++row)
    ++cells[a.synthetic[row] * columns + b.synthetic[row]].synthetic;
  const OwnDifference own(a, b);
  std::size_t most = cells.size();
  double difference = 0;  // of cells[most]
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const double here = own.of(i / columns, i % columns, shares.real(cells[i]), shares.synthetic(cells[i]));
    // Four standard errors: the most different of hundreds is taken.
    if (!shares.may_be_told(cells[i]) || here <= difference || here <= 4 * shares.standard_error(cells[i]))
      continue;
    most = i;
    difference = here;
  }
  if (most == cells.size()) return {};
  CommonRows out = cells[most];
  out.what = fmt::format("{} with {} {}", a.names[most / columns], printable(name_of_b, 32),
                         b.names[most % columns]);
  return out;
}

}  // namespace

Difference pair_in_words(const ComparedTables& tables, std::int64_t first, std::int64_t second,
                         const std::function<std::string(std::int64_t column, double value)>& spell) {
  const ToldShares shares(tables.real.rows, tables.synthetic.rows);
  const auto bins = [&](std::int64_t column) {
    SpellNumber spell_of_column;
    if (spell) spell_of_column = [&spell, column](double x) { return spell(column, x); };
    const auto c = static_cast<std::size_t>(column);
    return named_bins(tables.columns[c], tables.real.columns[c], tables.synthetic.columns[c],
                      spell_of_column);
  };
  const ComparedColumn& other = tables.columns[static_cast<std::size_t>(second)];
  if (!other.in_synthetic) return {};
  const CommonRows most = most_different_cell(bins(first), bins(second), other.name, shares);
  if (most.what.empty()) return {};
  return {shares.words(most), shares.real(most), shares.synthetic(most)};
}

}  // namespace agon::host
