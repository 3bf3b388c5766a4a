// Which checkpoints a run keeps, and which one it goes on from.
#include "host/run/run_folder.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "kernels/error.hpp"
#include "tests/temporary_folder.hpp"

namespace agon::host {
namespace run_folder_test {

using Steps = std::vector<std::uint64_t>;

/// The smallest network there is, `step` steps on.
Checkpoint small_checkpoint(std::uint64_t step) {
  Checkpoint checkpoint;
  checkpoint.config.generator = {{1, 1}, 0.2f};
  checkpoint.config.discriminator = {{1, 1}, 0.2f};
  checkpoint.device = "cpu";
  checkpoint.threads = 1;
  Gan gan(checkpoint.config, Device::cpu(1));
  checkpoint.snapshot = gan.snapshot();
  checkpoint.snapshot.step = step;
  checkpoint.snapshot.generator_updates = checkpoint.snapshot.discriminator_updates = step;
  return checkpoint;
}

TEST(RunFolder, KeepsTheNewest) {
  const test::TemporaryFolder folder;
  const RunFolder run = RunFolder::create(folder / "run", false);
  for (const std::uint64_t step : {0, 999, 1000, 5000}) run.save(small_checkpoint(step), 2);
  EXPECT_EQ(run.checkpoint_steps(), (Steps{5000, 1000}));
  run.save(small_checkpoint(1000000000000), 1);  // beyond the padding of the name
  EXPECT_EQ(run.checkpoint_steps(), (Steps{1000000000000}));
}

TEST(RunFolder, DamagedOnesFromTheFutureDoNotPushOutGoodOnes) {
  const test::TemporaryFolder folder;
  const RunFolder run = RunFolder::create(folder / "run", false);
  run.save(small_checkpoint(10), 2);
  test::put(run.checkpoint(90), "damaged");
  test::put(run.checkpoint(80), "damaged");
  run.save(small_checkpoint(20), 2);
  EXPECT_EQ(run.checkpoint_steps(), (Steps{90, 80, 20, 10}));
  const FoundCheckpoint found = run.newest();
  EXPECT_EQ(found.checkpoint.snapshot.step, 20u);
  EXPECT_EQ(found.damaged.size(), 2u);
}

TEST(RunFolder, NoneThatCanBeReadIsOneLine) {
  const test::TemporaryFolder folder;
  const RunFolder run = RunFolder::create(folder / "run", false);
  EXPECT_THROW(run.newest(), DataError);
  test::put(run.checkpoint(1), "damaged");
  test::put(run.checkpoint(2), "damaged");
  try {
    run.newest();
    FAIL();
  } catch (const DataError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("checkpoint-000000002"), std::string::npos) << text;
    EXPECT_NE(text.find("1 older"), std::string::npos) << text;
    EXPECT_EQ(text.find('\n'), std::string::npos);
  }
}

TEST(RunFolder, OtherFilesAreNotCheckpoints) {
  const test::TemporaryFolder folder;
  const RunFolder run = RunFolder::create(folder / "run", false);
  for (const char* name :
       {"checkpoint-.safetensors", "checkpoint-1x.safetensors", "checkpoint--1.safetensors",
        "checkpoint-5.safetensors.bak", ".checkpoint-5.safetensors.1.2.tmp", "checkpoint-5"})
    test::put(run.path() / name, "x");
  EXPECT_TRUE(run.checkpoint_steps().empty());
}

TEST(RunFolder, EachReplicasCheckpointsAreItsOwn) {
  const test::TemporaryFolder folder;
  const RunFolder run = RunFolder::create(folder / "run", false);
  for (const std::uint64_t step : {10, 20, 30}) {
    for (const char* suffix : {"", "-1", "-12"}) run.write(small_checkpoint(step), suffix);
  }
  run.prune(30, 2, "-12");
  run.prune(20, 1, "-1");
  EXPECT_EQ(run.checkpoint_steps(), (Steps{30, 20, 10}));
  EXPECT_EQ(run.checkpoint_steps("-1"), (Steps{30, 20}));
  EXPECT_EQ(run.checkpoint_steps("-12"), (Steps{30, 20}));
  EXPECT_EQ(run.checkpoint_steps("-2"), (Steps{}));
}

TEST(RunFolder, WhatIsNotCompleteIsPassedOver) {
  const test::TemporaryFolder folder;
  const RunFolder run = RunFolder::create(folder / "run", false);
  for (const std::uint64_t step : {10, 20}) run.write(small_checkpoint(step));
  const FoundCheckpoint found = run.newest([](const Checkpoint& checkpoint) {
    if (checkpoint.snapshot.step == 20) throw DataError("one is missing");
  });
  EXPECT_EQ(found.checkpoint.snapshot.step, 10u);
  EXPECT_EQ(found.damaged, std::vector<std::string>{"one is missing"});
}

TEST(RunFolder, LockedOnce) {
  const test::TemporaryFolder folder;
  const RunFolder run = RunFolder::create(folder / "run", false);
  test::put(run.config(), "");
  RunFolder second = RunFolder::open(folder / "run");
  EXPECT_THROW(second.lock(), Error);
}

TEST(RunFolder, OverwriteRemovesOnlyWhatARunMade) {
  const test::TemporaryFolder folder;
  {
    const RunFolder run = RunFolder::create(folder / "run", false);
    test::put(run.config(), "");
    test::put(run.stats(), "x");
    test::put(run.samples(3), "x");
    test::put(run.path() / "samples-mine.csv", "x");
    run.write(small_checkpoint(10), "-7");
    test::put(run.stats("-7"), "x");
    test::put(run.samples(3, "-7"), "x");
    test::put(run.replicas(), "x");
    run.save(small_checkpoint(10), 2);
  }
  EXPECT_THROW(RunFolder::check_free(folder / "run", false), ConfigurationError);
  const RunFolder run = RunFolder::create(folder / "run", true);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(run.path()), {}), 1);
  EXPECT_TRUE(std::filesystem::exists(run.path() / "samples-mine.csv"));
}

/// Of the run's folder, by name.
std::map<std::string, std::string> content_of(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file())
      files[std::filesystem::relative(entry.path(), folder)] = test::content_of(entry.path());
  return files;
}

/// What a run with that seed writes.
void write_run(const RunFolder& run, std::uint64_t seed) {
  const std::string text = fmt::format("[training]\nseed = {}\n", seed);
  test::put(run.config(), text);
  for (const auto& file : {run.stats(), run.scores(), run.page(), run.best(), run.samples(3)})
    test::put(file, text);
  run.write(small_checkpoint(seed));
}

TEST(RunFolder, AttemptsAreNotFree) {
  const test::TemporaryFolder folder;
  {
    const RunFolder run = RunFolder::create(folder / "run", false);
    write_run(run, 1);
    run.set_aside(1);
    EXPECT_TRUE(run.checkpoint_steps().empty());
  }
  const auto before = content_of(folder.path());
  EXPECT_THROW(RunFolder::check_free(folder / "run", false), ConfigurationError);
  EXPECT_THROW(RunFolder::create(folder / "run", false), ConfigurationError);
  EXPECT_EQ(content_of(folder.path()), before);
  EXPECT_TRUE(RunFolder::create(folder / "run", true).attempts().empty());
}

TEST(RunFolder, WhatAKilledWriterLeftBehindIsFree) {
  const test::TemporaryFolder folder;
  test::put(folder / ".config.toml.1-0.agon-tmp", "");
  EXPECT_NO_THROW(RunFolder::check_free(folder.path(), false));
  test::put(folder / "notes.txt", "mine");
  EXPECT_THROW(RunFolder::check_free(folder.path(), false), ConfigurationError);
}

TEST(RunFolder, AttemptsChangePlaces) {
  const test::TemporaryFolder folder;
  const RunFolder run = RunFolder::create(folder / "run", false);
  write_run(run, 1);
  const auto first = content_of(run.path());
  run.set_aside(1);
  EXPECT_EQ(run.attempts(), Steps{1});
  EXPECT_EQ(content_of(run.attempt(1)), first);
  write_run(run, 12);
  const auto second = content_of(run.path() / "attempt-1").size() + first.size();
  EXPECT_EQ(content_of(run.path()).size(), second);
  run.set_aside(12);
  EXPECT_EQ(run.attempts(), (Steps{1, 12}));
  run.bring_back(1);
  EXPECT_EQ(run.attempts(), Steps{12});
  auto now = content_of(run.path());
  std::erase_if(now, [](const auto& file) { return file.first.starts_with("attempt-"); });
  EXPECT_EQ(now, first);
}

/// However many of its files had been moved.
TEST(RunFolder, AMoveThatWasCutOffIsFinished) {
  const test::TemporaryFolder folder;
  for (std::size_t moved = 0;; ++moved) {
    const RunFolder run = RunFolder::create(folder / fmt::format("run-{}", moved), false);
    write_run(run, 1);
    const auto before = content_of(run.path());
    std::filesystem::create_directory(run.attempt(1));
    std::size_t left = moved;
    for (const auto& [name, content] : before) {
      if (left == 0) break;
      --left;
      if (name == "config.toml") {  // a copy, which is written first
        test::put(run.attempt(1) / name, content);
      } else {
        std::filesystem::rename(run.path() / name, run.attempt(1) / name);
      }
    }
    run.finish_move();
    EXPECT_EQ(content_of(run.path()), before) << moved;
    EXPECT_TRUE(run.attempts().empty()) << moved;
    if (left > 0) break;
  }
}

/// An attempt of another seed has its files for good.
TEST(RunFolder, OtherAttemptsStayWhereTheyAre) {
  const test::TemporaryFolder folder;
  const RunFolder run = RunFolder::create(folder / "run", false);
  write_run(run, 1);
  run.set_aside(1);
  test::put(run.config(), "[training]\nseed = 2\n");
  const auto before = content_of(run.path());
  run.finish_move();
  EXPECT_EQ(content_of(run.path()), before);
}

TEST(RunFolder, NothingOfAnAttemptIsLost) {
  const test::TemporaryFolder folder;
  const RunFolder run = RunFolder::create(folder / "run", false);
  write_run(run, 1);
  std::filesystem::create_directory(run.attempt(1));
  test::put(run.attempt(1) / "notes.txt", "mine");
  test::put(run.attempt(1) / "checkpoint-000000007.safetensors", "moved before");
  run.set_aside(1);
  EXPECT_EQ(test::content_of(run.attempt(1) / "checkpoint-000000007.safetensors"), "moved before");
  run.bring_back(1);
  EXPECT_EQ(content_of(run.attempt(1)).size(), 1u);
  EXPECT_EQ(test::content_of(run.attempt(1) / "notes.txt"), "mine");
  EXPECT_EQ(run.checkpoint_steps(), (Steps{7, 1}));
}

}  // namespace run_folder_test
}  // namespace agon::host
