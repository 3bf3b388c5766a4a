#include "engine/runtime/atomic_file.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <random>
#include <thread>

#include "kernels/error.hpp"
#include "tests/temporary_folder.hpp"

namespace agon {
namespace atomic_file_test {

namespace fs = std::filesystem;
using test::content_of;
using test::put;
using test::TemporaryFolder;

/// The text of the Error that `action` throws; empty where it throws none.
template <class Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

/// Runs `body` in a child process; true where it returned true.
template <class Body>
bool in_child(Body body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body() ? 0 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

mode_t mode_of(const fs::path& path) {
  struct stat status {};
  ::stat(path.c_str(), &status);
  return status.st_mode & 07777;
}

TEST(AtomicFile, ManyFilesOfAFolderAtOnce) {
  const TemporaryFolder folder;
  const std::string binary("a\0b\r\n\xff", 6);
  write_file_at_once(folder / "x", binary);
  EXPECT_EQ(content_of(folder / "x"), binary);
  EXPECT_EQ(error_of([&] { write_file_at_once(folder / "x", "other"); }),
            (folder / "x").string() + ": cannot write: File exists");
  EXPECT_EQ(content_of(folder / "x"), binary);
  EXPECT_EQ(sync_file_system(folder / "."), 0);
  EXPECT_EQ(sync_file_system(folder / "none"), ENOENT);
}

TEST(AtomicFile, WritesAndReplacesAndLeavesNoTemporary) {
  const TemporaryFolder folder;
  const std::string binary("a\0b\r\n\xff", 6);
  write_file_atomically(folder / "x", binary);
  EXPECT_EQ(content_of(folder / "x"), binary);
  write_file_atomically(folder / "x", "");
  EXPECT_EQ(content_of(folder / "x"), "");
  EXPECT_EQ(folder.entries(), 1u);
}

TEST(AtomicFile, PiecesOfEverySizeArriveInOrder) {
  const TemporaryFolder folder;
  std::mt19937 random(1);
  std::string expected;
  AtomicFile file(folder / "x");
  for (const std::size_t size : {0, 1, 7, 262143, 262144, 262145, 3, 1000000, 5}) {
    std::string piece(size, '\0');
    for (char& c : piece) c = static_cast<char>(random());
    file.write(std::as_bytes(std::span(piece)));
    expected += piece;
  }
  EXPECT_FALSE(fs::exists(folder / "x")) << "seen before commit()";
  file.commit();
  EXPECT_TRUE(content_of(folder / "x") == expected);
}

TEST(AtomicFile, WithoutCommitTheEarlierFileStays) {
  const TemporaryFolder folder;
  put(folder / "x", "earlier");
  {
    AtomicFile file(folder / "x");
    file.write(std::string(1 << 20, 'n'));
    EXPECT_EQ(folder.entries(), 2u);
  }
  EXPECT_EQ(content_of(folder / "x"), "earlier");
  EXPECT_EQ(folder.entries(), 1u);
}

TEST(AtomicFile, NothingCanFollowCommit) {
  const TemporaryFolder folder;
  AtomicFile file(folder / "x");
  file.commit();
  EXPECT_THROW(file.write("late"), Error);
  EXPECT_THROW(file.commit(), Error);
}

TEST(AtomicFile, MovesTakeTheTemporaryAlong) {
  const TemporaryFolder folder;
  AtomicFile first(folder / "x");
  first.write("one");
  AtomicFile second(std::move(first));
  AtomicFile third(folder / "y");
  third = std::move(second);
  third.commit();
  EXPECT_EQ(content_of(folder / "x"), "one");
  EXPECT_EQ(folder.entries(), 1u) << "y's temporary file is left";
}

TEST(AtomicFile, KeepsPermissionsAndHonoursTheMask) {
  const TemporaryFolder folder;
  put(folder / "private", "1");
  fs::permissions(folder / "private", fs::perms(0600));
  const mode_t mask = ::umask(027);
  write_file_atomically(folder / "private", "2");
  write_file_atomically(folder / "new", "2");
  ::umask(mask);
  EXPECT_EQ(mode_of(folder / "private"), 0600u);
  EXPECT_EQ(mode_of(folder / "new"), 0640u);
}

TEST(AtomicFile, FollowsASymbolicLink) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "elsewhere");
  put(folder / "elsewhere/x", "1");
  fs::create_symlink("elsewhere/x", folder / "link");
  write_file_atomically(folder / "link", "2");
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(content_of(folder / "elsewhere/x"), "2");
}

TEST(AtomicFile, TakesARelativeNameAndAVeryLongOne) {
  const TemporaryFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  write_file_atomically("plain", "1");
  fs::current_path(before);
  EXPECT_EQ(content_of(folder / "plain"), "1");
  write_file_atomically(folder / std::string(255, 'n'), "2");
  EXPECT_EQ(content_of(folder / std::string(255, 'n')), "2");
}

TEST(AtomicFile, ErrorsNameThePathAndTheReason) {
  const TemporaryFolder folder;
  const auto error_at = [](const fs::path& path) {
    return error_of([&] { write_file_atomically(path, "x"); });
  };
  EXPECT_EQ(error_at(folder / "no/x"),
            (folder / "no/x").string() + ": cannot write: No such file or directory");
  EXPECT_EQ(error_at(folder.path()), folder.path().string() + ": cannot write: Is a directory");
  EXPECT_EQ(error_at(folder / "new/"), (folder / "new/").string() + ": cannot write: Is a directory");
  EXPECT_EQ(error_at(""), ": cannot write: No such file or directory");
  EXPECT_EQ(error_at(folder / std::string(256, 'n')),
            (folder / std::string(256, 'n')).string() + ": cannot write: File name too long");
  EXPECT_EQ(folder.entries(), 0u);
}

TEST(AtomicFile, AFolderThatCannotBeWrittenKeepsItsFiles) {
  const TemporaryFolder folder;
  put(folder / "x", "earlier");
  fs::permissions(folder.path(), fs::perms(0555));
  const bool refused = in_child([&] {
    if (::geteuid() == 0 && ::seteuid(65534) != 0) return false;  // root may write anywhere
    return error_of([&] { write_file_atomically(folder / "x", "new"); }).ends_with("Permission denied");
  });
  fs::permissions(folder.path(), fs::perms(0755));
  EXPECT_TRUE(refused);
  EXPECT_EQ(content_of(folder / "x"), "earlier");
  EXPECT_EQ(folder.entries(), 1u);
}

TEST(AtomicFile, AWriteThatStopsHalfWayLeavesTheEarlierFile) {
  const TemporaryFolder folder;
  put(folder / "x", "earlier");
  const bool refused = in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{100000, 100000};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return false;
    const std::string content(300000, 'n');
    return error_of([&] { write_file_atomically(folder / "x", content); }).ends_with("File too large");
  });
  EXPECT_TRUE(refused);
  EXPECT_EQ(content_of(folder / "x"), "earlier");
  EXPECT_EQ(folder.entries(), 1u);
}

TEST(AtomicFile, AFullDiskLeavesTheEarlierFile) {
  const TemporaryFolder folder;
  enum Outcome { passed, failed, no_mount };
  const pid_t child = ::fork();
  if (child == 0) {  // a file system of 64 KiB that only the child sees
    const bool mounted = ::unshare(::geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) == 0 &&
                         ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                         ::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=64k") == 0;
    if (!mounted) ::_exit(no_mount);
    put(folder / "x", "earlier");
    const std::string content(300000, 'n');
    const std::string error = error_of([&] { write_file_atomically(folder / "x", content); });
    const bool right = error.ends_with("No space left on device") && content_of(folder / "x") == "earlier" &&
                       folder.entries() == 1;
    ::_exit(right ? passed : failed);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == no_mount) GTEST_SKIP() << "no right to mount a small file system here";
  EXPECT_EQ(WEXITSTATUS(status), passed);
}

TEST(AtomicFile, DevicesAreWrittenNotReplaced) {
  write_file_atomically("/dev/null", "x");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  EXPECT_EQ(error_of([] { write_file_atomically("/dev/full", "x"); }),
            "/dev/full: cannot write: No space left on device");
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

TEST(AtomicFile, SignalsAndShortWritesLoseNothing) {
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  std::string received;
  std::thread reader([&] {
    char piece[4096];
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);  // the signals shall meet the writer
    for (ssize_t n; (n = ::read(pipe[0], piece, sizeof piece)) > 0;) {
      received.append(piece, static_cast<std::size_t>(n));
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  });
  static volatile sig_atomic_t signals = 0;
  struct sigaction interrupt {
  }, earlier{};
  interrupt.sa_handler = [](int) { signals = signals + 1; };  // no SA_RESTART: write() sees EINTR
  ::sigaction(SIGALRM, &interrupt, &earlier);
  const itimerval often{{0, 500}, {0, 500}}, never{};
  ::setitimer(ITIMER_REAL, &often, nullptr);
  std::string sent(2 << 20, '\0');
  for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<char>(i * 2654435761u >> 13);
  write_file_atomically("/dev/fd/" + std::to_string(pipe[1]), sent);
  ::setitimer(ITIMER_REAL, &never, nullptr);
  ::sigaction(SIGALRM, &earlier, nullptr);
  ::close(pipe[1]);
  reader.join();
  ::close(pipe[0]);
  EXPECT_GT(signals, 0);
  EXPECT_TRUE(received == sent);
}

TEST(AtomicFile, KilledAtAnyMomentTheFileIsWhole) {
  const TemporaryFolder folder;
  put(folder / "x", std::string(500000, 'a'));
  std::mt19937 random(7);
  for (int round = 0; round < 25; ++round) {
    const pid_t child = ::fork();
    if (child == 0)
      for (char c = 'a';; c = c == 'z' ? 'a' : static_cast<char>(c + 1))
        write_file_atomically(folder / "x", std::string(500000, c));
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 20000));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const std::string content = content_of(folder / "x");
    ASSERT_EQ(content.size(), 500000u);
    ASSERT_EQ(content.find_first_not_of(content[0]), std::string::npos);
  }
  remove_stale_temporaries(folder.path());
  EXPECT_EQ(folder.entries(), 1u) << "temporary files of killed writers are left";
}

TEST(AtomicFile, OnlyTemporariesOfTheDeadAreStale) {
  const TemporaryFolder folder;
  put(folder / ".x.1-0.agon-tmp.csv", "not ours");
  put(folder / "x.agon-tmp", "not ours");
  AtomicFile alive(folder / "x");
  EXPECT_TRUE(in_child([&] {
    auto* dead = new AtomicFile(folder / "y");
    dead->write(std::string(1 << 20, 'y'));
    return true;  // ends without a destructor, as a killed process does
  }));
  EXPECT_EQ(folder.entries(), 4u);
  EXPECT_EQ(remove_stale_temporaries(folder.path()), 1u);
  EXPECT_EQ(folder.entries(), 3u);
  alive.write("still here");
  alive.commit();
  EXPECT_EQ(content_of(folder / "x"), "still here");
  EXPECT_EQ(remove_stale_temporaries(folder / "missing"), 0u);
}

}  // namespace atomic_file_test
}  // namespace agon
