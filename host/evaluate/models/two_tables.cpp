#include "host/evaluate/models/two_tables.hpp"

#include <algorithm>
#include <utility>

#include "host/evaluate/draws.hpp"

namespace agon::host {

RecordSet at_most(const RecordSet& records, std::int64_t most, std::uint64_t seed, std::uint64_t step) {
  if (records.rows <= most) return records;
  return part(records, Draws(seed, DrawPurpose::rows, step).some(records.rows, most));
}

TwoTables pair_up(RecordSet first, RecordSet second, int folds, std::uint64_t seed) {
  TwoTables pair;
  pair.labels.assign(static_cast<std::size_t>(first.rows), 0);
  pair.labels.resize(static_cast<std::size_t>(first.rows + second.rows), 1);
  const auto fewer = static_cast<int>(std::min<std::int64_t>({folds, first.rows, second.rows}));
  pair.folds = fewer < 2 ? 0 : fewer;
  if (pair.folds > 0) pair.fold = stratified_folds(pair.labels, pair.folds, Draws(seed, DrawPurpose::folds));
  pair.first = std::move(first);
  pair.second = std::move(second);
  return pair;
}

std::vector<std::int64_t> TwoTables::rows_of(int which, bool inside) const {
  std::vector<std::int64_t> rows;
  for (std::size_t i = 0; i < fold.size(); ++i)
    if ((fold[i] == which) == inside) rows.push_back(static_cast<std::int64_t>(i));
  return rows;
}

std::vector<std::int32_t> labels_of(const TwoTables& pair, const std::vector<std::int64_t>& rows) {
  std::vector<std::int32_t> labels;
  for (const std::int64_t row : rows) labels.push_back(pair.labels[static_cast<std::size_t>(row)]);
  return labels;
}

}  // namespace agon::host
