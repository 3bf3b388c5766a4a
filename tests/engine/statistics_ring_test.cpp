// The ring of statistics, read while another thread writes it as the device does.
#include "engine/model/statistics_ring.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace agon {
namespace statistics_ring_test {

using kernels::StepStatistics;

StepStatistics row_of(std::uint64_t step) {
  const auto value = static_cast<float>(step % (1 << 20));
  return {step, {value, value + 1}, {value + 2, value + 3}, value + 4};
}

struct Ring {
  explicit Ring(std::size_t size) : rows(size) {}

  /// As step_end does.
  void publish(std::uint64_t step) {
    rows[(step - 1) % rows.size()] = row_of(step);
    __atomic_store_n(&published, step, __ATOMIC_RELEASE);
  }
  std::vector<StepStatistics> read(std::uint64_t since) const { return read_ring(rows, &published, since); }

  std::vector<StepStatistics> rows;
  std::uint64_t published = 0;
};

std::vector<std::uint64_t> steps(const std::vector<StepStatistics>& rows) {
  std::vector<std::uint64_t> all;
  for (const StepStatistics& row : rows) all.push_back(row.step);
  return all;
}

TEST(StatisticsRing, RowsSinceAStep) {
  Ring ring(6);
  EXPECT_TRUE(ring.read(0).empty());
  for (std::uint64_t step = 1; step <= 4; ++step) ring.publish(step);
  EXPECT_EQ(steps(ring.read(0)), (std::vector<std::uint64_t>{1, 2, 3, 4}));
  EXPECT_EQ(steps(ring.read(3)), (std::vector<std::uint64_t>{4}));
  EXPECT_TRUE(ring.read(4).empty());
  EXPECT_TRUE(ring.read(9).empty());
  for (std::uint64_t step = 5; step <= 20; ++step) ring.publish(step);
  EXPECT_EQ(steps(ring.read(0)), (std::vector<std::uint64_t>{17, 18, 19, 20}));
  EXPECT_EQ(steps(ring.read(18)), (std::vector<std::uint64_t>{19, 20}));
}

TEST(StatisticsRing, NoRowIsTornWhileItIsWritten) {
  constexpr std::uint64_t kSteps = 3'000'000;
  Ring ring(64);
  std::thread writer([&] {
    for (std::uint64_t step = 1; step <= kSteps; ++step) ring.publish(step);
  });
  std::uint64_t seen = 0, read = 0, torn = 0;
  while (seen < kSteps) {
    const std::vector<StepStatistics> rows = ring.read(seen);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const StepStatistics expected = row_of(rows.front().step + i);
      torn += rows[i].step != expected.step || rows[i].loss[0] != expected.loss[0] ||
              rows[i].penalty != expected.penalty;
    }
    read += rows.size();
    if (!rows.empty()) seen = rows.back().step;
  }
  writer.join();
  EXPECT_EQ(torn, 0u);
  EXPECT_GE(read, 62u);
}

}  // namespace statistics_ring_test
}  // namespace agon
