// The values that a column of numbers can take again, and which of them a position on the axis means.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/table/schema.hpp"

namespace agon {

/// Multiples of `step` from an offset on, as decimals spell them; step 0: any number.
struct Lattice {
  double step = 0;
  double offset = 0;
  int decimals = 18;  ///< as NumberFormat::decimals

  double nearest(double value) const;
  double at_most(double value) const;
  double at_least(double value) const;
};

/// A value that a column holds, and the rows that have it.
struct CountedValue {
  double value = 0;
  std::int64_t rows = 0;
  std::int64_t continuous = 0;  ///< of these, the rows that the continuous part describes
  bool atom = false;            ///< is a level of its own
};

/// Values that many rows have are kept one by one. In a gap between two of them, and beyond the outermost,
/// lie the lattice's numbers where rare values of the table lie there, and nothing elsewhere: a column keeps
/// its heaps and holes, and a value that single rows have is known as part of a stretch only. Where a
/// column's extremes are rare, the support ends at tail_end() (tail.hpp).
///
/// Every position on the axis means a value. A gap from a to b is divided into a share `below` next to a,
/// which means a; a share `above` next to b, which means b; and between them a zone of one size for each
/// lattice number (step 0: the line from a to b). In an empty gap the shares are 1/2: the nearer. The shares
/// are those of the rows, so that a number that is decoded relative to another column heaps as the table
/// does.
struct NumberSupport {
  struct Gap {
    double below = 0.5, above = 0.5;
    bool is_open() const { return below + above < 1; }
  };
  /// Positions in [low, high) mean a value; infinite at the support's ends.
  struct Zone {
    double low, high;
  };

  std::vector<double> kept;  ///< ascending
  std::vector<Gap> gaps;     ///< (kept + 1): gap i ends at kept i, the last one at `high`
  double low = 0, high = 0;
  Lattice lattice;

  double value_at(double position) const;
  /// Of a value of the support.
  Zone zone(double value) const;
  /// The part of an open gap between the shares of its ends.
  Zone middle(std::size_t gap) const;
  /// Which gap a value lies in that is not kept; of a kept one, the gap above it.
  std::size_t gap_of(double value) const;
  bool is_kept(double value) const;
  /// The value of the support nearest to a number.
  double nearest(double value) const;
  /// The largest value of the support <= bound, the smallest >= bound; NaN where there is none.
  double at_most(double bound) const;
  double at_least(double bound) const;
  /// Opens every gap that has room, and reaches `share` of the range further to both sides, not below
  /// `lowest`.
  void extrapolate(double share, double lowest);
  /// Keeps a value beyond the support's ends, too.
  void admit(double value);

 private:
  double start(std::size_t gap) const;  ///< of a gap's positions
  double end(std::size_t gap) const;
  double inner_start(std::size_t gap) const;  ///< half a step before its first lattice number
  double inner_end(std::size_t gap) const;
};

/// How far a support reaches: as far as a smooth tail does (engine/table/tail.hpp), or to the outermost rows'
/// own numbers.
enum class SupportEnds : std::uint8_t { smooth, exact };

/// Of all values of a column, ascending, at least one. A value is kept that `rarest` rows have.
NumberSupport fit_support(std::span<const CountedValue> values, const Lattice& lattice, std::int64_t rarest,
                          SupportEnds ends = SupportEnds::smooth);

}  // namespace agon
