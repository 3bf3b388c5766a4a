// What numbers are: a quantity, a count, a code, the name of a record.
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "engine/table/finding_text.hpp"
#include "engine/table/inference.hpp"

namespace agon {
namespace {

using Weight = Finding::Weight;

constexpr std::size_t kMostCodes = 20;
constexpr std::int64_t kRowsPerCode = 4;  // with fewer, few values may be a small table's measurements
constexpr double kEveryInteger = 9007199254740992.0;  // 2^53: beyond, doubles skip whole numbers
constexpr int kExactDigits = 15;                      // any number of so many digits survives a double

/// Of the numbers that are no sentinels.
struct NumberRange {
  double least = 0, greatest = 0;
  std::size_t spellings = 0;
  double commonest = 0;
  std::int64_t commonest_rows = 0;
};

bool is_among(double value, const std::vector<double>& values) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

NumberRange range_of(const NumberColumn& numbers, const std::vector<double>& sentinels) {
  NumberRange range{.least = INFINITY, .greatest = -INFINITY};
  for (std::size_t i = 0; i < numbers.values.size(); ++i) {
    const double value = numbers.values[i];
    if (is_among(value, sentinels)) continue;
    range.least = std::min(range.least, value);
    range.greatest = std::max(range.greatest, value);
    ++range.spellings;
    if (numbers.rows[i] <= range.commonest_rows) continue;
    range.commonest = value;
    range.commonest_rows = numbers.rows[i];
  }
  return range;
}

/// Distinct values, kMostCodes + 1 where there are more than kMostCodes.
std::size_t few_values(const NumberColumn& numbers) {
  std::vector<double> seen;
  for (const double value : numbers.values) {
    if (is_among(value, seen)) continue;
    seen.push_back(value);
    if (seen.size() > kMostCodes) break;
  }
  return seen.size();
}

/// The greatest step that all values keep, from an offset in [0, step) on; 0 where it is no coarser than the
/// decimals, or where too few values end in anything but 0 to tell a step of 5 (each one by chance with 1 in
/// 9) or 2 (4 in 9).
void find_step(const NumberColumn& numbers, const std::vector<double>& sentinels, NumberFormat& format) {
  constexpr int kMostDecimals = 9, kFewFives = 3, kFewTwos = 10;
  if (format.decimals > kMostDecimals) return;
  const double scale = std::pow(10.0, format.decimals);
  std::int64_t step = 0, first = 0, telling = 0;
  bool any = false;
  for (const double value : numbers.values) {
    if (is_among(value, sentinels)) continue;
    if (std::abs(value) * scale >= kEveryInteger) return;
    const auto scaled = static_cast<std::int64_t>(std::llround(value * scale));
    if (!any) first = scaled;
    any = true;
    telling += scaled % 10 != 0;
    step = std::gcd(step, scaled - first);
    if (step == 1) return;
  }
  if (step < 2 || (step % 10 != 0 && telling < (step % 5 == 0 ? kFewFives : kFewTwos))) return;
  format.step = static_cast<double>(step) / scale;
  format.offset = static_cast<double>((first % step + step) % step) / scale;
}

/// Fewest decimals as written, but those of sentinels: "-999" among "13.0" says nothing.
int fewest_decimals(const NumberColumn& numbers, const std::vector<double>& sentinels) {
  int fewest = kDecimalsAsNeeded;
  for (std::size_t i = 0; i < numbers.values.size(); ++i)
    if (!is_among(numbers.values[i], sentinels)) fewest = std::min<int>(fewest, numbers.printed_decimals[i]);
  return fewest;
}

void keep_digits(const NumberColumn& numbers, NumberFormat& format) {
  double greatest = 1;
  for (const double value : numbers.values) greatest = std::max(greatest, std::abs(value));
  const double whole_digits = std::floor(std::log10(greatest)) + 1;
  if (whole_digits + format.printed_decimals <= kExactDigits) return;
  format.printed_decimals = format.fewest_decimals = kDecimalsAsNeeded;
  if (whole_digits + format.decimals > kExactDigits) format.decimals = kDecimalsAsNeeded;
}

/// One more in each row than in the row before.
bool counts_rows(const ColumnLevels& levels, const NumberColumn& numbers) {
  const auto& cells = levels.column->cells;
  if (numbers.values.size() != levels.column->spellings.size() || numbers.values.size() != cells.size())
    return false;
  for (std::size_t row = 1; row < cells.size(); ++row)
    if (numbers.values[cells[row]] != numbers.values[cells[row - 1]] + 1) return false;
  return true;
}

/// Whether numbers that count rows do so from no record's number on: a row for each age, or for each year.
bool may_be_ages_or_years(const NumberRange& range) {
  const bool ages = range.least >= 10 && range.greatest <= 120;
  const bool years = range.least >= 1500 && range.greatest <= 2100;
  return ages || years;
}

/// Whether whole numbers name records: by their order, or by the column's name where all differ.
bool name_records(const ColumnLevels& levels, const NumberColumn& numbers, const NumberRange& range) {
  constexpr std::int64_t kFewRows = 20;
  const auto distinct = static_cast<std::int64_t>(numbers.values.size());
  if (levels.present_rows < kFewRows || range.least < 0 || distinct * 50 < levels.present_rows * 49)
    return false;
  const NameOfRecord name = sounds_like_record(levels.column->name);
  if (counts_rows(levels, numbers) && (name != NameOfRecord::no || !may_be_ages_or_years(range))) return true;
  if (name == NameOfRecord::surely) return true;
  const double span = range.greatest - range.least;
  return name == NameOfRecord::perhaps && span < 10 * static_cast<double>(distinct);
}

void add_identifier(const NumberColumn& numbers, ColumnFindings& out) {
  out.schema.kind = ColumnKind::identifier;
  out.schema.number = {};
  const bool beyond = std::any_of(numbers.values.begin(), numbers.values.end(),
                                  [](double v) { return std::abs(v) > kEveryInteger; });
  out.add(Weight::note,
          beyond ? "names records by whole numbers beyond 2^53, which no calculation keeps exactly"
                 : "names records: its numbers differ from row to row",
          beyond ? "nothing to do: not learnt, made anew in rows drawn; ignored = true leaves it out"
                 : "nothing to do: not learnt, made anew in rows drawn; kind = \"continuous\" learns it as a "
                   "quantity");
}

/// Whole numbers that a double would round keep their spelling.
bool keep_as_spelling(const ColumnLevels& levels, const NumberColumn& numbers, ColumnFindings& out) {
  const bool beyond = numbers.others.empty() && numbers.plain_digits &&
                      std::any_of(numbers.values.begin(), numbers.values.end(),
                                  [](double v) { return std::abs(v) > kEveryInteger; });
  if (!beyond) return false;
  const auto distinct = static_cast<std::int64_t>(levels.present.size());
  if (distinct * 10 >= levels.present_rows * 9) {
    add_identifier(numbers, out);
    return true;
  }
  infer_words(levels, out);
  return true;
}

void add_sentinels(const NumberColumn& numbers, const std::vector<double>& sentinels, std::int64_t rows,
                   ColumnFindings& out) {
  out.schema.sentinels = sentinels;
  for (const double sentinel : sentinels) {
    std::int64_t with = 0;
    for (std::size_t i = 0; i < numbers.values.size(); ++i)
      if (numbers.values[i] == sentinel) with += numbers.rows[i];
    out.add(Weight::warning,
            number_text(sentinel) + " in " + share_text(with, rows) +
                " stands far apart: a code for no value, or a ceiling?",
            "list \"" + spell(sentinel, out.schema) +
                "\" under missing if it stands for no value; as it is, it is a value of its own");
  }
}

void add_heaps(const NumberColumn& numbers, const NumberRange& range, ColumnFindings& out) {
  constexpr std::int64_t kFewRows = 20;
  if (numbers.number_rows < kFewRows) return;
  if (range.commonest_rows * 5 >= numbers.number_rows)
    out.add(Weight::note,
            number_text(range.commonest) + " in " + share_text(range.commonest_rows, numbers.number_rows),
            "nothing to do: a value so frequent is learnt as a level of its own");
  if (out.schema.number.decimals > 0 || out.schema.number.step > 0) return;
  for (const double step : {10.0, 5.0, 2.0}) {
    std::int64_t multiples = 0;
    for (std::size_t i = 0; i < numbers.values.size(); ++i)
      if (std::fmod(numbers.values[i], step) == 0 && numbers.values[i] != range.commonest)
        multiples += numbers.rows[i];
    const std::int64_t others = numbers.number_rows - range.commonest_rows;
    if (multiples * 5 < others * 4 || others * 5 < numbers.number_rows) continue;
    out.add(Weight::note, "multiples of " + number_text(step) + " in " + share_text(multiples, others),
            "nothing to do: only values of the table are drawn, as often as there");
    return;
  }
}

}  // namespace

void infer_number_kind(const ColumnLevels& levels, NumberColumn& numbers, ColumnFindings& out) {
  NumberFormat& format = out.schema.number;
  if (keep_as_spelling(levels, numbers, out)) return;
  const std::size_t distinct = few_values(numbers);
  const std::vector<double> sentinels = find_sentinels(numbers);
  const NumberRange range = range_of(numbers, sentinels);
  const bool whole = format.decimals == 0;
  const bool few =
      distinct <= kMostCodes && numbers.number_rows >= kRowsPerCode * static_cast<std::int64_t>(distinct);
  if (!few && whole && numbers.other_rows == 0 && sentinels.empty() && numbers.plain_digits &&
      name_records(levels, numbers, range)) {
    add_identifier(numbers, out);
    return;
  }
  out.schema.kind = few ? ColumnKind::code : ColumnKind::continuous;
  constexpr std::size_t kFewestForStep = 6;
  if (!few && range.spellings >= kFewestForStep) find_step(numbers, sentinels, format);
  const bool from_start = range.least == 0 || range.least == 1;
  if (!few && whole && from_start && format.step == 0) out.schema.kind = ColumnKind::count;
  format.fewest_decimals = std::min(fewest_decimals(numbers, sentinels), format.printed_decimals);
  keep_digits(numbers, format);
  add_sentinels(numbers, sentinels, levels.rows, out);
  if (few) return;
  add_heaps(numbers, range, out);
  if (whole && sounds_like_record(levels.column->name) == NameOfRecord::surely)
    out.add(Weight::warning, "is named as if it named records, but its values repeat: learnt as numbers",
            "set kind = \"identifier\" or ignored = true if it names a patient or a group");
  else if (whole && levels.present.size() > 100 &&
           static_cast<std::int64_t>(levels.present.size()) == levels.present_rows)
    out.add(Weight::note, "no value stands in two rows", "set kind = \"identifier\" if it names records");
}

}  // namespace agon
