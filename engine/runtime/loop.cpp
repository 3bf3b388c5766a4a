#include "engine/runtime/loop.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/runtime/companions.hpp"
#include "engine/runtime/cuda/runtime.hpp"
#include "engine/runtime/stop_request.hpp"
#include "engine/runtime/thread_pool.hpp"
#include "kernels/error.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/loop_report.hpp"

namespace agon {
namespace {

using kernels::StepState;

/// Steps completed by the training that is furthest: one that has diverged stands still.
std::uint64_t furthest(const std::vector<StepState>& states) {
  std::uint64_t most = 0;
  for (const StepState& state : states) most = std::max(most, state.step);
  return most;
}

}  // namespace

struct Loop::Implementation {
  Implementation(const Queue& the_queue, const kernels::StepEnd& the_rows,
                 std::function<void(QueueView)> the_body, LoopOptions the_options, Replicas the_replicas)
      : queue(&the_queue),
        state(the_rows.state),
        rows(the_rows),
        body(std::move(the_body)),
        options(the_options),
        replicas(the_replicas),
        stop(the_queue.device(), 1, MemoryKind::pinned),
        report(the_queue.device(), 1, MemoryKind::pinned) {}

  bool on_cuda() const { return queue->device().kind() == DeviceKind::cuda; }
  std::uint64_t repeat_on_processor(std::uint64_t steps, StopRequest& request);
  std::uint64_t repeat_on_cuda(std::uint64_t steps, StopRequest& request);

  Companions::Clock clock() const {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return {std::chrono::duration<double>(now).count(), queue->pool()->waited()};
  }
  std::vector<StepState> read() const;
  StepState* state_of(int replica) const { return kernels::formula::replica_of(replicas, replica).at(state); }
  QueueView all() const {
    QueueView view = *queue;
    view.replicas = replicas;
    return view;
  }
  void run_on_processor(int replica, std::uint64_t most) const;
  void run_side_by_side(std::uint64_t most);
  std::uint64_t done() const;
  bool repeats() const;
  bool reported() const;
  void ask_for_report();
  void look();
  void ask_to_stop(std::uint32_t value = 1);

  void enqueue(std::uint64_t steps, StopRequest& request);
  void enqueue_in_pieces(std::uint64_t steps, std::uint64_t enqueued, StopRequest& request);
  bool make_room(std::uint64_t enqueued, const Speed& speed, StopRequest& request);
  std::uint64_t enqueue_piece(std::uint64_t steps);
  void launch_many();
  void launch_one();
  void await(std::uint64_t steps, StopRequest& request);

  const Queue* queue;
  StepState* state;
  kernels::StepEnd rows;
  std::function<void(QueueView)> body;
  LoopOptions options;
  Replicas replicas;
  Buffer<std::uint32_t> stop;          // the device's WHILE nodes read it across the bus
  Buffer<kernels::LoopReport> report;  // the device writes it across the bus
  std::uint64_t reports = 0;           // that have been enqueued
  bool unreported = false;             // work has been enqueued behind the last of them
  bool has_run = false;
  std::uint64_t first = 0;  // steps completed when the run began
  std::optional<cuda::StepGraph> many, one;
  Companions companions;                         // on the processor, of one replica
  std::optional<ThreadPool> pool;                // on the processor, of several replicas
  std::vector<std::unique_ptr<ThreadPool>> own;  // of each replica, where there are threads for it
};

/// One replica's next steps, at most `most`.
void Loop::Implementation::run_on_processor(int replica, std::uint64_t most) const {
  const StepState& its = *state_of(replica);
  QueueView view = all().replica(replica);
  view.workers = own[static_cast<std::size_t>(replica)].get();
  view.threads = view.workers == nullptr ? 1 : own[static_cast<std::size_t>(replica)]->size();
  for (std::uint64_t i = 0; i < most && its.step < its.stop_at && its.diverged == 0; ++i) body(view);
}

/// The next `most` steps of every replica.
void Loop::Implementation::run_side_by_side(std::uint64_t most) {
  const int threads = queue->device().threads();
  if (!pool) {
    pool.emplace(std::min(threads, replicas.count));
    own.resize(static_cast<std::size_t>(replicas.count));
    if (threads / replicas.count > 1)
      for (auto& its : own) its = std::make_unique<ThreadPool>(threads / replicas.count);
  }
  pool->each(replicas.count, [&](int replica) { run_on_processor(replica, most); });
}

std::uint64_t Loop::Implementation::repeat_on_processor(std::uint64_t steps, StopRequest& request) {
  for (int r = 0; r < replicas.count; ++r) state_of(r)->stop_at = state_of(r)->step + steps;
  if (replicas.count == 1) {
    const std::uint64_t before = state->step;
    QueueView view = *queue;
    companions.begin(clock());
    while (state->step < state->stop_at && state->diverged == 0 && !request.asked()) {
      view.workers = companions.welcome() ? queue->pool() : nullptr;
      body(view);
      companions.step_done(clock());
    }
    return state->step - before;
  }
  const std::uint64_t before = furthest(read());
  constexpr double kSliceSeconds = 0.02;
  std::uint64_t slice = 1;
  const Speed speed;
  std::uint64_t now = before;
  while (now < before + steps && !request.asked()) {
    run_side_by_side(std::min(slice, before + steps - now));
    const std::uint64_t reached = furthest(read());
    if (reached == now) break;  // all have diverged
    now = reached;
    slice =
        std::max<std::uint64_t>(1, static_cast<std::uint64_t>(speed.steps_in(kSliceSeconds, now - before)));
  }
  return now - before;
}

std::vector<StepState> Loop::Implementation::read() const {
  std::vector<StepState> copies(static_cast<std::size_t>(replicas.count));
  for (int r = 0; r < replicas.count; ++r)
    queue->download(std::span(&copies[static_cast<std::size_t>(r)], 1),
                    static_cast<const StepState*>(state_of(r)));
  return copies;
}

/// Steps of this run that are known to be complete.
std::uint64_t Loop::Implementation::done() const {
  std::uint64_t most = first;
  for (int r = 0; r < replicas.count; ++r)
    most = std::max(most, __atomic_load_n(rows.published + r, __ATOMIC_ACQUIRE));
  return most - first;
}

/// Whether a launch of many steps is WHILE nodes.
bool Loop::Implementation::repeats() const {
  return options.steps_per_launch == 0 || options.steps_per_launch > options.unroll;
}

/// Whether the last report that was enqueued has come.
bool Loop::Implementation::reported() const {
  return __atomic_load_n(&report.data()->count, __ATOMIC_ACQUIRE) == reports;
}

void Loop::Implementation::ask_for_report() {
  cuda::report(queue->device().index(), all(), state, report.data());
  ++reports;
  unreported = false;
}

/// Keeps one report on its way where there is work behind the last; throws where the device has failed, from
/// which no report comes.
void Loop::Implementation::look() {
  if (unreported && reported()) ask_for_report();
  cuda::throw_if_failed(queue->device().index(), QueueView(*queue).stream);
}

void Loop::Implementation::ask_to_stop(std::uint32_t value) {
  __atomic_store_n(stop.data(), value, __ATOMIC_RELEASE);
}

void Loop::Implementation::launch_many() {
  const int index = queue->device().index();
  const std::int64_t each = options.steps_per_launch;
  if (!many) {
    many = repeats() ? cuda::StepGraph::repeating(index, all(), body, options.unroll, rows, stop.data(),
                                                  static_cast<std::uint64_t>(each), report.data())
                     : cuda::StepGraph::straight(index, all(), body, static_cast<int>(each));
  }
  many->launch();
  unreported = !repeats();
  if (repeats()) ++reports;
}

void Loop::Implementation::launch_one() {
  if (!one) one = cuda::StepGraph::straight(queue->device().index(), all(), body, 1);
  one->launch();
  unreported = true;
}

/// Launches what goes into one launch of at most `steps`; returns how many that is.
std::uint64_t Loop::Implementation::enqueue_piece(std::uint64_t steps) {
  if (options.steps_per_launch == LoopOptions::kByOperation) {
    unreported = true;
    body(all());
    return 1;
  }
  const auto each = static_cast<std::uint64_t>(options.steps_per_launch);
  if (steps >= each || repeats()) {  // a WHILE node ends where stop_at says
    launch_many();
    return std::min(each, steps);
  }
  launch_one();
  return 1;
}

/// Waits until no more is launched than the device needs to stay busy: what is launched cannot be taken back.
/// False where the run is over, `enqueued` steps of it launched.
bool Loop::Implementation::make_room(std::uint64_t enqueued, const Speed& speed, StopRequest& request) {
  constexpr std::uint64_t kLeast = 16;
  constexpr double kSeconds = 0.05;
  for (;;) {
    if (request.asked()) return false;
    const std::uint64_t now = done();
    const auto busy = static_cast<std::uint64_t>(speed.steps_in(kSeconds, now));
    const auto each = static_cast<std::uint64_t>(std::max<std::int64_t>(options.steps_per_launch, 1));
    if (enqueued - now < std::max({kLeast, each, busy})) return true;
    look();
    if (reported() && report.data()->over != 0) return false;
    speed.sleep(now, enqueued - now);
  }
}

void Loop::Implementation::enqueue_in_pieces(std::uint64_t steps, std::uint64_t enqueued,
                                             StopRequest& request) {
  const Speed speed;
  while (enqueued < steps && make_room(enqueued, speed, request)) enqueued += enqueue_piece(steps - enqueued);
  if (request.stopped()) ask_to_stop();
}

void Loop::Implementation::enqueue(std::uint64_t steps, StopRequest& request) {
  std::uint64_t enqueued = 0;
  if (!std::exchange(has_run, true)) {
    unreported = true;
    body(all());
    enqueued = 1;
  }
  if (options.steps_per_launch != 0) {
    enqueue_in_pieces(steps, enqueued, request);
  } else if (enqueued < steps) {
    launch_many();
  }
}

/// Until the device says that all that was enqueued has been done.
void Loop::Implementation::await(std::uint64_t steps, StopRequest& request) {
  if (unreported) ask_for_report();
  if (!request.watched()) queue->wait();
  const Speed speed;
  while (!reported()) {
    if (!request.stopped() && request.asked()) ask_to_stop();
    look();
    if (reported()) return;
    const std::uint64_t now = std::min(done(), steps);
    speed.sleep(now, steps - now);
  }
}

std::uint64_t Loop::Implementation::repeat_on_cuda(std::uint64_t steps, StopRequest& request) {
  const std::vector<StepState> before = read();
  const bool over =
      std::all_of(before.begin(), before.end(), [](const StepState& s) { return s.diverged != 0; });
  if (steps == 0 || over || request.asked()) return 0;
  first = furthest(before);
  for (int r = 0; r < replicas.count; ++r) {
    const std::uint64_t stop_at = before[static_cast<std::size_t>(r)].step + steps;
    queue->upload(&state_of(r)->stop_at, std::span<const std::uint64_t>(&stop_at, 1));
  }
  ask_to_stop(0);
  try {
    enqueue(steps, request);
    await(steps, request);
  } catch (...) {
    ask_to_stop();
    const Watch nobody;
    StopRequest none(nobody, options.poll_every);
    try {
      await(steps, none);
    } catch (const DeviceError&) {  // what is thrown already came first
    }
    throw;
  }
  return report.data()->step - first;
}

Loop::Loop(const Queue& queue, const kernels::StepEnd& rows, std::function<void(QueueView)> body,
           LoopOptions options, Replicas replicas)
    : implementation_(std::make_unique<Implementation>(queue, rows, std::move(body), options, replicas)) {
  if (options.unroll < 1)
    throw ConfigurationError("unroll must be at least 1, not " + std::to_string(options.unroll));
  if (options.steps_per_launch < LoopOptions::kByOperation)
    throw ConfigurationError("steps per launch must be at least -1, not " +
                             std::to_string(options.steps_per_launch));
}
Loop::Loop(Loop&&) noexcept = default;
Loop& Loop::operator=(Loop&&) noexcept = default;
Loop::~Loop() = default;

std::uint64_t Loop::run(std::uint64_t steps, const Watch& watch) {
  Implementation& self = *implementation_;
  StopRequest request(watch, self.options.poll_every);
  return self.on_cuda() ? self.repeat_on_cuda(steps, request) : self.repeat_on_processor(steps, request);
}

}  // namespace agon
