// How a run's table stands before its networks, and how what they draw becomes records again.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/gan/gan.hpp"
#include "engine/table/calibration.hpp"
#include "engine/table/coding.hpp"
#include "engine/table/text_table.hpp"
#include "host/config/settings.hpp"
#include "host/run/conditions.hpp"
#include "host/table/csv.hpp"
#include "host/table/table.hpp"
#include "host/table/write_table.hpp"

namespace agon::host {

/// One of the two: columns of numbers, standardised; or records of any kind, coded.
struct Representation {
  std::vector<Column> columns;
  std::shared_ptr<const Coding> coding;  ///< null: numbers

  bool of_records() const { return coding != nullptr; }
  /// Of the table's columns.
  std::vector<std::string> names() const;
};

/// The engine's configuration for such a table (host/config/settings.hpp).
GanConfig gan_config(const Settings& settings, const Representation& representation, std::uint64_t steps);

/// Rows of a table, as its representation has them.
struct TableRows {
  std::int64_t rows = 0;
  std::vector<float> standardised;  ///< (rows, columns), of numbers
  CodedRows records;
};

TableRows rows_of(const Representation& representation, const Table& numbers);
TableRows rows_of(const Representation& representation, const TextTable& records);

/// The rows become the training table.
void set_data(Gan& gan, const TableRows& rows);

/// Rows as the discriminator sees them, (n, config.width()): all of numbers; of records the first kSeenRows
/// of an order that the seed decides.
inline constexpr std::int64_t kSeenRows = 16384;
std::vector<float> seen_rows(const Device& device, const GanConfig& config, const TableRows& rows,
                             std::uint64_t seed);

/// Draws records from a generator, in the table's own units, as comma-separated text.
class RecordDraw {
 public:
  using Sink = std::function<void(std::string_view)>;

  /// Of records, looks at a draw of its own first, which takes part of a second: the shares of levels are
  /// then the table's. All must outlive the object.
  RecordDraw(const Gan& gan, const Representation& representation, std::uint64_t seed, Sink sink,
             int replica = 0);

  /// Records [first, first + count) of the draw, the header before the first ones. False, with nothing
  /// written, where a number of them is not finite.
  bool write(std::int64_t first, std::int64_t count);
  /// Of records (not numbers) `count` that fulfil the conditions, the first of the draw that do. Goes on
  /// until it has them, `goes_on` says false, or next to none is found; returns how many it wrote, of how
  /// many looked at.
  struct Found {
    std::int64_t written = 0, looked_at = 0;
  };
  Found write_those(const Conditions& wanted, std::int64_t count, const std::function<bool()>& goes_on);
  /// Hands the rest to the sink. Must be called last.
  void finish();
  /// What G has not learnt of the table, as that look shows it, a line each.
  std::vector<std::string> warnings() const;

 private:
  TextTable drawn(std::int64_t first, std::int64_t count) const;

  const Gan& gan_;
  const Representation& representation_;
  std::uint64_t seed_;
  int replica_;
  std::optional<CsvWriter> numbers_;  // one of the two
  std::optional<TextTableWriter> records_;
  Calibration calibration_;
};

}  // namespace agon::host
