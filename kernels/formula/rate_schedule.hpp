// The learning rates' factor, from the step alone: in double, with the same bits on every device.
#pragma once

#include <cstdint>

#include "kernels/formula/annotate.hpp"
#include "kernels/rate_schedule.hpp"

namespace agon::kernels::formula {

/// sin(pi x / 2) for x in [0, 1/2], to a relative 5e-16: Taylor's polynomial of degree 17, whose rest is
/// below 2e-19 here. No library's sine: those differ from device to device.
AGON_FORMULA double sine_of_half_turns(double x) {
  const double a = rounded_product(0x1.921fb54442d18p+0, x);  // pi / 2
  const double square = rounded_product(a, a);
  double sum = 1.0 / 355687428096000.0;  // 1 / 17!
  sum = rounded_product(sum, square) - 1.0 / 1307674368000.0;
  sum = rounded_product(sum, square) + 1.0 / 6227020800.0;
  sum = rounded_product(sum, square) - 1.0 / 39916800.0;
  sum = rounded_product(sum, square) + 1.0 / 362880.0;
  sum = rounded_product(sum, square) - 1.0 / 5040.0;
  sum = rounded_product(sum, square) + 1.0 / 120.0;
  sum = rounded_product(sum, square) - 1.0 / 6.0;
  return a + rounded_product(rounded_product(a, square), sum);
}

/// (1 + cos(pi done / whole)) / 2, done <= whole, to a relative 2e-15 also where it vanishes: 1 - sin^2 in
/// the first half, sin^2 of what is left in the second.
AGON_FORMULA double half_cosine(std::uint64_t done, std::uint64_t whole) {
  const bool second_half = done > whole - done;
  const std::uint64_t from_the_end = second_half ? whole - done : done;
  const double sine = sine_of_half_turns(static_cast<double>(from_the_end) / static_cast<double>(whole));
  const double square = rounded_product(sine, sine);
  return second_half ? square : 1.0 - square;
}

/// See RateSchedule. `step`: steps completed.
AGON_FORMULA double rate_factor(const RateSchedule& schedule, std::uint64_t step) {
  if (step < schedule.warmup_steps)
    return static_cast<double>(step + 1) / static_cast<double>(schedule.warmup_steps);
  if (schedule.shape == RateShape::constant) return 1.0;
  if (step >= schedule.steps) return schedule.final_fraction;
  const std::uint64_t done = step - schedule.warmup_steps;
  const std::uint64_t whole = schedule.steps - schedule.warmup_steps;
  const double left = schedule.shape == RateShape::cosine
                          ? half_cosine(done, whole)
                          : static_cast<double>(whole - done) / static_cast<double>(whole);
  return schedule.final_fraction + rounded_product(1.0 - schedule.final_fraction, left);
}

}  // namespace agon::kernels::formula
