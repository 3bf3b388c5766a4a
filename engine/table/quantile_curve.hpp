// A distribution of positions as a curve of few knots, both ways.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/table/number_support.hpp"

namespace agon {

/// Straight lines between knots; two knots at one position are a mass there.
struct QuantileCurve {
  std::vector<double> at;          ///< ascending
  std::vector<double> cumulative;  ///< of each knot, ascending from 0 to 1

  bool any() const { return !at.empty(); }
  /// The position of rank u in [0, 1].
  double position(double u) const;
  /// The rank before, and after, what mass is at a position.
  double before(double position) const;
  double after(double position) const;
};

/// The continuous part of a column on its support: exact shares of the kept values, and in every open gap
/// knots some `rows / knots` rows apart, at least `rarest`. Nothing where no row is continuous.
QuantileCurve support_curve(const NumberSupport& support, std::span<const CountedValue> values,
                            std::int64_t rarest, std::int64_t knots);

/// Of any numbers, ascending: masses where at least `rarest` rows are, knots between as above. Beyond the
/// outermost knot some `rarest` rows lie, or none; the curve ends where their median says.
QuantileCurve free_curve(std::span<const double> values, std::span<const std::int64_t> counts,
                         std::int64_t rarest, std::int64_t knots);

}  // namespace agon
