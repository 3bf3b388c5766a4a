#include "engine/table/column_coding.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/table/cell_text.hpp"

namespace agon {
namespace {

constexpr double kTiny = 1e-9;  // what logarithms take for 0

bool means_other(std::string_view text) {
  constexpr std::string_view kWords[] = {"other",         "others", "(other)",  "unknown", "misc",
                                         "miscellaneous", "andere", "sonstige", "autre",   "otro"};
  return std::ranges::find(kWords, lower_case(text)) != std::end(kWords);
}

std::size_t same_letters(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

}  // namespace

double residual_of(SourceResidual residual, double y, double x) {
  if (residual == SourceResidual::difference) return y - x;
  if (residual == SourceResidual::ratio) return std::log(std::max(y, kTiny)) - std::log(std::max(x, kTiny));
  return y;
}

double without_residual(SourceResidual residual, double r, double x) {
  if (residual == SourceResidual::difference) return r + x;
  if (residual == SourceResidual::ratio) return std::exp(std::min(r, 700.0) + std::log(std::max(x, kTiny)));
  return r;
}

double place_in_mode(const MixtureMode& mode, double value) {
  constexpr double kFarthest = 0.99;
  const double place = (value - mode.mean) / (4 * mode.deviation);
  return (1 + std::clamp(place, -kFarthest, kFarthest)) / 2;
}

double value_in_mode(const MixtureMode& mode, double u) {
  return mode.mean + (2 * u - 1) * 4 * mode.deviation;
}

std::size_t NumberCoding::bin(double x) const {
  if (source < 0) return 0;
  if (std::isnan(x)) return edges.size() + 1;
  return static_cast<std::size_t>(std::ranges::upper_bound(edges, x) - edges.begin());
}

std::int64_t ColumnCoding::high_levels() const {
  const auto n = static_cast<std::int64_t>(levels.size());
  return low_levels > 0 ? (n + low_levels - 1) / low_levels : n;
}

bool ColumnCoding::has_numbers() const {
  if (role == Role::number) return true;
  return role == Role::levels && std::ranges::any_of(levels, [](const CodedLevel& level) {
           return level.kind == CodedLevel::Kind::value && !std::isnan(level.value);
         });
}

std::int64_t ColumnCoding::find(CodedLevel::Kind kind) const {
  const auto place = std::ranges::find(levels, kind, [](const CodedLevel& level) { return level.kind; });
  return place == levels.end() ? -1 : place - levels.begin();
}

LevelIndex::LevelIndex(const ColumnCoding& column) : column_(column) {
  for (std::size_t i = 0; i < column.levels.size(); ++i) {
    const CodedLevel& level = column.levels[i];
    const auto number = static_cast<std::int64_t>(i);
    if (level.kind == CodedLevel::Kind::value && !std::isnan(level.value))
      numbers_.emplace_back(level.value, number);
    else if (level.kind == CodedLevel::Kind::value || level.kind == CodedLevel::Kind::mark)
      texts_.emplace(level.spelling, number);
    if (level.kind != CodedLevel::Kind::value || !std::isnan(level.value)) continue;
    sorted_.emplace_back(level.spelling, number);
    if (other_ < 0 && means_other(level.spelling)) other_ = number;
  }
  std::ranges::sort(numbers_);
  std::ranges::sort(sorted_);
}

std::int64_t LevelIndex::of_number(double value) const {
  const auto place = std::ranges::lower_bound(numbers_, value, {}, [](const auto& p) { return p.first; });
  return place != numbers_.end() && place->first == value ? place->second : -1;
}

std::int64_t LevelIndex::nearest_number(double value) const {
  const auto place = std::ranges::lower_bound(numbers_, value, {}, [](const auto& p) { return p.first; });
  if (numbers_.empty()) return -1;
  if (place == numbers_.end()) return numbers_.back().second;
  if (place == numbers_.begin()) return place->second;
  const auto before = std::prev(place);
  return value - before->first < place->first - value ? before->second : place->second;
}

std::int64_t LevelIndex::of_text(std::string_view text, CodedLevel::Kind kind) const {
  const auto found = texts_.find(text);
  if (found == texts_.end()) return -1;
  return column_.levels[static_cast<std::size_t>(found->second)].kind == kind ? found->second : -1;
}

std::int64_t LevelIndex::nearest_text(std::string_view text) const {
  constexpr std::size_t kAlike = 3;
  if (other_ >= 0 || sorted_.empty()) return std::max<std::int64_t>(other_, 0);
  // Of sorted texts the neighbours share the most; levels stand by frequency, so the lower one is commoner.
  const auto place = std::ranges::lower_bound(sorted_, text, {}, [](const auto& p) { return p.first; });
  std::size_t best = kAlike - 1;
  std::int64_t level = sorted_.size() == column_.levels.size() ? 0 : column_.find(CodedLevel::Kind::value);
  const auto look = [&](const auto& entry) {
    const std::size_t same = same_letters(text, entry.first);
    if (same > best || (same == best && best >= kAlike && entry.second < level))
      best = same, level = entry.second;
  };
  if (place != sorted_.end()) look(*place);
  if (place != sorted_.begin()) look(*std::prev(place));
  return level;
}

namespace {

/// On the heads of columns of levels.
RecordConditions conditions_of(const CodingPlan& plan) {
  RecordConditions conditions;
  for (const ColumnCoding& column : plan.columns) {
    if (column.role != ColumnCoding::Role::levels) continue;
    for (std::int64_t head = column.head; head < column.head + column.heads(); ++head) {
      const auto at = plan.layout.heads.begin() + head;
      const std::int64_t first = std::accumulate(plan.layout.heads.begin(), at, std::int64_t{0});
      conditions.heads.push_back(head);
      for (std::int64_t level = first; level < first + *at; ++level)
        conditions.shares.push_back(std::llround(1e9 * double{plan.shares[static_cast<std::size_t>(level)]}));
    }
  }
  return conditions;
}

}  // namespace

void CodingPlan::lay_out() {
  layout = {};
  if (options.modes) layout.choice = HeadChoice::gumbel, layout.link = NumberLink::tanh;
  for (ColumnCoding& column : columns) {
    column.head = column.number = -1;
    const auto n = static_cast<std::int64_t>(column.levels.size());
    const std::int64_t first_level = layout.levels();
    if ((column.role == ColumnCoding::Role::levels || column.role == ColumnCoding::Role::number) && n > 1) {
      column.head = static_cast<std::int64_t>(layout.heads.size());
      layout.heads.push_back(column.high_levels());
      if (column.low_levels > 0) layout.heads.push_back(column.low_levels);
    }
    if (column.role != ColumnCoding::Role::number) continue;
    column.number = layout.numbers();
    layout.gates.push_back(column.head >= 0 && !column.has_modes() ? first_level : -1);
  }
  if (options.conditions && static_cast<std::int64_t>(shares.size()) == layout.levels())
    layout.conditions = conditions_of(*this);
}

}  // namespace agon
