// One piece of work in every order of threads: the results must be the same, and the checker silent.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "tests/simulator/simulator.hpp"

namespace agon::simulator::language {

inline constexpr std::uint64_t kSeeds = 10;

/// The order of threads until its end.
class Ordered {
 public:
  Ordered(Order order, std::uint64_t seed) : before_(options()) {
    options().order = order;
    options().seed = seed;
  }
  Ordered(const Ordered&) = delete;
  Ordered& operator=(const Ordered&) = delete;
  ~Ordered() { options() = before_; }

 private:
  Options before_;
};

inline void expect_silence(const std::string& when) {
  for (const Report& report : take_reports()) ADD_FAILURE() << when << ": " << report.text();
}

/// `check(work())`, forward, reverse and in random orders.
template <class Work, class Check>
void for_each_order(const Work& work, const Check& check) {
  const auto once = [&](Order order, std::uint64_t seed, const std::string& name) {
    SCOPED_TRACE(name);
    const Ordered ordered(order, seed);
    check(work());
    expect_silence(name);
  };
  once(Order::forward, 1, "forward");
  once(Order::reverse, 1, "reverse");
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed)
    once(Order::random, seed, "random:" + std::to_string(seed));
}

/// What `work` gives: a vector whose bytes are the same in every order.
template <class Work>
auto in_every_order(const Work& work) {
  std::invoke_result_t<Work> first;
  bool fresh = true;
  for_each_order(work, [&](auto now) {
    if (std::exchange(fresh, false))
      first = std::move(now);
    else
      EXPECT_TRUE(now.size() == first.size() &&
                  std::memcmp(now.data(), first.data(), first.size() * sizeof(first[0])) == 0);
  });
  return first;
}

}  // namespace agon::simulator::language
