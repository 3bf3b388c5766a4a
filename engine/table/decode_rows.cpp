// From codes and ranks to a table's cells.
#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "engine/table/column_coding.hpp"
#include "engine/table/column_values.hpp"
#include "engine/table/number_speller.hpp"
#include "engine/table/table_fit.hpp"

namespace agon {
namespace {

using Kind = CodedLevel::Kind;
using Role = ColumnCoding::Role;

constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kBlock = 8192;  // rows that a thread takes

/// The bounds that a column's orders set in one row; infinite where there is none.
struct OrderBounds {
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
};

/// Whether a level leaves it to the number's rank what the number is.
bool is_ranked(Kind kind) { return kind == Kind::continuous || kind == Kind::copied || kind == Kind::mode; }

class TableDecoder {
 public:
  TableDecoder(const CodingPlan& plan, const DrawnRows& drawn, std::uint64_t seed, std::int64_t first)
      : plan_(plan),
        drawn_(drawn),
        seed_(seed),
        first_(first),
        rows_(static_cast<std::size_t>(drawn.rows)),
        columns_(plan.columns.size()) {}

  TextTable run() {
    for (std::size_t c = 0; c < columns_.size(); ++c) prepare(c);
    // Columns depend on columns before them in the same row only: threads take rows.
    host_pool().each(static_cast<int>((rows_ + kBlock - 1) / kBlock), [&](int block) {
      const std::size_t begin = static_cast<std::size_t>(block) * kBlock;
      for (const std::int64_t c : plan_.order)
        decode(static_cast<std::size_t>(c), begin, std::min(begin + kBlock, rows_));
    });
    for_columns(columns_.size(), [&](std::size_t c) { spell_numbers(c); });
    for (const std::int64_t c : plan_.order) repeat(static_cast<std::size_t>(c));
    TextTable table;
    table.rows = drawn_.rows;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (plan_.columns[c].role == Role::left_out) continue;
      columns_[c].text.name = plan_.schema.columns[c].name;
      table.columns.push_back(std::move(columns_[c].text));
      table.storage.push_back(columns_[c].letters);
    }
    table.storage.insert(table.storage.end(), names_.begin(), names_.end());
    return table;
  }

 private:
  /// Memory for a column's rows, and the cells of its levels.
  void prepare(std::size_t c) {
    const ColumnCoding& coding = plan_.columns[c];
    DecodedColumn& out = columns_[c];
    if (coding.role == Role::left_out) return;
    out.text.cells.resize(rows_);
    for (const CodedLevel& level : coding.levels) {
      out.cell.push_back(is_ranked(level.kind) ? kNumberFollows : out.add(level.spelling));
      out.plain.push_back(number_of(c, level));
    }
    if (coding.role == Role::levels) out.level.resize(rows_);
    if (coding.has_numbers() || coding.role == Role::sum) out.number.assign(rows_, kNoNumber);
    if (coding.role == Role::identifier) name_rows(c);
  }

  void decode(std::size_t c, std::size_t begin, std::size_t end) {
    switch (plan_.columns[c].role) {
      case Role::left_out:
      case Role::constant:
      case Role::identifier:
      case Role::repeated:
        break;
      case Role::looked_up:
        return look_up(c, begin, end);
      case Role::sum:
        return sum(c, begin, end);
      case Role::levels:
        return choose_levels(c, begin, end);
      case Role::number:
        return rank_numbers(c, begin, end);
    }
  }

  std::uint32_t level_at(const ColumnCoding& coding, std::size_t row) const {
    const std::uint16_t* const codes = drawn_.codes.data() + row * plan_.layout.heads.size() + coding.head;
    if (coding.low_levels == 0) return codes[0];
    const auto level = codes[0] * static_cast<std::uint32_t>(coding.low_levels) + codes[1];
    return std::min(level, static_cast<std::uint32_t>(coding.levels.size() - 1));
  }

  OrderBounds bounds(const ColumnCoding& coding, std::size_t row) const {
    OrderBounds found;
    for (const OrderRule& rule : coding.orders) {
      const double other = columns_[static_cast<std::size_t>(rule.other)].number[row];
      if (std::isnan(other)) continue;
      if (rule.above)
        found.least = std::max(found.least, other);
      else
        found.most = std::min(found.most, other);
    }
    return found;
  }

  /// The plain number of a level; NaN of marks, holes and sentinels.
  double number_of(std::size_t c, const CodedLevel& level) const {
    if (level.kind != Kind::value || is_sentinel(level.value, plan_.schema.columns[c])) return kNoNumber;
    return level.value;
  }

  void choose_levels(std::size_t c, std::size_t begin, std::size_t end) {
    const ColumnCoding& coding = plan_.columns[c];
    DecodedColumn& out = columns_[c];
    for (std::size_t row = begin; row < end; ++row) {
      std::uint32_t level = level_at(coding, row);
      std::uint32_t cell = out.cell[level];
      if (!out.number.empty() && !std::isnan(out.plain[level])) {
        double number = out.plain[level];
        if (!coding.orders.empty()) number = level_within(out.plain, bounds(coding, row), level);
        out.number[row] = number;
        cell = out.plain[level] == number ? out.cell[level] : kNumberFollows;
      }
      out.text.cells[row] = cell;
      out.level[row] = level;
    }
  }

  /// The level's number, or of the levels within the bounds the nearest; changes `level`. Where none is
  /// within, the bound itself: a rule of the table counts for more than its grid.
  static double level_within(const std::vector<double>& numbers, const OrderBounds& bounds,
                             std::uint32_t& level) {
    const double number = numbers[level];
    if (number >= bounds.least && number <= bounds.most) return number;
    std::uint32_t best = kNumberFollows;
    for (std::uint32_t i = 0; i < numbers.size(); ++i)
      if (numbers[i] >= bounds.least && numbers[i] <= bounds.most &&
          (best == kNumberFollows || std::abs(numbers[i] - number) < std::abs(numbers[best] - number)))
        best = i;
    if (best == kNumberFollows) return number > bounds.most ? bounds.most : bounds.least;
    level = best;
    return numbers[level];
  }

  void rank_numbers(std::size_t c, std::size_t begin, std::size_t end) {
    const ColumnCoding& coding = plan_.columns[c];
    DecodedColumn& out = columns_[c];
    for (std::size_t row = begin; row < end; ++row) {
      const std::uint32_t level = coding.head >= 0 ? level_at(coding, row) : 0;
      const Kind kind = coding.head >= 0     ? coding.levels[level].kind
                        : coding.has_modes() ? Kind::mode
                                             : Kind::continuous;
      double number = kind == Kind::mode ? placed(coding, row, level)
                      : is_ranked(kind)  ? ranked(coding, row, kind == Kind::copied)
                                         : out.plain[level];
      if (!coding.orders.empty() && !std::isnan(number))
        number = within(coding.continuous.support, number, bounds(coding, row));
      out.number[row] = number;
      out.text.cells[row] = !is_ranked(kind) && (std::isnan(number) || number == out.plain[level])
                                ? out.cell[level]
                                : kNumberFollows;
    }
  }

  double rank_of(const ColumnCoding& coding, std::size_t row) const {
    return drawn_.ranks[row * plan_.layout.gates.size() + static_cast<std::size_t>(coding.number)];
  }

  double placed(const ColumnCoding& coding, std::size_t row, std::size_t mode) const {
    const NumberCoding& number = coding.continuous;
    return number.support.nearest(value_in_mode(number.modes[mode], rank_of(coding, row)));
  }

  double ranked(const ColumnCoding& coding, std::size_t row, bool copied) const {
    const NumberCoding& number = coding.continuous;
    const double x =
        number.source < 0 ? kNoNumber : columns_[static_cast<std::size_t>(number.source)].number[row];
    if (copied && !std::isnan(x)) return number.support.nearest(x);
    double position = number.curves[number.bin(x)].position(rank_of(coding, row));
    if (!std::isnan(x)) position = without_residual(number.residual, position, x);
    return number.support.value_at(position);
  }

  /// The bounds come last, so no mass and no rounding is outside; where the support has nothing within them,
  /// the bound itself.
  static double within(const NumberSupport& support, double number, const OrderBounds& bounds) {
    if (number > bounds.most) {
      const double value = support.at_most(bounds.most);
      number = std::isnan(value) ? bounds.most : value;
    }
    if (number < bounds.least) {
      const double value = support.at_least(bounds.least);
      number = std::isnan(value) || value > bounds.most ? bounds.least : value;
    }
    return number;
  }

  void look_up(std::size_t c, std::size_t begin, std::size_t end) {
    const ColumnCoding& coding = plan_.columns[c];
    const std::vector<std::uint32_t>& level = columns_[static_cast<std::size_t>(coding.sources[0])].level;
    for (std::size_t row = begin; row < end; ++row)
      columns_[c].text.cells[row] = columns_[c].cell[coding.choice[level[row]]];
  }

  void sum(std::size_t c, std::size_t begin, std::size_t end) {
    const ColumnCoding& coding = plan_.columns[c];
    DecodedColumn& out = columns_[c];
    for (std::size_t row = begin; row < end; ++row) {
      double number = 0;
      for (const std::int64_t part : coding.sources)
        number += columns_[static_cast<std::size_t>(part)].number[row];
      out.number[row] = coding.continuous.support.lattice.nearest(number);
      out.text.cells[row] = std::isnan(number) ? out.cell[0] : kNumberFollows;
    }
  }

  void name_rows(std::size_t c) {
    const IdentifierMaker maker(plan_.columns[c].identifier, seed_, static_cast<std::uint32_t>(c));
    DecodedColumn& out = columns_[c];
    const auto letters = std::make_shared<std::string>();
    std::vector<std::size_t> ends;
    for (std::size_t row = 0; row < rows_; ++row) {
      maker.make(static_cast<std::uint64_t>(first_) + row, *letters);
      ends.push_back(letters->size());
      out.text.cells[row] = static_cast<std::uint32_t>(row);
    }
    for (std::size_t row = 0; row < rows_; ++row) {
      const std::size_t start = row == 0 ? 0 : ends[row - 1];
      out.text.spellings.push_back(std::string_view(*letters).substr(start, ends[row] - start));
    }
    names_.push_back(letters);
  }

  void spell_numbers(std::size_t c) {
    DecodedColumn& out = columns_[c];
    if (out.number.empty()) return;
    NumberSpeller speller(plan_.columns[c], plan_.schema.columns[c], out);
    for (std::size_t row = 0; row < rows_; ++row)
      if (out.text.cells[row] == kNumberFollows) out.text.cells[row] = speller.cell(out.number[row]);
  }

  /// What its source says, in the column's own spelling.
  void repeat(std::size_t c) {
    const ColumnCoding& coding = plan_.columns[c];
    if (coding.role != Role::repeated) return;
    const auto s = static_cast<std::size_t>(coding.sources[0]);
    const ColumnSchema& schema = plan_.schema.columns[c];
    const TextColumn& source = columns_[s].text;
    const ReadColumn read = read_column(source, plan_.schema.columns[s]);
    const bool numeric = schema.is_number() || schema.is_moment();
    std::unordered_map<double, const std::string*> own;
    for (const OwnSpelling& spelling : coding.own_spellings) own.emplace(spelling.value, &spelling.text);
    DecodedColumn& out = columns_[c];
    std::unordered_map<std::string, std::uint32_t> places;
    std::vector<std::uint32_t> cell;
    for (std::size_t i = 0; i < source.spellings.size(); ++i) {
      std::string text(source.spellings[i]);
      if (read.cell[i] == ReadColumn::Cell::missing && !schema.missing.empty()) text = schema.missing.front();
      if (read.cell[i] == ReadColumn::Cell::value && numeric) {
        const auto found = own.find(read.value[i]);
        text = found != own.end() ? *found->second : spell(read.value[i], schema);
      }
      const auto [place, is_new] = places.try_emplace(text, 0);
      if (is_new) place->second = out.add(text);
      cell.push_back(place->second);
    }
    for (std::size_t row = 0; row < rows_; ++row) out.text.cells[row] = cell[source.cells[row]];
  }

  const CodingPlan& plan_;
  const DrawnRows& drawn_;
  std::uint64_t seed_;
  std::int64_t first_;
  std::size_t rows_;
  std::vector<DecodedColumn> columns_;
  std::vector<std::shared_ptr<const void>> names_;
};

}  // namespace

TextTable decode_rows(const CodingPlan& plan, const DrawnRows& drawn, std::uint64_t seed,
                      std::int64_t first) {
  return TableDecoder(plan, drawn, seed, first).run();
}

}  // namespace agon
