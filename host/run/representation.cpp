#include "host/run/representation.hpp"

#include <algorithm>
#include <utility>

#include "engine/gan/encoded_rows.hpp"
#include "engine/metrics/column_statistics.hpp"
#include "engine/runtime/queue.hpp"
#include "host/table/scaling.hpp"
#include "kernels/formula/gather_batch.hpp"

namespace agon::host {
std::vector<std::string> Representation::names() const {
  std::vector<std::string> names;
  for (const Column& column : columns) names.push_back(column.name);
  if (coding)
    for (const ColumnSchema& column : coding->schema().columns) names.push_back(column.name);
  return names;
}

std::string_view rows_word(const Representation& representation) {
  return representation.of_images() ? "images" : "rows";
}

GanConfig gan_config(const Settings& settings, const Representation& representation, std::uint64_t steps) {
  if (representation.of_images())
    return gan_config(settings, representation.images, representation.classes.shares, steps);
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

TableRows part(const TableRows& rows, const std::vector<std::int64_t>& which) {
  const auto some = [&](const auto& all) {
    const auto width = static_cast<std::int64_t>(all.size()) / rows.rows;
    std::remove_cvref_t<decltype(all)> chosen;
    for (const std::int64_t row : which)
      chosen.insert(chosen.end(), all.begin() + row * width, all.begin() + (row + 1) * width);
    return chosen;
  };
  const CodedRows& records = rows.records;
  const auto count = static_cast<std::int64_t>(which.size());
  return {count,
          some(rows.standardised),
          {count, some(records.codes), some(records.ranks), records.cumulative},
          some(rows.images),
          some(rows.classes)};
}

void set_data(Gan& gan, const TableRows& rows) {
  if (gan.config().of_images()) {
    gan.set_images(rows.images, rows.rows, rows.classes);
  } else if (gan.config().generator.records.any()) {
    gan.set_data(rows.records);
  } else {
    gan.set_data(rows.standardised, rows.rows);
  }
}

namespace {

std::vector<float> seen_images(const GanConfig& config, const TableRows& rows) {
  const std::int64_t most = std::max<std::int64_t>(kSeenNumbers / config.width(), 1);
  const std::int64_t count = std::min({rows.rows, kSeenRows, most});
  std::vector<float> numbers(static_cast<std::size_t>(count * config.width()));
  std::transform(rows.images.begin(), rows.images.begin() + std::ssize(numbers), numbers.begin(),
                 [](std::uint8_t byte) { return kernels::formula::from_byte(byte); });
  return numbers;
}

}  // namespace

std::vector<float> seen_rows(const Device& device, const GanConfig& config, const TableRows& rows,
                             std::uint64_t seed) {
  if (config.of_images()) return seen_images(config, rows);
  if (!config.generator.records.any()) return rows.standardised;
  return encoded_rows(Queue(device), config.generator.records, rows.records, std::min(rows.rows, kSeenRows),
                      seed);
}

std::vector<float> seen_in_order(const Device& device, const GanConfig& config, const TableRows& rows,
                                 std::uint64_t seed) {
  if (!config.generator.records.any()) return rows.standardised;
  return encoded_in_order(Queue(device), config.generator.records, rows.records, seed);
}

CsvDraw::CsvDraw(const Gan& gan, const Representation& representation, Sink sink, int replica)
    : gan_(gan), representation_(representation), replica_(replica) {
  if (!representation.of_records()) {
    numbers_.emplace(representation.columns, std::move(sink));
    return;
  }
  std::vector<std::string> names;
  for (const DrawnColumn& column : representation.coding->drawn_columns())
    names.push_back(column.schema.name);
  records_.emplace(gan, *representation.coding, replica);
  writer_.emplace(names, std::move(sink));
}

DrawResult CsvDraw::draw(const DrawRequest& request, const std::function<bool()>& goes_on) {
  if (numbers_) return draw_numbers(request, goes_on);
  return records_->draw(
      request, [&](const TextTable& records) { writer_->write_rows(records); }, goes_on);
}

/// In pieces, so that a long draw needs no more memory than a short one.
DrawResult CsvDraw::draw_numbers(const DrawRequest& request, const std::function<bool()>& goes_on) {
  constexpr std::int64_t kPiece = 1 << 14;
  DrawResult result;
  while (result.written < request.count && goes_on()) {
    const Gan::Rows rows{result.written, std::min(kPiece, request.count - result.written)};
    const std::vector<float> drawn = gan_.sample(rows, request.seed, replica_);
    result.finite = all_finite(drawn);
    if (!result.finite) break;
    numbers_->write_rows(restore(drawn, representation_.columns));
    result.written += rows.count;
  }
  return result;
}

std::vector<std::string> CsvDraw::warnings() const {
  return records_ ? records_->warnings() : std::vector<std::string>();
}

void CsvDraw::finish() { numbers_ ? numbers_->finish() : writer_->finish(); }

}  // namespace agon::host
