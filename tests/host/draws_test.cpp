// Draws of rows and folds.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <stdexcept>

#include "host/evaluate/draws.hpp"
#include "host/evaluate/models/side_by_side.hpp"

namespace agon::test {
namespace draws_test {

using host::DrawPurpose;
using host::Draws;

TEST(Draws, AreUniform) {
  Draws draws(7, DrawPurpose::bootstrap);
  std::vector<double> counts(6);
  constexpr int kDraws = 60'000;
  for (int i = 0; i < kDraws; ++i) ++counts[draws.below(6)];
  double chi_square = 0;
  for (const double count : counts) chi_square += (count - 10'000) * (count - 10'000) / 10'000;
  EXPECT_LT(chi_square, 20.5);  // 5 degrees of freedom: 0.1% lie above
  EXPECT_GT(chi_square, 0.2);
}

TEST(Draws, ASeedAPurposeAndAStepHaveStreamsOfTheirOwn) {
  const auto of = [](std::uint64_t seed, DrawPurpose purpose, std::uint64_t step) {
    return Draws(seed, purpose, step).order(50);
  };
  std::set<std::vector<std::int64_t>> orders = {of(1, DrawPurpose::rows, 0), of(2, DrawPurpose::rows, 0),
                                                of(1, DrawPurpose::folds, 0), of(1, DrawPurpose::rows, 1)};
  EXPECT_EQ(orders.size(), 4u);
  EXPECT_EQ(of(1, DrawPurpose::rows, 0), of(1, DrawPurpose::rows, 0));
  auto sorted = of(1, DrawPurpose::rows, 0);
  std::ranges::sort(sorted);
  for (std::int64_t i = 0; i < 50; ++i) EXPECT_EQ(sorted[static_cast<std::size_t>(i)], i);
}

TEST(Draws, SomeRowsAreInOrderAndEachAppearsAsOften) {
  std::map<std::int64_t, int> times;
  for (std::uint64_t step = 0; step < 2000; ++step) {
    const auto rows = Draws(1, DrawPurpose::rows, step).some(10, 3);
    ASSERT_EQ(rows.size(), 3u);
    ASSERT_TRUE(std::ranges::is_sorted(rows) && std::ranges::adjacent_find(rows) == rows.end());
    for (const std::int64_t row : rows) ++times[row];
  }
  for (const auto& [row, count] : times) EXPECT_NEAR(count, 600, 100) << row;
  EXPECT_EQ(Draws(1, DrawPurpose::rows).some(3, 10).size(), 3u);
}

TEST(Draws, FoldsShareEachClassEvenly) {
  std::vector<std::int32_t> labels(100, 0);
  labels.resize(131, 1);
  const auto fold = host::stratified_folds(labels, 3, Draws(5, DrawPurpose::folds));
  for (const std::int32_t of_class : {0, 1}) {
    std::map<std::int32_t, int> counts;
    for (std::size_t i = 0; i < fold.size(); ++i) counts[fold[i]] += labels[i] == of_class;
    ASSERT_EQ(counts.size(), 3u);
    for (const auto& [f, count] : counts) EXPECT_NEAR(count, of_class ? 31 / 3.0 : 100 / 3.0, 1) << f;
  }
}

TEST(SideBySide, EveryJobIsDoneOnceAndTheFirstErrorIsThrown) {
  std::vector<std::atomic<int>> done(50);
  std::vector<std::function<void()>> jobs;
  for (auto& one : done) jobs.push_back([&one] { ++one; });
  host::do_side_by_side(4, jobs);
  for (const auto& one : done) EXPECT_EQ(one, 1);
  host::do_side_by_side(4, {});
  jobs[7] = [] { throw std::runtime_error("seven"); };
  jobs[9] = [] { throw std::runtime_error("nine"); };
  try {
    host::do_side_by_side(4, jobs);
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "seven");
  }
}

}  // namespace draws_test
}  // namespace agon::test
