// Devices, buffers, arenas and queues, on the processor and on CUDA where there is one.
#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "engine/runtime/arena.hpp"
#include "engine/runtime/buffer.hpp"
#include "engine/runtime/device.hpp"
#include "engine/runtime/processors.hpp"
#include "engine/runtime/queue.hpp"
#include "kernels/error.hpp"
#include "tests/test_device.hpp"

/// AddressSanitizer else ends the program where memory is asked for that the machine does not have, also
/// where null is an answer that the caller looks at.
extern "C" const char* __asan_default_options() { return "allocator_may_return_null=1"; }

namespace agon {
namespace memory_test {

/// OMP_NUM_THREADS as a test wants it; put back at the end.
class OmpNumThreads {
 public:
  explicit OmpNumThreads(const char* value) {
    if (const char* const before = std::getenv(kName)) before_ = before;
    set(value);
  }
  ~OmpNumThreads() { set(before_ ? before_->c_str() : nullptr); }

 private:
  static constexpr const char* kName = "OMP_NUM_THREADS";
  static void set(const char* value) { value ? setenv(kName, value, 1) : unsetenv(kName); }
  std::optional<std::string> before_;
};

int cores_this_process_may_use() {
  cpu_set_t mask;
  EXPECT_EQ(sched_getaffinity(0, sizeof mask, &mask), 0);
  return threads_by(CPU_COUNT(&mask), processor_quota()).count;
}

TEST(Device, TakesTheThreadsAskedForElseOmpNumThreadsElseEveryCore) {
  {
    const OmpNumThreads unset(nullptr);
    EXPECT_EQ(Device::cpu().threads(), cores_this_process_may_use());
    EXPECT_EQ(Device::cpu(5).threads(), 5);
  }
  for (const auto& [text, threads] : {std::pair{"3", 3}, {"7,2", 7}}) {
    const OmpNumThreads set(text);
    EXPECT_EQ(Device::cpu().threads(), threads) << text;
    EXPECT_EQ(Device::cpu(5).threads(), 5) << text;
  }
  for (const char* const text : {"", "0", "-2", "four", "3x", "99999999999999"}) {
    const OmpNumThreads set(text);
    EXPECT_EQ(Device::cpu().threads(), cores_this_process_may_use()) << text;
  }
  EXPECT_THROW(Device::cpu(-1), ConfigurationError);
  EXPECT_THROW(Device::cpu(1 << 30), ConfigurationError);
  EXPECT_EQ(Device::cpu(4096).threads(), 4096);
  const OmpNumThreads set("123456");
  EXPECT_EQ(Device::cpu().threads(), 4096);
}

TEST(Device, CountsOnlyTheCoresThisProcessMayUse) {
  const OmpNumThreads unset(nullptr);
  cpu_set_t before;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  int first = 0;
  while (!CPU_ISSET(first, &before)) ++first;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(first, &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  EXPECT_EQ(Device::cpu().threads(), 1);
  ASSERT_EQ(sched_setaffinity(0, sizeof before, &before), 0);
}

TEST(Device, ParsesItsOwnName) {
  for (const Device& device : Device::all())
    EXPECT_EQ(Device::parse(device.name(), device.threads()), device);
  EXPECT_EQ(Device::parse("cpu", 3).threads(), 3);
  EXPECT_EQ(Device::parse("auto", 3), Device::best(3));
  for (const char* const text :
       {"", "gpu", "cuda:", "cuda:x", "cuda:1x", "cuda:-1", "cuda: 1", "CPU", "cpu "})
    EXPECT_THROW(Device::parse(text), ConfigurationError) << text;
}

TEST(Device, DescribesEveryDeviceTheProcessorFirst) {
  const std::vector<Device> devices = Device::all();
  ASSERT_FALSE(devices.empty());
  EXPECT_EQ(devices.front().kind(), DeviceKind::cpu);
  for (const Device& device : devices) EXPECT_NE(device.description().find("GiB memory"), std::string::npos);
  EXPECT_NE(Device::cpu(1).description().find("1 thread,"), std::string::npos);
}

TEST(Device, SaysWhyThereIsNoCuda) {
  const std::string reason = Device::why_no_cuda();
  EXPECT_EQ(reason.empty(), Device::all().size() > 1);
  if (reason.empty()) {
    EXPECT_EQ(Device::best().kind(), DeviceKind::cuda);
    EXPECT_THROW(Device::cuda(1000), DeviceError);
    return;
  }
  EXPECT_EQ(Device::best(2), Device::cpu(2));
  for (const char* const text : {"cuda", "cuda:0"}) {
    try {
      Device::parse(text);
      FAIL() << text << " was accepted";
    } catch (const DeviceError& error) {
      EXPECT_NE(std::string(error.what()).find(reason), std::string::npos) << error.what();
    }
  }
}

/// The body of each test below runs on every device.
class RuntimeMemory : public ::testing::TestWithParam<agon::test::TestDevice> {
 protected:
  void SetUp() override { AGON_SKIP_IF_ABSENT(GetParam()); }
  static Device device() { return GetParam().get(); }
};
INSTANTIATE_TEST_SUITE_P(, RuntimeMemory, ::testing::ValuesIn(agon::test::test_devices()),
                         [](const auto& device) { return device.param.name(); });

std::vector<float> values_of(const Queue& queue, const float* source, std::size_t size) {
  std::vector<float> values(size, -1.0f);
  queue.download(std::span(values), source);
  return values;
}

TEST_P(RuntimeMemory, BuffersAreZeroAndAligned) {
  const Queue queue(device());
  for (const std::size_t size : {1, 3, 1000, 100003}) {
    for (const MemoryKind kind : {MemoryKind::device, MemoryKind::pinned}) {
      const Buffer<float> buffer(device(), size, kind);
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % 256, 0u);
      EXPECT_EQ(values_of(queue, buffer.data(), size), std::vector<float>(size, 0.0f));
    }
  }
  EXPECT_EQ(Buffer<float>(device(), 0).data(), nullptr);
}

TEST_P(RuntimeMemory, PinnedBuffersAreTheHostsToo) {
  const Queue queue(device());
  Buffer<float> pinned(device(), 4, MemoryKind::pinned);
  pinned.data()[2] = 5.0f;
  EXPECT_EQ(values_of(queue, pinned.data(), 4), (std::vector<float>{0, 0, 5, 0}));
  const std::vector<float> values{1, 2, 3, 4};
  queue.upload(pinned.data(), std::span(values));
  EXPECT_EQ(std::memcmp(pinned.data(), values.data(), sizeof(float) * 4), 0);
}

TEST_P(RuntimeMemory, BuffersMove) {
  Buffer<float> first(device(), 10);
  float* const at = first.data();
  Buffer<float> second(std::move(first));
  EXPECT_EQ(second.data(), at);
  EXPECT_EQ(second.size(), 10u);
  EXPECT_EQ(first.data(), nullptr);
  EXPECT_EQ(first.size(), 0u);
  Buffer<float> third;
  third = std::move(second);
  EXPECT_EQ(third.data(), at);
  EXPECT_EQ(third.device(), device());
}

TEST_P(RuntimeMemory, AskingForTooMuchIsAnError) {
  EXPECT_THROW(Buffer<float>(device(), std::size_t{1} << 60), DeviceError);
}

TEST_P(RuntimeMemory, ArenaPiecesAreAlignedZeroAndApart) {
  const Queue queue(device());
  ArenaSize size;
  size.take<float>(1);
  size.take<double>(33);
  size.take<std::uint64_t>(32);
  const std::size_t bytes = size.used();
  EXPECT_EQ(bytes, 256u + 512u + 256u);
  Arena arena(device(), bytes);
  float* const a = arena.take<float>(1);
  double* const b = arena.take<double>(33);
  EXPECT_EQ(arena.used(), 256u + 512u);
  std::uint64_t* const c = arena.take<std::uint64_t>(32);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(a) % 256, 0u);
  EXPECT_EQ(reinterpret_cast<std::byte*>(b) - reinterpret_cast<std::byte*>(a), 256);
  EXPECT_EQ(reinterpret_cast<std::byte*>(c) - reinterpret_cast<std::byte*>(b), 512);
  EXPECT_EQ(values_of(queue, a, bytes / sizeof(float)), std::vector<float>(bytes / sizeof(float), 0.0f));
  EXPECT_EQ(arena.used(), bytes);
  EXPECT_THROW(arena.take<std::byte>(1), DeviceError);
  EXPECT_EQ(arena.used(), bytes);
}

TEST_P(RuntimeMemory, QueuesCopyInOrder) {
  Queue queue(device());
  const QueueView view = queue;
  EXPECT_EQ(view.device, GetParam().kind);
  EXPECT_EQ(view.workspace_bytes, kWorkspaceBytes);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(view.workspace) % 256, 0u);

  Buffer<float> first(device(), 1000), second(device(), 1000);
  std::vector<float> values(1000);
  std::iota(values.begin(), values.end(), 1.0f);
  queue.upload(first.data(), std::span<const float>(values));
  queue.copy(second.data(), first.data(), 900 * sizeof(float));
  queue.zero(second.data() + 100, 200 * sizeof(float));
  Queue moved(std::move(queue));
  moved.copy(first.data(), second.data(), 500 * sizeof(float));
  moved.wait();
  std::vector<float> expected = values;
  std::fill(expected.begin() + 100, expected.begin() + 300, 0.0f);
  EXPECT_EQ(values_of(moved, first.data(), 1000), expected);
  std::fill(expected.begin() + 900, expected.end(), 0.0f);
  EXPECT_EQ(values_of(moved, second.data(), 1000), expected);
}

}  // namespace memory_test
}  // namespace agon
