// From a table's cells to codes and ranks.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "engine/table/column_coding.hpp"
#include "engine/table/column_values.hpp"
#include "engine/table/table_fit.hpp"
#include "kernels/error.hpp"
#include "kernels/formula/philox.hpp"
#include "kernels/formula/uniform.hpp"
#include "kernels/random.hpp"

namespace agon {
namespace {

using Cell = ReadColumn::Cell;
using Kind = CodedLevel::Kind;
using Role = ColumnCoding::Role;

constexpr double kMargin = 1e-9;  // of ranks: what arithmetic on the way back may lose

/// Ranks, both of them inside the interval, and floats: every number from the first to the second decodes to
/// the value that the interval is of.
struct RankInterval {
  float low = 0, high = 1;
};

RankInterval inside(double low, double high) {
  const double middle = std::clamp((low + high) / 2, 0.0, 1.0);
  if (low + 2 * kMargin >= high) return {static_cast<float>(middle), static_cast<float>(middle)};
  const double from = low > 0 ? low + kMargin : 0, to = high < 1 ? high - kMargin : 1;
  auto first = static_cast<float>(from), second = static_cast<float>(to);
  if (first < from) first = std::nextafter(first, 2.0f);
  if (second > to) second = std::nextafter(second, -1.0f);
  if (first > second) first = second = static_cast<float>(middle);
  return {first, second};
}

/// Of a value y beside its source's number x (NaN: none).
RankInterval interval_of(const NumberCoding& number, double y, double x) {
  const QuantileCurve& curve = number.curves[number.bin(x)];
  const double value = number.support.nearest(y);
  const NumberSupport::Zone zone = number.support.zone(value);
  const bool relative = number.source >= 0 && !std::isnan(x);
  const auto place = [&](double position) {
    return relative && std::isfinite(position) ? residual_of(number.residual, position, x) : position;
  };
  const double from = place(zone.low), to = place(zone.high);
  double low = std::isfinite(from) ? curve.before(from) : 0;
  double high = !std::isfinite(to) ? 1 : zone.low == zone.high ? curve.after(to) : curve.before(to);
  // Beyond the curve's ends, which are not the table's: somewhere in its last piece.
  const std::vector<double>& c = curve.cumulative;
  if (low >= 1 && c.size() > 1) low = c[c.size() - 2], high = 1;
  if (high <= 0 && c.size() > 1) low = 0, high = c[1] > 0 ? c[1] : 1;
  return inside(low, high);
}

/// The number within a mark: 0.5 of "<0.5"; NaN where there is none.
double number_in(std::string_view mark) {
  const std::size_t digit = mark.find_first_of("0123456789");
  double number = std::numeric_limits<double>::quiet_NaN();
  if (digit != mark.npos) std::from_chars(mark.data() + digit, mark.data() + mark.size(), number);
  return number;
}

class ColumnEncoder {
 public:
  ColumnEncoder(const CodingPlan& plan, std::size_t c, const TextColumn& text)
      : coding_(plan.columns[c]),
        schema_(plan.schema.columns[c]),
        text_(text),
        read_(read_column(text, schema_)),
        counts_(text.counts()),
        index_(coding_),
        missing_(coding_.find(Kind::missing)) {}

  /// Each spelling's level, 0 of unused ones.
  std::vector<std::uint32_t> levels() const {
    std::vector<std::uint32_t> level(counts_.size());
    for (std::size_t s = 0; s < level.size(); ++s)
      if (counts_[s] > 0) level[s] = static_cast<std::uint32_t>(std::max<std::int64_t>(0, level_of(s)));
    return level;
  }

  /// Each spelling's number that has a rank, and otherwise NaN.
  std::vector<double> ranked() const {
    std::vector<double> numbers(counts_.size(), std::numeric_limits<double>::quiet_NaN());
    for (std::size_t s = 0; s < numbers.size(); ++s) {
      if (counts_[s] == 0 || level_of(s) > 0) continue;
      if (read_.cell[s] == Cell::mark) numbers[s] = number_in(text_.spellings[s]);
      if (read_.cell[s] == Cell::value && !is_sentinel(read_.value[s], schema_)) numbers[s] = read_.value[s];
    }
    return numbers;
  }

  /// Each spelling's number for those that are coded by this column.
  std::vector<double> plain() const {
    std::vector<double> numbers(counts_.size(), std::numeric_limits<double>::quiet_NaN());
    for (std::size_t s = 0; s < numbers.size(); ++s)
      if (counts_[s] > 0 && read_.cell[s] == Cell::value && !is_sentinel(read_.value[s], schema_))
        numbers[s] = read_.value[s];
    return numbers;
  }

 private:
  /// Of a column of levels the nearest one; of a number 0 where a rank says the rest.
  std::int64_t level_of(std::size_t s) const {
    const std::string_view text = text_.spellings[s];
    const double value = read_.value.size() > s ? read_.value[s] : 0;
    const bool numeric = schema_.is_number() || schema_.is_moment(), ranked = coding_.role == Role::number;
    if (read_.cell[s] == Cell::missing) return missing_ >= 0 || ranked ? missing_ : commonest();
    if (read_.cell[s] == Cell::mark) {
      const std::int64_t level = index_.of_text(text, Kind::mark);
      if (level >= 0 || ranked) return level;
      return std::isnan(number_in(text)) ? commonest() : index_.nearest_number(number_in(text));
    }
    if (!numeric) {
      const std::int64_t level = index_.of_text(text, Kind::value);
      return level >= 0 ? level : index_.nearest_text(text);
    }
    const std::int64_t level = index_.of_number(value);
    if (level >= 0) return level;
    if (is_sentinel(value, schema_)) return missing_ >= 0 || ranked ? missing_ : commonest();
    return ranked ? 0 : index_.nearest_number(value);
  }

  /// For what has no level near it. Numbers stand in their own order: the middle one.
  std::int64_t commonest() const {
    return schema_.is_number() || schema_.is_moment() ? static_cast<std::int64_t>(coding_.levels.size() / 2)
                                                      : 0;
  }

  const ColumnCoding& coding_;
  const ColumnSchema& schema_;
  const TextColumn& text_;
  ReadColumn read_;
  std::vector<std::int64_t> counts_;
  LevelIndex index_;
  std::int64_t missing_;
};

/// The heads' codes and the numbers' ranks of one column.
struct EncodedColumn {
  std::vector<std::uint32_t> levels;  ///< (rows), empty without a head
  std::vector<std::uint32_t> ranks;   ///< (rows), into `cumulative`
  std::vector<float> cumulative;
};

/// Ranks by spelling: two entries of the table for each.
void rank_spellings(const ColumnCoding& coding, const TextColumn& text, const std::vector<double>& ranked,
                    EncodedColumn& encoded) {
  encoded.cumulative = {0, 1};  // of any number: for those that have none
  std::vector<std::uint32_t> rank(ranked.size(), 0);
  for (std::size_t s = 0; s < ranked.size(); ++s) {
    if (std::isnan(ranked[s])) continue;
    const RankInterval interval = interval_of(coding.continuous, ranked[s], NAN);
    rank[s] = static_cast<std::uint32_t>(encoded.cumulative.size());
    encoded.cumulative.insert(encoded.cumulative.end(), {interval.low, interval.high});
  }
  for (std::size_t row = 0; row < text.cells.size(); ++row) encoded.ranks[row] = rank[text.cells[row]];
}

/// Each row's mode, drawn from the probabilities of its number's modes, and its place there.
void place_rows(const ColumnCoding& coding, std::size_t c, const TextColumn& text,
                const std::vector<double>& ranked, bool with_ranks, EncodedColumn& encoded) {
  const std::vector<MixtureMode>& modes = coding.continuous.modes;
  std::vector<std::vector<double>> probability(ranked.size());
  for (std::size_t s = 0; s < ranked.size(); ++s)
    if (!std::isnan(ranked[s])) probability[s] = mode_probabilities(modes, ranked[s]);
  if (with_ranks) encoded.cumulative.assign(2 + 2 * text.cells.size(), 0.5f);  // in the middle: of no number
  for (std::size_t row = 0; row < text.cells.size(); ++row) {
    const std::vector<double>& its = probability[text.cells[row]];
    if (its.empty()) continue;
    const auto words = kernels::formula::random_block(
        c, static_cast<std::uint32_t>(kernels::RandomPurpose::mode_choice), row, 0);
    double left = kernels::formula::uniform(words.word[0]);
    std::size_t mode = 0;
    while (mode + 1 < its.size() && left >= its[mode]) left -= its[mode++];
    if (!encoded.levels.empty()) encoded.levels[row] = static_cast<std::uint32_t>(mode);
    if (!with_ranks) continue;
    const auto place = static_cast<float>(place_in_mode(modes[mode], ranked[text.cells[row]]));
    encoded.ranks[row] = static_cast<std::uint32_t>(2 + 2 * row);
    encoded.cumulative[2 + 2 * row] = encoded.cumulative[3 + 2 * row] = place;
  }
}

/// Ranks by row, beside the source's number.
void rank_rows(const ColumnCoding& coding, const TextColumn& text, const std::vector<double>& ranked,
               const TextColumn& source, const std::vector<double>& source_numbers, EncodedColumn& encoded) {
  const std::size_t rows = text.cells.size();
  encoded.cumulative.assign(2 + 2 * text.cells.size(), 1);
  encoded.cumulative[0] = 0;
  constexpr std::size_t kRowsOfPart = 16384;
  const auto rank_row = [&](std::size_t row) {
    const double y = ranked[text.cells[row]], x = source_numbers[source.cells[row]];
    if (std::isnan(y)) return;
    const RankInterval interval = interval_of(coding.continuous, y, x);
    encoded.ranks[row] = static_cast<std::uint32_t>(2 + 2 * row);
    encoded.cumulative[2 + 2 * row] = interval.low;
    encoded.cumulative[3 + 2 * row] = interval.high;
  };
  host_pool().each(static_cast<int>((rows + kRowsOfPart - 1) / kRowsOfPart), [&](int part) {
    const std::size_t begin = static_cast<std::size_t>(part) * kRowsOfPart;
    for (std::size_t row = begin; row < std::min(begin + kRowsOfPart, rows); ++row) rank_row(row);
  });
}

const TextColumn& same_column(const CodingPlan& plan, const TextTable& table, std::size_t c) {
  const std::string& name = plan.schema.columns[c].name;
  const std::int64_t place = c < table.columns.size() && table.columns[c].name == name
                                 ? static_cast<std::int64_t>(c)
                                 : table.find(name);
  if (place < 0) throw DataError("the table has no column \"" + name + "\"");
  return table.columns[static_cast<std::size_t>(place)];
}

/// Levels of rows; copies are those of numbers equal to the source's.
EncodedColumn encode_column(const CodingPlan& plan, const TextTable& table, std::size_t c, bool with_ranks) {
  const ColumnCoding& coding = plan.columns[c];
  EncodedColumn encoded;
  if (coding.head < 0 && (coding.number < 0 || !with_ranks)) return encoded;
  const TextColumn& text = same_column(plan, table, c);
  const ColumnEncoder encoder(plan, c, text);
  const std::size_t rows = text.cells.size();
  if (coding.head >= 0) {
    const std::vector<std::uint32_t> level = encoder.levels();
    encoded.levels.resize(rows);
    for (std::size_t row = 0; row < rows; ++row) encoded.levels[row] = level[text.cells[row]];
  }
  const std::int64_t copied = coding.find(Kind::copied);
  if (coding.number < 0 || (copied < 0 && !coding.has_modes() && !with_ranks)) return encoded;
  encoded.ranks.resize(rows);
  if (coding.has_modes()) {
    place_rows(coding, c, text, encoder.ranked(), with_ranks, encoded);
    return encoded;
  }
  if (coding.continuous.source < 0) {
    rank_spellings(coding, text, encoder.ranked(), encoded);
    return encoded;
  }
  const auto s = static_cast<std::size_t>(coding.continuous.source);
  const TextColumn& source = same_column(plan, table, s);
  const std::vector<double> x = ColumnEncoder(plan, s, source).plain(), y = encoder.plain();
  for (std::size_t row = 0; copied >= 0 && row < rows; ++row)
    if (are_equal(x[source.cells[row]], y[text.cells[row]]))
      encoded.levels[row] = static_cast<std::uint32_t>(copied);
  if (with_ranks) rank_rows(coding, text, encoder.ranked(), source, x, encoded);
  return encoded;
}

void place_codes(const ColumnCoding& coding, const EncodedColumn& encoded, std::size_t heads,
                 CodedRows& coded) {
  const auto head = static_cast<std::size_t>(coding.head);
  const auto low = static_cast<std::uint32_t>(coding.low_levels);
  for (std::size_t row = 0; row < encoded.levels.size(); ++row) {
    std::uint16_t* const codes = coded.codes.data() + row * heads + head;
    const std::uint32_t level = encoded.levels[row];
    codes[0] = static_cast<std::uint16_t>(low > 0 ? level / low : level);
    if (low > 0) codes[1] = static_cast<std::uint16_t>(level % low);
  }
}

}  // namespace

CodedRows encode_rows(const CodingPlan& plan, const TextTable& table) {
  const auto rows = static_cast<std::size_t>(table.rows), heads = plan.layout.heads.size();
  const auto numbers = plan.layout.gates.size();
  CodedRows coded;
  coded.rows = table.rows;
  coded.codes.resize(rows * heads);
  coded.ranks.resize(rows * numbers);
  std::vector<EncodedColumn> columns(plan.columns.size());
  for_columns(columns.size(), [&](std::size_t c) {
    columns[c] = encode_column(plan, table, c, true);
    if (plan.columns[c].head >= 0) place_codes(plan.columns[c], columns[c], heads, coded);
  });
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const ColumnCoding& coding = plan.columns[c];
    const EncodedColumn encoded = std::move(columns[c]);
    if (coding.number < 0) continue;
    if (coded.cumulative.size() + encoded.cumulative.size() > UINT32_MAX)
      throw DataError("the table has too many rows of numbers");
    const auto first = static_cast<std::uint32_t>(coded.cumulative.size());
    coded.cumulative.insert(coded.cumulative.end(), encoded.cumulative.begin(), encoded.cumulative.end());
    const auto number = static_cast<std::size_t>(coding.number);
    for (std::size_t row = 0; row < rows; ++row)
      coded.ranks[row * numbers + number] = first + encoded.ranks[row];
  }
  return coded;
}

std::vector<float> level_shares(const CodingPlan& plan, const TextTable& table) {
  std::vector<std::vector<std::int64_t>> counts(plan.columns.size());
  for_columns(counts.size(), [&](std::size_t c) {
    const ColumnCoding& coding = plan.columns[c];
    const auto low = static_cast<std::uint32_t>(coding.low_levels);
    const auto high = static_cast<std::uint32_t>(coding.high_levels());
    if (coding.head >= 0) counts[c].resize(high + low);
    for (const std::uint32_t level : encode_column(plan, table, c, false).levels) {
      ++counts[c][low > 0 ? level / low : level];
      if (low > 0) ++counts[c][high + level % low];
    }
  });
  std::vector<float> shares;
  for (const std::vector<std::int64_t>& column : counts)
    for (const std::int64_t rows : column)
      shares.push_back(static_cast<float>(static_cast<double>(rows) / static_cast<double>(table.rows)));
  return shares;
}

}  // namespace agon
