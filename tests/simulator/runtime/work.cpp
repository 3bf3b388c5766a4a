#include "tests/simulator/runtime/work.hpp"

#include <map>
#include <random>
#include <unordered_map>
#include <utility>

#include "tests/simulator/runtime/errors.hpp"
#include "tests/simulator/runtime/order.hpp"

namespace agon::simulator {
namespace {

/// Everything that has not run, by its number. Never destroyed: static objects may still wait for it.
std::map<std::uint64_t, WorkPointer>& pending() {
  static auto& all = *new std::map<std::uint64_t, WorkPointer>;
  return all;
}

/// What the host has no memory for is a fault: half of it may have happened.
cudaError_t run_guarded(const Work& work) try { return work.run(); } catch (...) {
  return cudaErrorLaunchOutOfResources;
}

/// Work that has to run, and what of it can run now.
class Plan {
 public:
  void add(const WorkPointer& last) {
    std::vector<Work*> open;
    const auto visit = [&](const WorkPointer& work) {
      if (is_done(work) || !waits_for_.try_emplace(work.get(), 0).second) return;
      open.push_back(work.get());
    };
    visit(last);
    while (!open.empty()) {
      Work* const work = open.back();
      open.pop_back();
      std::size_t count = 0;
      for (const WorkPointer& before : work->after) {
        if (is_done(before)) continue;
        ++count;
        followers_[before.get()].push_back(work);
        visit(before);
      }
      waits_for_[work] = count;
      if (count == 0) ready_.emplace(work->number, work);
    }
  }

  bool empty() const { return ready_.empty(); }

  void run_one() {
    const auto next = choose(ready_);
    Work* const work = next->second;
    ready_.erase(next);
    run(*work);
    if (device_fault() != cudaSuccess) return;
    for (Work* follower : std::exchange(followers_[work], {}))
      if (--waits_for_[follower] == 0) ready_.emplace(follower->number, follower);
  }

 private:
  static void run(Work& work) {
    const WorkPointer keep = pending().at(work.number);
    const cudaError_t status = run_guarded(work);
    work.done = true;
    work.run = nullptr;
    work.after.clear();
    pending().erase(work.number);
    if (status != cudaSuccess) {
      set_device_fault(status);
      drop_all_work();
    }
  }

  std::unordered_map<Work*, std::size_t> waits_for_;
  std::unordered_map<Work*, std::vector<Work*>> followers_;
  std::map<std::uint64_t, Work*> ready_;
};

cudaError_t run_all(Plan& plan) {
  while (!plan.empty() && device_fault() == cudaSuccess) plan.run_one();
  return device_fault();
}

}  // namespace

WorkPointer add_work(std::function<cudaError_t()> run, std::vector<WorkPointer> after) {
  static std::uint64_t number = 0;
  std::erase_if(after, [](const WorkPointer& work) { return is_done(work); });
  auto work = std::make_shared<Work>(Work{++number, std::move(run), std::move(after), false});
  pending().emplace(work->number, work);
  return work;
}

cudaError_t complete(const WorkPointer& last) {
  Plan plan;
  plan.add(last);
  return run_all(plan);
}

cudaError_t complete_all() {
  Plan plan;
  for (const auto& [number, work] : pending()) plan.add(work);
  return run_all(plan);
}

cudaError_t advance(const WorkPointer& last) {
  Plan plan;
  plan.add(last);
  if (!plan.empty()) plan.run_one();
  return device_fault();
}

void drop_all_work() {
  for (const auto& [number, work] : pending()) {
    work->done = true;
    work->run = nullptr;
    work->after.clear();
  }
  pending().clear();
}

std::uint64_t random_number() {
  static std::uint64_t seed = 0;
  static std::mt19937_64 generator(seed);
  if (seed != options().seed) generator.seed(seed = options().seed);
  return generator();
}

}  // namespace agon::simulator
