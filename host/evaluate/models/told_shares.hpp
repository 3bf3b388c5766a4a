// Shares of two tables' rows that may be told: no single person stands behind them.
#pragma once

#include <cstdint>
#include <string>

#include "host/evaluate/tables/compared_tables.hpp"

namespace agon::host {

/// What some rows of each table have in common, and how many have it.
struct CommonRows {
  std::string what;
  std::int64_t real = 0, synthetic = 0;
};

class ToldShares {
 public:
  static constexpr std::int64_t kFewestRows = 5;  ///< of the real table, behind a share that is told

  ToldShares(std::int64_t real_rows, std::int64_t synthetic_rows)
      : real_rows_(real_rows), synthetic_rows_(synthetic_rows) {}

  double real(const CommonRows& c) const { return share(c.real, real_rows_); }
  double synthetic(const CommonRows& c) const { return share(c.synthetic, synthetic_rows_); }
  double difference(const CommonRows& c) const;
  /// False where 1 to 4 real rows have it, or all but 1 to 4 of them.
  bool may_be_told(const CommonRows& c) const;
  /// Puts `other` in the place of `best` where it may be told and its shares differ more.
  void keep(CommonRows& best, const CommonRows& other) const;
  /// The standard error of the difference where both tables are drawn from one.
  double standard_error(const CommonRows& c) const;
  /// "0 in 95.3% of real rows, 93.9% of synthetic ones"
  std::string words(const CommonRows& c) const;

 private:
  static double share(std::int64_t count, std::int64_t rows) {
    return rows == 0 ? 0 : static_cast<double>(count) / static_cast<double>(rows);
  }

  std::int64_t real_rows_, synthetic_rows_;
};

}  // namespace agon::host
