#include "host/evaluate/models/told_shares.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace agon::host {
namespace {

std::string percent_text(std::int64_t count, double share) {
  return count > 0 && share < 0.001 ? "under 0.1%" : fmt::format("{:.1f}%", 100 * share);
}

}  // namespace

double ToldShares::difference(const CommonRows& c) const { return std::abs(real(c) - synthetic(c)); }

bool ToldShares::may_be_told(const CommonRows& c) const {
  const std::int64_t others = real_rows_ - c.real;
  return (c.real == 0 || c.real >= kFewestRows) && (others == 0 || others >= kFewestRows);
}

void ToldShares::keep(CommonRows& best, const CommonRows& other) const {
  if (may_be_told(other) && difference(other) > difference(best)) best = other;
}

double ToldShares::standard_error(const CommonRows& c) const {
  const double both = share(c.real + c.synthetic, real_rows_ + synthetic_rows_);
  const double each = 1 / static_cast<double>(std::max<std::int64_t>(1, real_rows_)) +
                      1 / static_cast<double>(std::max<std::int64_t>(1, synthetic_rows_));
  return std::sqrt(both * (1 - both) * each);
}

std::string ToldShares::words(const CommonRows& c) const {
  return fmt::format("{} in {} of real rows, {} of synthetic ones", c.what, percent_text(c.real, real(c)),
                     percent_text(c.synthetic, synthetic(c)));
}

}  // namespace agon::host
