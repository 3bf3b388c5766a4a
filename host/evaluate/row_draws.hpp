// Random rows of a table, the same on every machine.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace agon::host {

class RowDraws {
 public:
  explicit RowDraws(std::uint64_t seed) : engine_(seed) {}

  /// Uniform on [0, n), but for a bias of n / 2^64.
  std::int64_t below(std::int64_t n) {
    const auto wide = static_cast<unsigned __int128>(engine_()) * static_cast<std::uint64_t>(n);
    return static_cast<std::int64_t>(wide >> 64);
  }

  /// 0, ..., n - 1 in random order.
  std::vector<std::int64_t> order(std::int64_t n);
  /// `count` different ones of 0, ..., n - 1 in rising order; all where there are no more.
  std::vector<std::int64_t> some(std::int64_t n, std::int64_t count);

 private:
  std::mt19937_64 engine_;
};

}  // namespace agon::host
