// A layout of records on guarded buffers, and what its rows must hold: plain loops in double precision.
#pragma once

#include <algorithm>
#include <cmath>
#include <random>

#include "kernels/record_shape.hpp"
#include "tests/kernels/device_fixture.hpp"

namespace agon::test {

struct RecordCase {
  std::vector<int> heads;           ///< levels of each
  std::vector<std::int32_t> gates;  ///< of each number
  kernels::HeadChoice choice = kernels::HeadChoice::straight_through;
  kernels::NumberLink link = kernels::NumberLink::rank;

  bool soft() const { return choice == kernels::HeadChoice::gumbel; }
  std::int64_t number_width() const { return link == kernels::NumberLink::rank ? 18 : 1; }
  std::vector<std::int32_t> head_first() const {
    std::vector<std::int32_t> first{0};
    for (const int levels : heads) first.push_back(first.back() + levels);
    return first;
  }
  std::int64_t levels() const { return head_first().back(); }
  std::int64_t numbers() const { return static_cast<std::int64_t>(gates.size()); }
  std::int64_t scores() const { return levels() + numbers(); }
  std::int64_t width() const { return levels() + numbers() * number_width(); }

  /// Of another kind; soft levels open no gates.
  RecordCase of(kernels::HeadChoice how, kernels::NumberLink linked) const {
    RecordCase other{heads, gates, how, linked};
    if (other.soft()) std::fill(other.gates.begin(), other.gates.end(), -1);
    return other;
  }

  /// A third of them open always, the others gated, some by one level.
  static RecordCase with(std::vector<int> heads, int numbers, std::mt19937& generator) {
    RecordCase made{std::move(heads), {}};
    for (int q = 0; q < numbers; ++q) {
      const bool free = made.heads.empty() || q % 3 == 0;
      const std::int64_t levels = std::min<std::int64_t>(made.levels(), q % 2 == 0 ? 4 : 1 << 20);
      made.gates.push_back(free ? -1 : static_cast<std::int32_t>(generator() % levels));
    }
    return made;
  }
};

/// The columns of a number of rank u that has a value.
inline std::vector<double> number_columns(double u, kernels::NumberLink link = kernels::NumberLink::rank) {
  if (link == kernels::NumberLink::tanh) return {2 * u - 1};
  std::vector<double> columns;
  for (int k = 0; k <= 16; ++k) columns.push_back(std::max(0.0, 1 - std::abs(16 * u - k)));
  columns.push_back(2 * u - 1);
  return columns;
}

/// The first of the highest.
inline std::int64_t highest(const float* logits, std::int64_t levels) {
  return std::max_element(logits, logits + levels) - logits;
}

class OnRecords : public OnDevice {
 protected:
  kernels::RecordShape shape_of(const RecordCase& c) {
    kernels::RecordShape shape;
    shape.heads = static_cast<std::int64_t>(c.heads.size());
    shape.levels = c.levels();
    shape.numbers = c.numbers();
    shape.choice = c.choice;
    shape.link = c.link;
    if (shape.heads > 0) shape.head_first = input(c.head_first()).data();
    if (shape.numbers > 0) shape.gate = input(c.gates).data();
    return shape;
  }
};

}  // namespace agon::test
