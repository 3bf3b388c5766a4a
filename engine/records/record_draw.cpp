#include "engine/records/record_draw.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/metrics/column_statistics.hpp"
#include "engine/runtime/decimal_text.hpp"
#include "engine/table/finding_text.hpp"

namespace agon {
namespace {

constexpr std::int64_t kDrawnAtOnce = 1 << 14;  // records
constexpr std::int64_t kPatience = 1 << 20;     // records that are looked at before a draw may be given up
constexpr double kLeastShare = 1e-5;            // share of records below which waiting is over

std::string counted_text(std::int64_t number) { return grouped(static_cast<std::uint64_t>(number)); }

/// Of a level, where the draw is balanced, or of all: whether it is no use to wait for more.
bool is_hopeless(const DrawRequest& request, const DrawResult& result) {
  if (result.looked_at < kPatience) return false;
  const Balance::Level* level = request.balance ? request.balance->scarcest() : nullptr;
  const std::int64_t found = level != nullptr ? level->taken : result.written;
  return static_cast<double>(found) < kLeastShare * static_cast<double>(result.looked_at);
}

/// The piece's rows that are wanted, counted in `result`.
std::vector<std::int64_t> wanted_rows(const TextTable& records, std::span<const char> fulfils,
                                      DrawRequest& request, DrawResult& result) {
  const std::vector<char> copies =
      request.never != nullptr ? request.never->copies_in(records) : std::vector<char>();
  if (request.balance) request.balance->look_at(records);
  std::vector<std::int64_t> rows;
  for (std::int64_t row = 0; row < records.rows && result.written < request.count; ++row) {
    ++result.looked_at;
    if (!fulfils[static_cast<std::size_t>(row)]) continue;
    ++result.fulfilling;
    if (request.balance && !request.balance->wants(row)) continue;
    if (!copies.empty() && copies[static_cast<std::size_t>(row)]) {
      ++result.copies;
      continue;
    }
    if (request.balance) request.balance->take(row);
    ++result.written;
    rows.push_back(row);
  }
  return rows;
}

}  // namespace

RecordDraw::RecordDraw(const Gan& gan, const Coding& coding, int replica)
    : gan_(gan), coding_(coding), replica_(replica), constraints_(coding.schema()) {
  if (gan.config().generator.records != coding.layout())
    throw ConfigurationError("this generator was not trained on records of this coding");
  constexpr std::int64_t kLookedAt = 32768;    // records
  constexpr std::int64_t kFarOff = 1LL << 50;  // behind every record that is drawn
  const std::vector<float> scores = gan.sample_scores({kFarOff, kLookedAt}, 0, replica);
  calibration_ = calibrate(scores, coding.layout(), coding.shares(), gan.device().threads());
}

/// No rows where a score is not finite.
TextTable RecordDraw::piece(std::int64_t first, std::int64_t count, std::uint64_t seed) const {
  const std::vector<float> scores = gan_.sample_scores({first, count}, seed, replica_);
  if (!all_finite(scores)) return coding_.decode({}, seed);
  return coding_.decode(choose(scores, coding_.layout(), calibration_, gan_.device().threads()), seed, first);
}

DrawResult RecordDraw::draw(DrawRequest request, const Sink& sink,
                            const std::function<bool()>& goes_on) const {
  if (request.count < 0)
    throw ConfigurationError("a number of records cannot be negative, " + std::to_string(request.count));
  if (request.balance) request.balance->share_out(request.count, std::array{request.where, constraints_});
  DrawResult result;
  // Where many are drawn again, few at a time would be wasteful.
  bool many = !request.where.empty() || request.balance;
  while (result.written < request.count && !result.scarce && goes_on()) {
    const std::int64_t count = many ? kDrawnAtOnce : std::min(kDrawnAtOnce, request.count - result.written);
    const TextTable records = piece(result.looked_at, count, request.seed);
    result.finite = records.rows == count;
    if (!result.finite) break;
    std::vector<char> fulfils(static_cast<std::size_t>(count), 1);
    constraints_.apply(records, fulfils);
    request.where.apply(records, fulfils);
    const std::vector<std::int64_t> rows = wanted_rows(records, fulfils, request, result);
    many = many || std::ssize(rows) < count;
    if (std::ssize(rows) == count)
      sink(records);
    else if (!rows.empty())
      sink(records.part(rows));
    result.scarce = result.written < request.count && is_hopeless(request, result);
  }
  if (result.scarce) result.shortage = shortage_of(request, result);
  return result;
}

/// "sex = F: of 1,048,576 records drawn 3 fulfil it, too few for 10: the run holds next to none of them"
std::string RecordDraw::shortage_of(const DrawRequest& request, const DrawResult& result) const {
  std::string wanted = request.where.text();
  if (!constraints_.empty()) wanted += (wanted.empty() ? "" : ", ") + constraints_.text();
  std::string text = "of " + counted_text(result.looked_at) + " records drawn ";
  if (!wanted.empty()) text = wanted + ": " + text + counted_text(result.fulfilling) + " fulfil it, ";
  if (result.copies > 0) text += counted_text(result.copies) + " are copies of real ones, ";
  const Balance::Level* level = request.balance ? request.balance->scarcest() : nullptr;
  if (level != nullptr)
    text += counted_text(level->taken) + " are found with " + request.balance->column() + " = " +
            level->name + ", ";
  return text + "too few for " + counted_text(level != nullptr ? level->wanted : request.count) +
         ": the run holds next to none of them";
}

std::vector<std::string> RecordDraw::warnings() const {
  std::vector<std::string> lines;
  const std::vector<RowColumn> columns = coding_.row_columns();
  for (const std::size_t level : calibration_.lost(coding_.shares()))
    lines.push_back(columns[level].name + " is in " + short_decimal(100 * coding_.shares()[level], 2) +
                    "% of the table's rows and in none of " + std::to_string(calibration_.rows) +
                    " drawn: it is lost");
  if (calibration_.distance > Calibration::kFar)
    lines.push_back("the generator is far from the table: a column's shares differ by " +
                    fixed_decimal(100 * calibration_.distance, 0) +
                    "% on average; train it longer (--steps), or with other settings");
  return lines;
}

}  // namespace agon
