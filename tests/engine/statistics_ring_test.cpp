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

  /// As step_end does: the rows behind those of before, up to `step`.
  void publish(std::uint64_t step) {
    for (std::uint64_t i = published + 1; i <= step; ++i) rows[(i - 1) % rows.size()] = row_of(i);
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
  Ring ring(kUnsafeRows + 4);
  EXPECT_TRUE(ring.read(0).empty());
  for (std::uint64_t step = 1; step <= 4; ++step) ring.publish(step);
  EXPECT_EQ(steps(ring.read(0)), (std::vector<std::uint64_t>{1, 2, 3, 4}));
  EXPECT_EQ(steps(ring.read(3)), (std::vector<std::uint64_t>{4}));
  EXPECT_TRUE(ring.read(4).empty());
  EXPECT_TRUE(ring.read(9).empty());
  for (std::uint64_t step = 5; step <= 200; ++step) ring.publish(step);
  EXPECT_EQ(steps(ring.read(0)), (std::vector<std::uint64_t>{197, 198, 199, 200}));
  EXPECT_EQ(steps(ring.read(198)), (std::vector<std::uint64_t>{199, 200}));
}

TEST(StatisticsRing, NoRowIsTornWhileItIsWritten) {
  constexpr std::uint64_t kGroup = kernels::kMostPending, kSteps = 3'000'000;
  static_assert(kSteps % kGroup == 0);
  Ring ring(kUnsafeRows + 64);
  std::thread writer([&] {
    for (std::uint64_t step = kGroup; step <= kSteps; step += kGroup) ring.publish(step);
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
  EXPECT_GE(read, 64u);
}

}  // namespace statistics_ring_test
}  // namespace agon
