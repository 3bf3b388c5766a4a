#include "host/run/representation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/gan/encoded_rows.hpp"
#include "engine/metrics/column_statistics.hpp"
#include "engine/runtime/queue.hpp"
#include "host/table/scaling.hpp"

namespace agon::host {
std::vector<std::string> Representation::names() const {
  std::vector<std::string> names;
  for (const Column& column : columns) names.push_back(column.name);
  if (coding)
    for (const ColumnSchema& column : coding->schema().columns) names.push_back(column.name);
  return names;
}

GanConfig gan_config(const Settings& settings, const Representation& representation, std::uint64_t steps) {
  return representation.of_records()
             ? gan_config(settings, representation.coding->layout(), steps)
             : gan_config(settings, static_cast<std::int64_t>(representation.columns.size()), steps);
}

TableRows rows_of(const Representation& representation, const Table& numbers) {
  return {numbers.rows, standardise({representation.columns, numbers.rows, numbers.values}), {}};
}

TableRows rows_of(const Representation& representation, const TextTable& records) {
  return {records.rows, {}, representation.coding->encode(records)};
}

void set_data(Gan& gan, const TableRows& rows) {
  if (gan.config().generator.records.any()) {
    gan.set_data(rows.records);
  } else {
    gan.set_data(rows.standardised, rows.rows);
  }
}

std::vector<float> seen_rows(const Device& device, const GanConfig& config, const TableRows& rows,
                             std::uint64_t seed) {
  if (!config.generator.records.any()) return rows.standardised;
  return encoded_rows(Queue(device), config.generator.records, rows.records, std::min(rows.rows, kSeenRows),
                      seed);
}

RecordDraw::RecordDraw(const Gan& gan, const Representation& representation, std::uint64_t seed, Sink sink,
                       int replica)
    : gan_(gan), representation_(representation), seed_(seed), replica_(replica) {
  if (!representation.of_records()) {
    numbers_.emplace(representation.columns, std::move(sink));
    return;
  }
  const Coding& coding = *representation.coding;
  std::vector<std::string> names;
  for (const TextColumn& column : coding.decode({}, 0).columns) names.push_back(column.name);
  records_.emplace(names, std::move(sink));
  constexpr std::int64_t kLookedAt = 32768;    // records
  constexpr std::int64_t kFarOff = 1LL << 50;  // behind every record that is drawn
  const std::vector<float> scores = gan.sample_scores({kFarOff, kLookedAt}, 0, replica);
  calibration_ = calibrate(scores, coding.layout(), coding.shares(), gan.device().threads());
}

bool RecordDraw::write(std::int64_t first, std::int64_t count) {
  const Gan::Rows rows{first, count};
  if (!representation_.of_records()) {
    const std::vector<float> drawn = gan_.sample(rows, seed_, replica_);
    if (!all_finite(drawn)) return false;
    numbers_->write_rows(restore(drawn, representation_.columns));
    return true;
  }
  const TextTable records = drawn(first, count);
  if (records.rows < count) return false;
  records_->write_rows(records);
  return true;
}

/// No rows where a score is not finite.
TextTable RecordDraw::drawn(std::int64_t first, std::int64_t count) const {
  const std::vector<float> scores = gan_.sample_scores({first, count}, seed_, replica_);
  const Coding& coding = *representation_.coding;
  if (!all_finite(scores)) return coding.decode({}, seed_);
  return coding.decode(choose(scores, coding.layout(), calibration_, gan_.device().threads()), seed_, first);
}

RecordDraw::Found RecordDraw::write_those(const Conditions& wanted, std::int64_t count,
                                          const std::function<bool()>& goes_on) {
  constexpr std::int64_t kPiece = 1 << 14, kPatience = 1 << 20;
  constexpr double kLeast =
      1e-5;  // share of records below which waiting is over, once kPatience were looked at
  Found found;
  while (found.written < count && goes_on()) {
    const TextTable records = drawn(found.looked_at, kPiece);
    if (records.rows < kPiece) break;
    std::vector<std::int64_t> rows = wanted.rows_of(records);
    rows.resize(std::min(rows.size(), static_cast<std::size_t>(count - found.written)));
    records_->write_rows(records.part(rows));
    found.written += std::ssize(rows);
    found.looked_at += kPiece;
    const double share = static_cast<double>(found.written) / static_cast<double>(found.looked_at);
    if (found.looked_at >= kPatience && share < kLeast) break;
  }
  return found;
}

std::vector<std::string> RecordDraw::warnings() const {
  std::vector<std::string> lines;
  if (!representation_.of_records()) return lines;
  const Coding& coding = *representation_.coding;
  const std::vector<std::string> names = coding.names();
  for (const std::size_t level : calibration_.lost(coding.shares()))
    lines.push_back(fmt::format("{} is in {:.2g}% of the table's rows and in none of {} drawn: it is lost",
                                names[level], 100 * coding.shares()[level], calibration_.rows));
  if (calibration_.distance > Calibration::kFar)
    lines.push_back(
        fmt::format("the generator is far from the table: a column's shares differ by {:.0f}% on "
                    "average; train it longer (--steps), or with other settings",
                    100 * calibration_.distance));
  return lines;
}

void RecordDraw::finish() { numbers_ ? numbers_->finish() : records_->finish(); }

}  // namespace agon::host
