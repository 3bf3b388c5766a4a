// Numbers that seem to stand for no value.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "engine/table/inference.hpp"

namespace agon {
namespace {

struct Repeated {
  double value = 0;
  std::int64_t rows = 0;
};

/// 9, 99, 999, 99.9, 88, 777 and so on, of either sign; -1 and -998, -997 besides.
bool is_usual_code(double value) {
  if (value == -1 || value == -998 || value == -997) return true;
  std::array<char, 32> buffer;
  char* const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::abs(value)).ptr;
  const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  const char first = text[0];
  if (first != '7' && first != '8' && first != '9') return false;
  const auto digits = std::count(text.begin(), text.end(), first);
  const bool fraction = text.find('.') != text.npos;
  return digits == std::ssize(text) || (fraction && digits == std::ssize(text) - 1 && text[1] == first);
}

/// The values that remain when the usual codes are set aside.
struct Remainder {
  double least = INFINITY, greatest = -INFINITY;
  std::int64_t rows = 0;
  std::size_t spellings = 0;

  void add(double value, std::int64_t count) {
    least = std::min(least, value);
    greatest = std::max(greatest, value);
    rows += count;
    ++spellings;
  }
};

/// From above: those behind a gap wider than the range of all below it. Codes in the range are values.
void take_high(std::vector<Repeated>& codes, Remainder rest, std::vector<double>& sentinels) {
  std::sort(codes.begin(), codes.end(),
            [](const Repeated& a, const Repeated& b) { return a.value < b.value; });
  constexpr std::size_t kManyValues = 20;
  bool apart = false;
  for (const Repeated& code : codes) {
    if (code.value <= rest.greatest) continue;
    const double range = rest.greatest - rest.least, gap = code.value - rest.greatest;
    apart = apart || gap > (rest.spellings > kManyValues ? range / 2 : range);
    if (apart) {
      sentinels.push_back(code.value);
    } else {
      rest.add(code.value, code.rows);
    }
  }
}

/// -1 beside 0 and 1, in many rows: less, the same, more.
bool is_a_sign(const Repeated& code, const Remainder& rest) {
  return code.value == -1 && rest.least >= 0 && rest.greatest == 1 && 10 * code.rows >= rest.rows;
}

/// From below: negative codes of a column that has no other negative number, or those far below it.
void take_low(const std::vector<Repeated>& codes, Remainder rest, bool whole,
              std::vector<double>& sentinels) {
  for (const Repeated& code : codes) {
    if (code.value >= 0 || code.value >= rest.least || is_a_sign(code, rest)) continue;
    const bool far = rest.least - code.value > rest.greatest - rest.least;
    const bool only_negative = rest.least >= 0 && (code.value != -1 || whole);
    if (far || only_negative) sentinels.push_back(code.value);
  }
}

}  // namespace

std::vector<double> find_sentinels(const NumberColumn& numbers) {
  constexpr std::int64_t kLargeTable = 100;
  const std::int64_t several = numbers.number_rows < kLargeTable ? 2 : 3;
  std::vector<Repeated> codes;
  Remainder rest;
  bool whole = true;
  for (std::size_t i = 0; i < numbers.values.size(); ++i) {
    const double value = numbers.values[i];
    if (numbers.rows[i] >= several && is_usual_code(value)) {
      codes.push_back({value, numbers.rows[i]});
    } else {
      rest.add(value, numbers.rows[i]);
      whole = whole && value == std::floor(value);
    }
  }
  std::vector<double> sentinels;
  if (codes.empty() || rest.spellings < 2 || rest.rows * 2 < numbers.number_rows) return sentinels;
  take_low(codes, rest, whole, sentinels);
  take_high(codes, rest, sentinels);
  std::sort(sentinels.begin(), sentinels.end());
  sentinels.erase(std::unique(sentinels.begin(), sentinels.end()), sentinels.end());
  return sentinels;
}

}  // namespace agon
