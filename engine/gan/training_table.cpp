#include "engine/gan/training_table.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/gan/encoded_rows.hpp"
#include "engine/gan/number_rows.hpp"
#include "kernels/error.hpp"
#include "kernels/formula/gather_batch.hpp"

namespace agon {
namespace {

/// Of records, rows that stand for the table where its spread is asked for.
constexpr std::int64_t kReferenceRows = 16384;

void check_tables(std::size_t tables, std::int64_t rows, int replicas) {
  if (tables != static_cast<std::size_t>(replicas))
    throw DataError(std::to_string(tables) + " training tables for " + std::to_string(replicas) +
                    " replicas");
  if (rows < 1 || rows >= std::int64_t{1} << 31)
    throw DataError("a training table needs between 1 and 2^31 - 1 rows, not " + std::to_string(rows));
}

void check_classes(const GanConfig& config, ImageClasses classes, std::int64_t count) {
  if (!config.by_class() && !classes.empty())
    throw DataError("the networks are not by class: their training images have none");
  if (!config.by_class()) return;
  if (static_cast<std::int64_t>(classes.size()) != count)
    throw DataError("the networks are by class: " + std::to_string(count) + " training images with " +
                    std::to_string(classes.size()) + " classes");
  for (const std::int32_t one : classes)
    if (one < 0 || one >= config.classes())
      throw DataError("a training image has class " + std::to_string(one) + ", counted from 0, of " +
                      std::to_string(config.classes()));
}

/// One behind the other.
template <class T, class Table, class Values>
Buffer<T> on_device_of_each(const Queue& queue, std::span<const Table> tables, Values values) {
  const std::size_t each = values(tables.front()).size();
  Buffer<T> buffer(queue.device(), std::max<std::size_t>(each * tables.size(), 1));
  for (std::size_t i = 0; i < tables.size(); ++i)
    queue.upload(buffer.data() + i * each, std::span<const T>(values(tables[i])));
  queue.wait();
  return buffer;
}

}  // namespace

TrainingTable::TrainingTable(const Queue& queue, const GanConfig& config, std::span<const NumberRows> tables,
                             std::int64_t rows, int replicas)
    : rows_(rows), own_(replicas > 1), seen_(tables.begin(), tables.end()) {
  if (config.generator.records.any())
    throw DataError("the generator has heads for records: its training table is one of codes");
  check_tables(tables.size(), rows, replicas);
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const NumberRows& table = tables[i];
    if (static_cast<std::int64_t>(table.size()) != rows * config.width())
      throw DataError("the training table has " + std::to_string(table.size()) + " values, not " +
                      std::to_string(rows) + " rows of " + std::to_string(config.width()));
    const std::string which =
        own_ ? "the training table of replica " + std::to_string(i) : "the training table";
    if (std::string line = check_number_rows(which, table, config.width()); !line.empty())
      warnings_.push_back(std::move(line));
  }
  table_ = on_device_of_each<float>(queue, tables, [](NumberRows table) { return table; });
}

TrainingTable::TrainingTable(const Queue& queue, const GanConfig& config, std::span<const CodedRows> tables,
                             const ConditionTables* conditions, int replicas)
    : own_(replicas > 1) {
  if (!config.generator.records.any())
    throw DataError("the generator has no heads for records: its training table is one of numbers");
  if (!tables.empty()) rows_ = tables.front().rows;
  check_tables(tables.size(), rows_, replicas);
  for (const CodedRows& table : tables.subspan(1))
    if (table.rows != rows_ || table.cumulative != tables.front().cumulative)
      throw DataError("the replicas' training tables are not of as many rows, or not of one coding");
  see(queue, config, tables);
  codes_ = on_device_of_each<std::uint16_t>(queue, tables,
                                            [](const CodedRows& one) { return std::span(one.codes); });
  ranks_ = on_device_of_each<std::uint32_t>(queue, tables,
                                            [](const CodedRows& one) { return std::span(one.ranks); });
  cumulative_ = on_device_of_each<float>(queue, tables.first(1),
                                         [](const CodedRows& one) { return std::span(one.cumulative); });
  cumulative_size_ = static_cast<std::int64_t>(tables.front().cumulative.size());
  if (conditions != nullptr) conditions_.emplace(queue, config.generator.records, tables, *conditions);
}

TrainingTable::TrainingTable(const Queue& queue, const GanConfig& config, ImageBytes images,
                             std::int64_t count, ImageClasses classes)
    : rows_(count), bytes_(queue.device(), std::max<std::size_t>(images.size(), 1)) {
  if (!config.of_images())
    throw DataError("the networks are not of images: their training table is no bytes");
  check_tables(1, count, 1);
  const std::int64_t width = config.width();
  if (static_cast<std::int64_t>(images.size()) != count * width)
    throw DataError("the training images are " + std::to_string(images.size()) + " bytes, not " +
                    std::to_string(count) + " images of " + std::to_string(width));
  check_classes(config, classes, count);
  if (config.by_class()) {
    classes_ = Buffer<std::int32_t>(queue.device(), classes.size());
    queue.upload(classes_.data(), classes);
  }
  queue.upload(bytes_.data(), images);
  queue.wait();
  constexpr std::int64_t kReferenceNumbers = 1 << 24;
  const std::int64_t seen =
      std::clamp<std::int64_t>(kReferenceNumbers / width, 1, std::min(count, kReferenceRows));
  std::vector<float>& numbers = encoded_.emplace_back(static_cast<std::size_t>(seen * width));
  for (std::int64_t i = 0; i < seen; ++i) {
    const auto image = images.subspan(static_cast<std::size_t>(i * count / seen * width));
    std::transform(image.begin(), image.begin() + width, numbers.begin() + i * width,
                   [](std::uint8_t byte) { return kernels::formula::from_byte(byte); });
  }
  seen_.assign(encoded_.begin(), encoded_.end());
}

/// Checks the records, too.
void TrainingTable::see(const Queue& queue, const GanConfig& config, std::span<const CodedRows> tables) {
  for (std::size_t i = 0; i < tables.size(); ++i)
    encoded_.push_back(encoded_rows(queue, config.generator.records, tables[i],
                                    std::min(rows_, kReferenceRows), config.seed + i));
  seen_.assign(encoded_.begin(), encoded_.end());
}

void TrainingTable::show_to(StepMemory& memory) const {
  memory.table_rows = rows_;
  memory.own_tables = own_;
  memory.table = table_.data();
  memory.bytes = bytes_.data();
  memory.class_of_row = classes_.data();
  memory.records = {codes_.data(), ranks_.data(), cumulative_.data(), cumulative_size_};
  if (!conditions_) return;
  memory.conditions = conditions_->shape();
  memory.rows_by_level = conditions_->rows();
}

}  // namespace agon
