// Conditions on guarded buffers.
#pragma once

#include <cmath>
#include <numeric>

#include "kernels/condition_shape.hpp"
#include "tests/kernels/device_fixture.hpp"

namespace agon::test {

struct ConditionCase {
  std::vector<int> heads;                  ///< levels of each
  std::vector<std::int32_t> score;         ///< the column of each head's first level
  std::vector<std::vector<double>> share;  ///< of each head's levels

  std::vector<std::int32_t> first() const {
    std::vector<std::int32_t> first{0};
    for (const int levels : heads) first.push_back(first.back() + levels);
    return first;
  }
  std::int64_t levels() const { return first().back(); }
  std::vector<std::uint32_t> threshold() const {
    std::vector<std::uint32_t> all;
    for (const auto& shares : share) {
      double below = 0;
      for (std::size_t l = 0; l < shares.size(); ++l) {
        below += shares[l];
        all.push_back(l + 1 == shares.size() ? 1u << 31
                                             : static_cast<std::uint32_t>(std::round(0x1p31 * below)));
      }
    }
    return all;
  }
};

class OnConditions : public OnDevice {
 protected:
  kernels::ConditionShape shape_of(const ConditionCase& c) {
    return {static_cast<std::int64_t>(c.heads.size()), c.levels(), input(c.first()).data(),
            input(c.score).data(), input(c.threshold()).data()};
  }
};

}  // namespace agon::test
