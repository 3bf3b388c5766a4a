// Two taps along a line, y(u) = x(u) w(0) + x(u + 1) w(1), with fewer multiplications: the line is cut into
// pieces of three or two outputs, and each piece is a sum of products at the points 0, 1, infinity and -1, of
// something of x and something of w. Factors are 1, -1 and 1/2, so little is lost to rounding.
//
// Sources: Winograd, "Arithmetic complexity of computations" (1980); Lavin, Gray, "Fast algorithms for
// convolutional neural networks" (2016), F(2, 2) and F(3, 2).
#pragma once

#include <cstdint>

#include "kernels/cpu/linear/gemm_vector.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {

inline constexpr int kPoints = 4;
enum Point : int { at_zero, at_one, at_infinity, at_minus_one };

/// A piece of a line. `first` and `last` are one output each, at an end where x(0), or x(n), is 0.
enum class Cut : std::uint8_t { two, three, first, last };

constexpr int outputs_of(Cut cut) { return cut == Cut::three ? 3 : cut == Cut::two ? 2 : 1; }

constexpr bool has_point(Cut cut, int point) {
  if (cut == Cut::first) return point == at_infinity;
  if (cut == Cut::last) return point == at_zero;
  return cut == Cut::three || point != at_minus_one;
}

/// A line of n >= 2 outputs in pieces: of all ways to cut it one with the fewest products.
struct CutLine {
  std::int64_t outputs = 0, threes = 0, twos = 0;
  bool first = false, last = false;

  CutLine(std::int64_t n, bool may_first, bool may_last) : outputs(n) {
    const bool one = n % 3 == 1 && n > 3 && (may_first || may_last);
    first = one && may_first, last = one && !may_first;
    twos = n % 3 == 2 ? 1 : n % 3 == 1 && !one ? 2 : 0;
    threes = (n - 2 * twos - (one ? 1 : 0)) / 3;
  }

  std::int64_t count() const { return (first ? 1 : 0) + threes + twos + (last ? 1 : 0); }
  Cut cut(std::int64_t i) const {
    if (first && i == 0) return Cut::first;
    i -= first ? 1 : 0;
    return i < threes ? Cut::three : i < threes + twos ? Cut::two : Cut::last;
  }
  int points() const { return threes > 0 ? kPoints : kPoints - 1; }
  /// Pieces that have a product at the point.
  std::int64_t with(int point) const {
    const std::int64_t of_both = point == at_minus_one ? threes : threes + twos;
    return of_both + (first && point == at_infinity ? 1 : 0) + (last && point == at_zero ? 1 : 0);
  }
};

/// Of a piece's x(0), x(1), ..., `step` apart, the factors of its products, as many apart.
template <Cut cut>
AGON_INLINE void sample(const Vector* x, Vector* at, int step) {
  const Vector half = broadcast(0.5f);
  if constexpr (cut == Cut::two) {
    at[at_zero * step] = x[0] - x[step];
    at[at_one * step] = x[step];
    at[at_infinity * step] = x[2 * step] - x[step];
  } else if constexpr (cut == Cut::three) {
    at[at_zero * step] = x[0] - x[2 * step];
    at[at_one * step] = half * (x[step] + x[2 * step]);
    at[at_infinity * step] = x[3 * step] - x[step];
    at[at_minus_one * step] = half * (x[2 * step] - x[step]);
  } else {
    at[(cut == Cut::first ? at_infinity : at_zero) * step] = x[(cut == Cut::first ? 1 : 0) * step];
  }
}

/// Of w(0) and w(1) the other factors.
AGON_INLINE Vector weight_at(int point, Vector w0, Vector w1) {
  return point == at_zero ? w0 : point == at_infinity ? w1 : point == at_one ? w0 + w1 : w0 - w1;
}

/// Of a piece's products, `step` apart, its outputs, as many apart.
template <Cut cut>
AGON_INLINE void combine(const Vector* at, Vector* y, int step) {
  if constexpr (cut == Cut::two) {
    y[0] = at[at_zero * step] + at[at_one * step];
    y[step] = at[at_one * step] + at[at_infinity * step];
  } else if constexpr (cut == Cut::three) {
    const Vector even = at[at_one * step] + at[at_minus_one * step];
    y[0] = at[at_zero * step] + even;
    y[step] = at[at_one * step] - at[at_minus_one * step];
    y[2 * step] = even + at[at_infinity * step];
  } else {
    y[0] = at[(cut == Cut::first ? at_infinity : at_zero) * step];
  }
}

/// combine(), transposed: of the outputs' gradients the products'.
template <Cut cut>
AGON_INLINE void spread(const Vector* y, Vector* at, int step) {
  if constexpr (cut == Cut::two) {
    at[at_zero * step] = y[0];
    at[at_one * step] = y[0] + y[step];
    at[at_infinity * step] = y[step];
  } else if constexpr (cut == Cut::three) {
    const Vector even = y[0] + y[2 * step];
    at[at_zero * step] = y[0];
    at[at_one * step] = even + y[step];
    at[at_infinity * step] = y[2 * step];
    at[at_minus_one * step] = even - y[step];
  } else {
    at[(cut == Cut::first ? at_infinity : at_zero) * step] = y[0];
  }
}

/// weight_at(), transposed: of sums of products the gradient of w(tap). Points that no piece has are 0.
AGON_INLINE Vector weight_gradient_of(int tap, const Vector* at, int step) {
  return tap == 0 ? at[at_zero * step] + (at[at_one * step] + at[at_minus_one * step])
                  : at[at_infinity * step] + (at[at_one * step] - at[at_minus_one * step]);
}

/// use.template operator()<cut of the lines, cut of a line>() for a piece of an image.
template <class Use>
AGON_INLINE void for_cuts(Cut y, Cut x, const Use& use) {
  const auto across = [&]<Cut of_y>() {
    switch (x) {
      case Cut::two:
        return use.template operator()<of_y, Cut::two>();
      case Cut::three:
        return use.template operator()<of_y, Cut::three>();
      case Cut::first:
        return use.template operator()<of_y, Cut::first>();
      case Cut::last:
        return use.template operator()<of_y, Cut::last>();
    }
  };
  switch (y) {
    case Cut::two:
      return across.template operator()<Cut::two>();
    case Cut::three:
      return across.template operator()<Cut::three>();
    case Cut::first:
      return across.template operator()<Cut::first>();
    case Cut::last:
      return across.template operator()<Cut::last>();
  }
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
