// A pool's pieces of work: each done once, by as many threads as it says, and what one throws.
#include "engine/runtime/thread_pool.hpp"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>
#include <string>

namespace agon {
namespace thread_pool_test {

class ThreadPoolOf : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(, ThreadPoolOf, testing::Values(1, 2, 5));

TEST_P(ThreadPoolOf, DoesEveryPieceOnceEveryTime) {
  constexpr int kRuns = 500;
  ThreadPool pool(GetParam());
  ASSERT_EQ(pool.size(), GetParam());
  std::vector<int> calls(static_cast<std::size_t>(GetParam()));
  std::vector<std::thread::id> threads(calls.size());
  for (int i = 0; i < kRuns; ++i)
    pool.run([&](int member) {
      ++calls[static_cast<std::size_t>(member)];
      threads[static_cast<std::size_t>(member)] = std::this_thread::get_id();
    });
  EXPECT_EQ(calls, std::vector<int>(calls.size(), kRuns));
  EXPECT_EQ(threads.front(), std::this_thread::get_id());
  EXPECT_EQ(std::set(threads.begin(), threads.end()).size(), threads.size());
}

TEST_P(ThreadPoolOf, ThrowsWhatTheFirstThrewWhenAllAreDone) {
  ThreadPool pool(GetParam());
  std::vector<int> done(static_cast<std::size_t>(GetParam()));
  const auto fail = [&](int member) {
    done[static_cast<std::size_t>(member)] = 1;
    throw std::runtime_error(std::to_string(member));
  };
  try {
    pool.run(fail);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "0");
  }
  EXPECT_EQ(done, std::vector<int>(done.size(), 1));
  int calls = 0;
  pool.run([&](int member) { calls += member == 0 ? 1 : 0; });  // and goes on
  EXPECT_EQ(calls, 1);
}

}  // namespace thread_pool_test
}  // namespace agon
