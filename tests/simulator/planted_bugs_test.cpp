// Every planted bug is found, by its kind and at its line; the same code without it is not complained of, in
// any order of threads.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "tests/simulator/needs_checker.hpp"
#include "tests/simulator/planted_bugs.hpp"
#include "tests/simulator/simulator.hpp"

namespace agon::simulator {
namespace {

using planted::Bug;

std::vector<Bug> all_bugs() {
  std::vector<Bug> all;
  for (const auto& some : {planted::memory_bugs(), planted::ordering_bugs(), planted::meeting_bugs(),
                           planted::early_bugs(), planted::host_bugs()})
    all.insert(all.end(), some.begin(), some.end());
  return all;
}

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// "planted_memory.cu:25", the line that carries the bug's mark; empty where there is none.
std::string marked_place(const Bug& bug) {
  std::ifstream source(bug.file);
  const std::string mark = std::string("// planted: ") + bug.name;
  std::string line;
  for (int number = 1; std::getline(source, line); ++number)
    if (line.ends_with(mark)) return base_name(bug.file) + ":" + std::to_string(number);
  return "";
}

std::vector<Report> reports_of(const Bug& bug, bool planted, Order order, std::uint64_t seed) {
  take_reports();
  options().order = order;
  options().seed = seed;
  bug.run(planted);
  recover();
  options().order = Order::forward;
  return take_reports();
}

/// The report of the bug; nullptr where there is none. A read that has lost its barrier may also be one of
/// memory that nobody has written yet: what else is reported beside it is true, too.
const Report* it_among(const Bug& bug, const std::vector<Report>& reports) {
  const auto found = std::find_if(reports.begin(), reports.end(), [&](const Report& report) {
    return report.kind == bug.kind && report.place == marked_place(bug);
  });
  return found == reports.end() ? nullptr : &*found;
}

class PlantedBugs : public ::testing::TestWithParam<Bug> {
 protected:
  void SetUp() override {
    AGON_SKIP_WITHOUT_CHECKER();
    ASSERT_NE(marked_place(GetParam()), "");
  }
};
INSTANTIATE_TEST_SUITE_P(, PlantedBugs, ::testing::ValuesIn(all_bugs()), [](const auto& bug) {
  std::string name = bug.param.name;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

TEST_P(PlantedBugs, AreFoundByKindAndLine) {
  const Bug& bug = GetParam();
  const std::vector<Report> reports = reports_of(bug, true, Order::forward, 1);
  const Report* const found = it_among(bug, reports);
  std::string all;
  for (const Report& report : reports) all += report.text() + "\n";
  ASSERT_NE(found, nullptr) << "wanted: " << bug.kind << " at " << marked_place(bug) << "; found:\n" << all;
  EXPECT_EQ(found->kernel.empty(), found->thread.empty());
}

TEST_P(PlantedBugs, AreFoundInEveryOrder) {
  const Bug& bug = GetParam();
  const auto found = [&](Order order, std::uint64_t seed) {
    const std::vector<Report> all = reports_of(bug, true, order, seed);
    return std::any_of(all.begin(), all.end(), [&](const Report& report) {
      return report.kind == bug.kind || (bug.also != nullptr && report.kind == bug.also);
    });
  };
  EXPECT_TRUE(found(Order::reverse, 1));
  for (std::uint64_t seed = 1; seed <= 5; ++seed) EXPECT_TRUE(found(Order::random, seed)) << "seed " << seed;
}

TEST_P(PlantedBugs, AreMissedWhereTheyAreNot) {
  const Bug& bug = GetParam();
  const auto expect_none = [&](Order order, std::uint64_t seed) {
    for (const Report& report : reports_of(bug, false, order, seed)) ADD_FAILURE() << report.text();
  };
  expect_none(Order::forward, 1);
  expect_none(Order::reverse, 1);
  for (std::uint64_t seed = 1; seed <= 5; ++seed) expect_none(Order::random, seed);
}

TEST(PlantedBugsTable, IsPrinted) {
  AGON_SKIP_WITHOUT_CHECKER();
  std::printf("%-40s %-42s %-26s %s\n", "planted", "reported as", "at", "beside it, without the bug");
  for (const Bug& bug : all_bugs()) {
    const std::vector<Report> reports = reports_of(bug, true, Order::forward, 1);
    const Report* const found = it_among(bug, reports);
    const std::size_t clean = reports_of(bug, false, Order::forward, 1).size();
    std::printf("%-40s %-42s %-26s %s\n", bug.name, found == nullptr ? "MISSED" : found->kind.c_str(),
                found == nullptr ? "-" : found->place.c_str(), clean == 0 ? "nothing" : "FALSE ALARM");
    EXPECT_TRUE(found != nullptr && clean == 0) << bug.name;
  }
}

}  // namespace
}  // namespace agon::simulator
