// How what a run learns from stands before its networks, and how what they draw becomes records again.
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
#include "engine/records/record_draw.hpp"
#include "engine/table/coding.hpp"
#include "engine/table/text_table.hpp"
#include "host/config/settings.hpp"
#include "host/images/image_set.hpp"
#include "host/table/csv.hpp"
#include "host/table/table.hpp"
#include "host/table/write_table.hpp"

namespace agon::host {

/// The classes of images that a run is asked for, where it is by class.
struct LearntClasses {
  std::vector<std::string> names;    ///< none: it is not
  std::vector<std::int64_t> shares;  ///< of each among the images, as RecordConditions has them

  bool any() const { return !names.empty(); }
};

/// One of the three: columns of numbers, standardised; records of any kind, coded; or images.
struct Representation {
  std::vector<Column> columns;
  std::shared_ptr<const Coding> coding;  ///< null: numbers, or images
  bool exact = true;    ///< of numbers: whether `columns` reach to the outermost rows' values
  ImageShape images{};  ///< of each; no pixels: there are none
  LearntClasses classes{};

  bool of_records() const { return coding != nullptr; }
  bool of_images() const { return images.size() > 0; }
  /// Whether it keeps the outermost numbers of the table although single rows have them.
  bool exact_bounds() const { return of_records() ? coding->options().exact_bounds : exact; }
  /// Of the table's columns; images have none.
  std::vector<std::string> names() const;
};

/// What its rows are called: "rows" or "images".
std::string_view rows_word(const Representation& representation);

/// The engine's configuration for such a table (host/config/settings.hpp).
GanConfig gan_config(const Settings& settings, const Representation& representation, std::uint64_t steps);

/// Rows of a table, as its representation has them.
struct TableRows {
  std::int64_t rows = 0;
  std::vector<float> standardised;  ///< (rows, columns), of numbers
  CodedRows records;
  std::vector<std::uint8_t> images{};   ///< (rows, height, width, channels)
  std::vector<std::int32_t> classes{};  ///< (rows), of images by class
};

TableRows rows_of(const Representation& representation, const Table& numbers);
TableRows rows_of(const Representation& representation, const TextTable& records);

/// These rows, in this order.
TableRows part(const TableRows& rows, const std::vector<std::int64_t>& which);

/// The rows become the training table.
void set_data(Gan& gan, const TableRows& rows);

/// Rows as the discriminator sees them, (n, config.width()): all of numbers; of records the first kSeenRows
/// of an order that the seed decides; of images the first, kSeenRows at most, and as many as fit
/// kSeenNumbers.
inline constexpr std::int64_t kSeenRows = 16384;
inline constexpr std::int64_t kSeenNumbers = std::int64_t{1} << 24;
std::vector<float> seen_rows(const Device& device, const GanConfig& config, const TableRows& rows,
                             std::uint64_t seed);

/// All rows as the discriminator sees them, in their order; of records, one draw of their ranks. Not of
/// images.
std::vector<float> seen_in_order(const Device& device, const GanConfig& config, const TableRows& rows,
                                 std::uint64_t seed);

/// Draws from a run's generator, in the table's own units, as comma-separated text.
class CsvDraw {
 public:
  using Sink = std::function<void(std::string_view)>;

  /// All must outlive the object. Of records, as RecordDraw.
  CsvDraw(const Gan& gan, const Representation& representation, Sink sink, int replica = 0);

  /// Writes the header and what is asked for (engine/records/record_draw.hpp); of numbers its count and
  /// seed alone.
  DrawResult draw(const DrawRequest& request, const std::function<bool()>& goes_on);
  /// Hands the rest to the sink. Must be called last.
  void finish();
  /// What G has not learnt of a table of records, a line each.
  std::vector<std::string> warnings() const;

 private:
  DrawResult draw_numbers(const DrawRequest& request, const std::function<bool()>& goes_on);

  const Gan& gan_;
  const Representation& representation_;
  int replica_;
  std::optional<CsvWriter> numbers_;  // or both of the others
  std::optional<RecordDraw> records_;
  std::optional<TextTableWriter> writer_;
};

}  // namespace agon::host
