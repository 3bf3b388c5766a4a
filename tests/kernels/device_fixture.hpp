// One test body per operation, run on every device: the processor with each instruction set, and CUDA; in a
// program linked with the simulated device, on that one.
//
//   class AdamTest : public OnDevice {};
//   AGON_ON_EVERY_DEVICE(AdamTest);
//   TEST_P(AdamTest, Moves) {
//     auto g = input<float>({1, 2, 3});   // checked at the end: not written
//     auto p = output<float>(3);          // NaN until written
//     ...
//   }
//
// Every buffer lies between guard bytes that are checked when the test ends, and the workspace starts as NaN.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "engine/runtime/buffer.hpp"
#include "engine/runtime/device.hpp"
#include "engine/runtime/queue.hpp"
#include "kernels/cpu_variant.hpp"
#include "tests/kernels/on_simulated_device.hpp"
#include "tests/test_device.hpp"

namespace agon::test {

/// Where a test body runs.
struct Place {
  DeviceKind kind = DeviceKind::cpu;
  std::string cpu_variant;
  int threads = 1;

  std::string name() const {
    if (kind == DeviceKind::cuda) return TestDevice{kind}.name();
    return "cpu_" + cpu_variant + (threads > 1 ? "_threads" + std::to_string(threads) : "");
  }
};

inline std::ostream& operator<<(std::ostream& stream, const Place& place) { return stream << place.name(); }

inline std::string name_of_place(const ::testing::TestParamInfo<Place>& parameter) {
  return parameter.param.name();
}

/// Every instruction set that this processor has on one thread, the best one on three, and CUDA (skipped,
/// saying why, where there is none); the simulated device alone where that is linked.
inline std::vector<Place> places() {
  if (simulated()) return {{DeviceKind::cuda, "", 1}};
  std::vector<Place> all;
  for (const std::string& variant : kernels::cpu_variants()) all.push_back({DeviceKind::cpu, variant, 1});
  all.push_back({DeviceKind::cpu, kernels::cpu_variants().back(), 3});
  all.push_back({DeviceKind::cuda, "", 1});
  return all;
}

/// Device memory between two guards; filled with NaN bytes at first.
class GuardedBytes {
 public:
  GuardedBytes(const Queue& queue, std::size_t bytes)
      : queue_(queue), bytes_(bytes), memory_(queue.device(), bytes + 2 * kGuard) {
    std::vector<std::byte> content(memory_.size(), kGuardByte);
    std::memset(content.data() + kGuard, 0xFF, bytes_);
    queue_.upload(memory_.data(), std::span<const std::byte>(content));
    forbid(memory_.data(), kGuard);
    forget(begin(), bytes_);
    forbid(begin() + bytes_, kGuard);
  }

  std::byte* begin() { return memory_.data() + kGuard; }
  std::size_t bytes() const { return bytes_; }
  const Queue& queue() const { return queue_; }

  /// From now on the content, too, must not change.
  void freeze(std::vector<std::byte> content) { frozen_ = std::move(content); }

  void expect_intact() const {
    std::vector<std::byte> now(memory_.size());
    queue_.download(std::span<std::byte>(now), memory_.data());
    for (std::size_t i = 0; i < kGuard; ++i) {
      ASSERT_EQ(now[i], kGuardByte) << "written " << kGuard - i << " bytes before a buffer of " << bytes_;
      ASSERT_EQ(now[kGuard + bytes_ + i], kGuardByte)
          << "written " << i << " bytes past a buffer of " << bytes_;
    }
    if (!frozen_) return;
    EXPECT_TRUE(std::equal(frozen_->begin(), frozen_->end(), now.begin() + kGuard))
        << "an input of " << bytes_ << " bytes was written";
  }

 private:
  static constexpr std::size_t kGuard = 256;
  static constexpr std::byte kGuardByte{0xA5};

  const Queue& queue_;
  std::size_t bytes_;
  Buffer<std::byte> memory_;
  std::optional<std::vector<std::byte>> frozen_;
};

/// A typed handle on guarded memory.
template <class T>
class GuardedBuffer {
 public:
  explicit GuardedBuffer(GuardedBytes* bytes) : bytes_(bytes) {}

  T* data() const { return reinterpret_cast<T*>(bytes_->begin()); }
  std::size_t size() const { return bytes_->bytes() / sizeof(T); }
  void set(const std::vector<T>& values) const { bytes_->queue().upload(data(), std::span<const T>(values)); }
  std::vector<T> get() const {
    std::vector<T> values(size());
    bytes_->queue().download(std::span<T>(values), static_cast<const T*>(data()));
    return values;
  }

 private:
  GuardedBytes* bytes_;
};

class OnDevice : public ::testing::TestWithParam<Place> {
 protected:
  void SetUp() override {
    const Place& place = GetParam();
    if (place.kind == DeviceKind::cpu) {
      kernels::select_cpu_variant(place.cpu_variant);
      queue_ = &processor_queue(place.threads);
      const QueueView view = *queue_;
      std::memset(view.workspace, 0xFF, view.workspace_bytes);
      return;
    }
    AGON_SKIP_IF_ABSENT(TestDevice{place.kind});
    queue_ = &device_queue_.emplace(Device::cuda(0));
    const QueueView view = *queue_;
    if (simulated()) return forget(view.workspace, view.workspace_bytes);
    const std::vector<std::byte> undefined(view.workspace_bytes, std::byte{0xFF});
    queue_->upload(view.workspace, std::span<const std::byte>(undefined));
  }

  void TearDown() override {
    check_guards();
    kernels::select_cpu_variant(kernels::cpu_variants().back());
  }

  void check_guards() const {
    for (const auto& guarded : guarded_) guarded->expect_intact();
  }

  /// Checks the guards and gives the buffers back, for bodies that make many; handles to them are dead.
  void release() {
    check_guards();
    guarded_.clear();
  }

  const Queue& queue() const { return *queue_; }
  bool on_cuda() const { return GetParam().kind == DeviceKind::cuda; }

  /// Memory that the operation may write: NaN (every byte 0xFF) until it does.
  template <class T>
  GuardedBuffer<T> output(std::size_t size) {
    return GuardedBuffer<T>(guard(size * sizeof(T)));
  }
  /// Memory that it reads and writes.
  template <class T>
  GuardedBuffer<T> inout(const std::vector<T>& values) {
    GuardedBuffer<T> buffer = output<T>(values.size());
    buffer.set(values);
    return buffer;
  }
  /// Memory that it only reads.
  template <class T>
  GuardedBuffer<T> input(const std::vector<T>& values) {
    GuardedBytes* bytes = guard(values.size() * sizeof(T));
    GuardedBuffer<T> buffer(bytes);
    buffer.set(values);
    const auto* first = reinterpret_cast<const std::byte*>(values.data());
    bytes->freeze({first, first + values.size() * sizeof(T)});
    return buffer;
  }

 private:
  GuardedBytes* guard(std::size_t bytes) {
    guarded_.push_back(std::make_unique<GuardedBytes>(*queue_, bytes));
    return guarded_.back().get();
  }

  /// One for all tests: a workspace that the system hands out anew costs more than most tests.
  static const Queue& processor_queue(int threads) {
    static std::map<int, Queue> queues;
    return queues.try_emplace(threads, Device::cpu(threads)).first->second;
  }

  std::optional<Queue> device_queue_;
  const Queue* queue_ = nullptr;
  std::vector<std::unique_ptr<GuardedBytes>> guarded_;
};

/// |actual - expected| <= absolute + relative |expected| for every element; NaN never passes. Reports the
/// worst.
template <class T, class U>
void expect_near(const std::vector<T>& actual, const std::vector<U>& expected, double absolute,
                 double relative = 0) {
  ASSERT_EQ(actual.size(), expected.size());
  std::size_t worst = 0;
  double excess = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const double want = static_cast<double>(expected[i]);
    const double allowed = absolute + relative * (want < 0 ? -want : want);
    const double difference = static_cast<double>(actual[i]) - want;
    const double over = (difference < 0 ? -difference : difference) - allowed;
    if (over <= 0) continue;
    if (!(over <= excess)) {  // NaN counts as worst
      excess = over;
      worst = i;
    }
  }
  EXPECT_EQ(excess, 0) << "worst at element " << worst << " of " << actual.size() << ": " << +actual[worst]
                       << " for " << +expected[worst];
}

/// The floats' bits, so that a comparison of two runs is exact, NaN included.
inline std::vector<std::uint32_t> bits(const std::vector<float>& values) {
  std::vector<std::uint32_t> words(values.size());
  if (!values.empty()) std::memcpy(words.data(), values.data(), values.size() * sizeof(float));
  return words;
}

}  // namespace agon::test

/// Instantiates a fixture derived from OnDevice on every device; tests are named Kernels/Fixture.Body/cpu_v4
/// and so on.
#define AGON_ON_EVERY_DEVICE(Fixture)                                                     \
  INSTANTIATE_TEST_SUITE_P(Kernels, Fixture, ::testing::ValuesIn(::agon::test::places()), \
                           ::agon::test::name_of_place)
