#include "host/cli/audited_run.hpp"

#include <fmt/format.h>

#include <cmath>

#include "host/evaluate/tables/compared_tables.hpp"
#include "host/run/drawn_table.hpp"
#include "host/table/read_table.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

/// The discriminator's input: each row `pack` times, as it never judges one alone.
std::vector<float> packed_with_itself(const std::vector<float>& rows, std::int64_t width, std::int64_t pack) {
  std::vector<float> packed;
  packed.reserve(rows.size() * static_cast<std::size_t>(pack));
  for (auto row = rows.begin(); row != rows.end(); row += width)
    for (std::int64_t copy = 0; copy < pack; ++copy) packed.insert(packed.end(), row, row + width);
  return packed;
}

}  // namespace

AuditedRun::AuditedRun(const std::string& folder, const Device& device)
    : found_(find_checkpoint(folder)),
      data_(stored_identity(found_.checkpoint, found_.path.string())),
      tables_(read_learnt_tables(found_, data_)),
      device_(device) {
  if (!tables_.held_out)
    throw ConfigurationError(fmt::format(
        "{}: this run held no rows out, so there is nobody to tell its patients from; train it with agon "
        "train --held-out 0.2",
        folder));
  if (steps() == 0) throw ConfigurationError(fmt::format("{}: this run has not learnt anything yet", folder));
  if (!data_.representation.of_records()) {
    coded_ = rows_of(data_.representation, read_csv(tables_.path));
    return;
  }
  coded_ = rows_of(data_.representation, tables_.whole);
  people_.emplace(tables_.whole, tables_.schema);
}

const AuditGame& AuditedRun::play(const AuditGameOptions& options) {
  constexpr std::uint64_t kDraws = 8;
  const DistanceTables points =
      distance_tables(compare_tables(tables_.whole, tables_.whole, nullptr, tables_.schema, device_));
  game_ = audit_game(RowSearch(device_, points.space), points.space, points.real, tables_.rows.training,
                     tables_.rows.held_out, options);
  const TableRows targets = coded(game_.targets);
  const std::uint64_t draws = data_.representation.of_records() ? kDraws : 1;
  seen_.clear();
  for (std::uint64_t draw = 0; draw < draws; ++draw)
    seen_.push_back(packed_with_itself(seen_in_order(device_, config(), targets, options.seed + draw),
                                       config().width(), config().pack));
  return game_;
}

Gan AuditedRun::restored() const {
  Gan gan(config(), device_);
  gan.restore(found_.checkpoint.snapshot);
  return gan;
}

ScoresOfTargets AuditedRun::logits(const Gan& gan, int replica) const {
  ScoresOfTargets mean(game_.count());
  for (const std::vector<float>& rows : seen_) {
    const std::vector<float> logits = gan.discriminate(rows, replica);
    for (std::size_t t = 0; t < mean.size(); ++t)
      mean[t] += double{logits[t]} / static_cast<double>(seen_.size());
  }
  return mean;
}

ScoresOfTargets AuditedRun::nearness(const Gan& gan, int replica, std::uint64_t seed) const {
  constexpr int kNearest = 5;
  constexpr double kNearly = 1e-3;  // a copy is near, not infinitely so
  const TextTable drawn =
      drawn_table(gan, data_.representation, rows(), seed, people_ ? &*people_ : nullptr, replica);
  const DistanceTables points =
      distance_tables(compare_tables(tables_.whole, drawn, nullptr, tables_.schema, device_));
  const auto k = static_cast<int>(std::min<std::int64_t>(kNearest, drawn.rows));
  const Neighbours near = RowSearch(device_, points.space)
                              .nearest(part(points.real, points.space, game_.targets), points.synthetic, k);
  ScoresOfTargets scores(game_.count());
  for (int rank = 0; rank < k; ++rank) {
    const std::vector<double> distance = near.distances(rank);
    for (std::size_t t = 0; t < scores.size(); ++t) scores[t] -= std::log(distance[t] + kNearly) / k;
  }
  return scores;
}

}  // namespace agon::host
