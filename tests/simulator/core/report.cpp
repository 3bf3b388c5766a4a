#include "tests/simulator/core/report.hpp"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "tests/simulator/core/thread.hpp"

namespace agon::simulator {
namespace {

constexpr std::size_t kMostReports = 200;

std::vector<Report> reports;
std::set<std::string> told;
std::set<std::tuple<const char*, std::size_t, const void*>> asked;  // see first_time

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// A setting that was mistyped would test something else than it says.
[[noreturn]] void refuse(const char* name, const std::string& value, const char* expected) {
  std::fprintf(stderr, "%s=%s: expected %s\n", name, value.c_str(), expected);
  std::exit(2);
}

Options of_environment() {
  Options chosen;
  const std::string order = variable("AGON_SIMULATED_ORDER");
  constexpr std::string_view kSeeded = "random:";
  if (order == "reverse") {
    chosen.order = Order::reverse;
  } else if (order == "random") {
    chosen.order = Order::random;
  } else if (order.starts_with(kSeeded)) {
    chosen.order = Order::random;
    chosen.seed = std::strtoull(order.c_str() + kSeeded.size(), nullptr, 10);
  } else if (!order.empty() && order != "forward") {
    refuse("AGON_SIMULATED_ORDER", order, "forward, reverse, random or random:SEED");
  }
  const std::string multiprocessors = variable("AGON_SIMULATED_MULTIPROCESSORS");
  if (!multiprocessors.empty()) chosen.multiprocessors = std::atoi(multiprocessors.c_str());
  if (chosen.multiprocessors < 1)
    refuse("AGON_SIMULATED_MULTIPROCESSORS", multiprocessors, "a number from 1 on");
  chosen.without_barrier = variable("AGON_SIMULATED_WITHOUT_BARRIER");
  return chosen;
}

std::string words_for(const uint3& index) {
  return "(" + std::to_string(index.x) + ", " + std::to_string(index.y) + ", " + std::to_string(index.z) +
         ")";
}

std::string kernel_name() { return grid_state.grid == nullptr ? "" : function_name(grid_state.grid->kernel); }

bool file_report(Report one) {
  const std::string key = one.kind + '\n' + one.kernel + '\n' + one.place;
  if (reports.size() >= kMostReports || !told.insert(key).second) return false;
  reports.push_back(std::move(one));
  return true;
}

}  // namespace

Options& options() {
  static Options chosen = of_environment();
  return chosen;
}

std::string Report::text() const {
  std::string line = kind + ": ";
  if (!kernel.empty()) line += kernel + " ";
  line += "at " + place;
  if (!thread.empty()) line += ", " + thread;
  return line + ": " + what;
}

std::vector<Report> take_reports() {
  told.clear();
  asked.clear();
  return std::exchange(reports, {});
}

bool first_time(const char* kind, std::size_t where) {
  return asked.insert({kind, where, grid_state.grid->kernel}).second;
}

std::string name_of(const Thread& thread) {
  return "block " + words_for(thread.block->index) + ", thread " + words_for(thread.index);
}

bool report(const char* kind, const std::string& place, const std::string& what, const Thread& thread) {
  return file_report({kind, kernel_name(), place, name_of(thread), what});
}

bool report_host(const char* kind, const std::string& place, const std::string& what) {
  return file_report({kind, "", place, "", what});
}

}  // namespace agon::simulator
