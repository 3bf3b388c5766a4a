// A pool's jobs: each part done once, by whoever is free; what one throws; who waits sleeps; a child of fork.
#include "engine/runtime/thread_pool.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "engine/runtime/device.hpp"

namespace agon {
namespace thread_pool_test {

using namespace std::chrono_literals;

/// 'R' where the thread runs or could, 'S' where it sleeps.
char state_of(pid_t thread) {
  std::ifstream stat("/proc/self/task/" + std::to_string(thread) + "/stat");
  std::string line;
  std::getline(stat, line);
  return line.at(line.rfind(')') + 2);  // the name before it may hold anything
}

/// Whether that thread sleeps before long.
bool falls_asleep(pid_t thread) {
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (state_of(thread) != 'S' && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(1ms);
  std::this_thread::sleep_for(20ms);
  return state_of(thread) == 'S';
}

/// Whether two parts run at the same time, so on two threads.
bool two_at_a_time(ThreadPool& pool) {
  std::atomic<int> there = 0, met = 0;
  pool.each(2, [&](int) {
    ++there;
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (there < 2 && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(1ms);
    if (there == 2) ++met;
  });
  return met == 2;
}

class ThreadPoolOf : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(, ThreadPoolOf, testing::Values(1, 2, 5));

TEST_P(ThreadPoolOf, DoesEveryPartOnceEveryTime) {
  ThreadPool pool(GetParam());
  ASSERT_EQ(pool.size(), GetParam());
  for (int parts = 0; parts < 40; ++parts)
    for (int job = 0; job < 50; ++job) {
      std::vector<int> calls(static_cast<std::size_t>(parts));
      pool.each(parts, [&](int part) { ++calls[static_cast<std::size_t>(part)]; });
      ASSERT_EQ(calls, std::vector<int>(calls.size(), 1)) << parts << " parts, job " << job;
    }
}

TEST_P(ThreadPoolOf, ThrowsWhatTheFirstThrewAndGoesOn) {
  ThreadPool pool(GetParam());
  for (int job = 0; job < 20; ++job) {
    try {
      pool.each(7, [&](int part) {
        if (part >= 2) throw std::runtime_error(std::to_string(part));
      });
      ADD_FAILURE() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "2");
    }
  }
  std::atomic<int> calls = 0;
  pool.each(7, [&](int) { ++calls; });
  EXPECT_EQ(calls, 7);
}

TEST(ThreadPool, OthersTakeWhatALateThreadHasNotBegun) {
  ThreadPool pool(2);
  std::atomic<int> done = 0;
  std::atomic<bool> in_time = true;
  pool.each(8, [&](int part) {
    if (part == 1) {  // the second thread's first; its others are 3, 5 and 7
      const auto end = std::chrono::steady_clock::now() + 20s;
      while (done < 7 && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(1ms);
      in_time = done == 7;
    }
    ++done;
  });
  EXPECT_EQ(done, 8);
  EXPECT_TRUE(in_time) << "parts waited for the thread that was late";
}

TEST(ThreadPool, AJobWithinAJobIsItsCallersAlone) {
  ThreadPool pool(3);
  std::atomic<int> calls = 0, strangers = 0;
  EXPECT_FALSE(ThreadPool::inside());
  pool.each(6, [&](int) {
    const std::thread::id self = std::this_thread::get_id();
    pool.each(4, [&](int) {
      ++calls;
      if (std::this_thread::get_id() != self || !ThreadPool::inside()) ++strangers;
    });
  });
  EXPECT_FALSE(ThreadPool::inside());
  EXPECT_EQ(calls, 24);
  EXPECT_EQ(strangers, 0);
}

TEST(ThreadPool, ServesTwoThreadsAtATime) {
  ThreadPool pool(2);
  std::atomic<int> calls = 0;
  const auto work = [&] {
    for (int job = 0; job < 500; ++job) pool.each(3, [&](int) { ++calls; });
  };
  std::thread other(work);
  work();
  other.join();
  EXPECT_EQ(calls, 3000);
}

TEST(ThreadPool, WhoWaitsSleeps) {
  ThreadPool pool(2);
  std::atomic<pid_t> caller = gettid(), other = 0;
  std::atomic<bool> caller_slept = false;
  pool.each(2, [&](int part) {
    if (part == 0) {  // the caller's: it waits for the other's part when this one is done
      while (other == 0) std::this_thread::sleep_for(1ms);
      return;
    }
    other = gettid();
    caller_slept = falls_asleep(caller);
  });
  EXPECT_TRUE(caller_slept);
  EXPECT_TRUE(falls_asleep(other)) << "with no job to do";
}

TEST(ThreadPool, AChildOfForkHasThreadsOfItsOwn) {
  ThreadPool pool(3);
  EXPECT_TRUE(two_at_a_time(pool));
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    alarm(30);
    _exit(two_at_a_time(pool) ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "status " << status;
  EXPECT_TRUE(two_at_a_time(pool));  // the parent's go on
}

TEST(ThreadPool, TheHostsHasAsManyThreadsAsItIsTold) {
  set_host_threads(3);
  EXPECT_EQ(host_pool().size(), 3);
  set_host_threads(Device::cpu().threads());
  EXPECT_EQ(host_pool().size(), Device::cpu().threads());
}

}  // namespace thread_pool_test
}  // namespace agon
