#include "tests/simulator/runtime/launch_history.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>

#include "tests/simulator/core/report.hpp"

namespace agon::simulator {
namespace {

constexpr std::size_t kLongestSequence = 1 << 16;  // what is longer is no step

bool same(const dim3& a, const dim3& b) { return a.x == b.x && a.y == b.y && a.z == b.z; }

bool same_launch(const LaunchRecord& a, const LaunchRecord& b) {
  return a.call->kernel() == b.call->kernel() && same(a.blocks, b.blocks) && same(a.threads, b.threads) &&
         a.dynamic_shared == b.dynamic_shared;
}

/// How many launches of `all` are `step` over and over: all of them, or all but the last; else 0. A single
/// launch is too little to tell a step from layers that have a kernel in common.
std::size_t repetitions(const std::vector<LaunchRecord>& all, const std::vector<LaunchRecord>& step) {
  if (step.empty() || (step.size() == 1 && all.size() > 2)) return 0;
  std::size_t alike = 0;
  while (alike < all.size() && same_launch(all[alike], step[alike % step.size()])) ++alike;
  if (alike + 1 < all.size()) return 0;
  for (const std::size_t count : {all.size(), all.size() - 1})
    if (count <= alike && count % step.size() == 0) return count;
  return 0;
}

template <class T>
T value_at(const std::byte* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

/// In hexadecimal digits, and as the number it may be.
std::string words_for(const std::byte* bytes, std::size_t size) {
  char text[96];
  if (size == 4) {
    const auto bits = value_at<std::uint32_t>(bytes);
    std::snprintf(text, sizeof text, "0x%08x (%d, %.9g)", bits, static_cast<std::int32_t>(bits),
                  static_cast<double>(value_at<float>(bytes)));
  } else if (size == 8) {
    const auto bits = value_at<std::uint64_t>(bytes);
    std::snprintf(text, sizeof text, "0x%016llx (%lld, %.17g)", static_cast<unsigned long long>(bits),
                  static_cast<long long>(bits), value_at<double>(bytes));
  } else {
    std::string digits = "0x";
    for (std::size_t i = size; i-- > 0;) {
      std::snprintf(text, sizeof text, "%02x", static_cast<unsigned>(bytes[i]));
      digits += text;
    }
    return digits;
  }
  return text;
}

/// The aligned word of a parameter in which the two first differ: where, and how wide.
Parameter differing_word(const Parameter& parameter, const std::byte* a, const std::byte* b) {
  if (parameter.size <= 8) return {0, parameter.size};
  std::size_t at = 0;
  while (a[at] == b[at]) ++at;
  const std::size_t width = parameter.size % 8 == 0 ? 8 : parameter.size % 4 == 0 ? 4 : 1;
  return {at / width * width, width};
}

void report_difference(const LaunchRecord& captured, const LaunchRecord& before, std::size_t index) {
  const Parameter& parameter = captured.call->parameters()[index];
  const std::byte* const now = captured.call->arguments() + parameter.offset;
  const std::byte* const then = before.call->arguments() + parameter.offset;
  const Parameter word = differing_word(parameter, now, then);
  std::string what = "parameter " + std::to_string(index) + " of " + function_name(captured.call->kernel());
  if (word.size != parameter.size) what += ", at byte " + std::to_string(word.offset) + ",";
  what += " was " + words_for(then + word.offset, word.size) + " in the step before and is " +
          words_for(now + word.offset, word.size) + " in this one: the graph repeats what it was at capture";
  report_host("frozen argument", captured.from.text(), what);
}

void compare(const LaunchRecord& captured, const LaunchRecord& before) {
  const auto parameters = captured.call->parameters();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (!captured.call->comparable(i)) continue;
    const std::size_t offset = parameters[i].offset;
    if (std::memcmp(captured.call->arguments() + offset, before.call->arguments() + offset,
                    parameters[i].size) != 0)
      report_difference(captured, before, i);
  }
}

/// Reports arguments that differ where one of the two is the other, over and over.
void compare(const std::vector<LaunchRecord>& captured, const std::vector<LaunchRecord>& before) {
  const std::size_t ahead = repetitions(captured, before);
  const std::size_t behind = ahead != 0 ? 0 : repetitions(before, captured);
  for (std::size_t i = 0; i < ahead; ++i) compare(captured[i], before[i % before.size()]);
  for (std::size_t i = 0; i < behind; ++i) compare(captured[i % captured.size()], before[i]);
}

}  // namespace

void LaunchHistory::finish_direct() {
  if (direct_.empty()) return;
  direct_before_ = std::exchange(direct_, {});
  captures_.clear();
}

void LaunchHistory::launched(LaunchRecord record, bool idle) {
  if (idle) finish_direct();
  if (direct_.size() < kLongestSequence) direct_.push_back(std::move(record));
}

void LaunchHistory::captured(LaunchRecord record) { capturing_.push_back(std::move(record)); }

void LaunchHistory::begin_capture() {
  finish_direct();
  capturing_.clear();
}

void LaunchHistory::end_capture() {
  Sequence captured = std::exchange(capturing_, {});
  compare(captured, direct_before_);
  // One launch alone is no step that could be told from another.
  for (const Sequence& earlier : captures_)
    if (std::min(captured.size(), earlier.size()) > 1) compare(captured, earlier);
  captures_.push_back(std::move(captured));
}

}  // namespace agon::simulator
