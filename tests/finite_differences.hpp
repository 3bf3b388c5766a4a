// Central differences in double precision: an oracle for gradients.
#pragma once

#include <vector>

namespace agon::test {

/// (value(p + h) - value(p - h)) / 2h by every one of `numbers`, which value() reads.
template <class Value>
std::vector<double> finite_differences(std::vector<double>& numbers, const Value& value) {
  constexpr double kStep = 1e-5;
  std::vector<double> slopes;
  for (double& number : numbers) {
    const double before = number;
    number = before + kStep;
    const double above = value();
    number = before - kStep;
    slopes.push_back((above - value()) / (2 * kStep));
    number = before;
  }
  return slopes;
}

}  // namespace agon::test
