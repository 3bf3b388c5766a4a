// Numbers that stand for three: a pixel for its image, row and column, an element of a patch for its tap and
// channel.
#pragma once

#include "kernels/formula/annotate.hpp"

namespace agon::kernels::cuda {

struct Digits {
  int a = 0, b = 0, c = 0;
};

/// n = (a * middle + b) * inner + c, middle and inner at least 1.
struct Radix {
  int middle = 1, inner = 1;

  AGON_MEMBER_FORMULA Digits of(int n) const {
    const auto whole = static_cast<unsigned>(n), each = static_cast<unsigned>(inner),
               rows = static_cast<unsigned>(middle);
    const unsigned rest = whole / each;
    return {static_cast<int>(rest / rows), static_cast<int>(rest % rows), static_cast<int>(whole % each)};
  }

  /// Those of the sum, without a division.
  AGON_MEMBER_FORMULA Digits sum(const Digits& x, const Digits& y) const {
    Digits sum{x.a + y.a, x.b + y.b, x.c + y.c};
    if (sum.c >= inner) sum.c -= inner, ++sum.b;
    if (sum.b >= middle) sum.b -= middle, ++sum.a;
    return sum;
  }
};

}  // namespace agon::kernels::cuda
