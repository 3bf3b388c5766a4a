// Limits of launches, kernels' attributes, the device's. The oracle: CUDA C++ Programming Guide, "Technical
// Specifications per Compute Capability" (9.0); CUDA Runtime API, "Execution Control", "Occupancy".
#include <cuda_runtime.h>

#include <cstring>

#include "tests/simulator/runtime_kernels.hpp"

namespace agon::simulator::runtime_test {
namespace {

struct Launch {
  dim3 blocks = {}, threads = {};
  std::size_t shared = 0;
  dim3 cluster = {};
  bool cooperative = false;
};

/// What the launch returns; it runs, too.
cudaError_t start(const Launch& launch) {
  cudaLaunchAttribute attributes[3] = {};
  attributes[0].id = cudaLaunchAttributeClusterDimension;
  attributes[0].val.clusterDim = {launch.cluster.x, launch.cluster.y, launch.cluster.z};
  attributes[1].id = cudaLaunchAttributeCooperative;
  attributes[1].val.cooperative = launch.cooperative;
  attributes[2].id = cudaLaunchAttributeProgrammaticStreamSerialization;
  attributes[2].val.programmaticStreamSerializationAllowed = 0;
  cudaLaunchConfig_t config{launch.blocks, launch.threads, launch.shared, nullptr, attributes, 3};
  const cudaError_t status = nothing(config);
  EXPECT_EQ(cudaDeviceSynchronize(), cudaSuccess);
  cudaGetLastError();
  return status;
}

constexpr cudaError_t kConfiguration = cudaErrorInvalidConfiguration;

TEST(SimulatedLaunch, Extents) {
  EXPECT_EQ(start({.threads = {1024}}), cudaSuccess);
  EXPECT_EQ(start({.threads = {1025}}), kConfiguration);
  EXPECT_EQ(start({.threads = {32, 33}}), kConfiguration);
  EXPECT_EQ(start({.threads = {1, 1, 65}}), kConfiguration);
  EXPECT_EQ(start({.threads = {0}}), kConfiguration);
  EXPECT_EQ(start({.blocks = {0}}), kConfiguration);
  EXPECT_EQ(start({.blocks = {1, 65535}}), cudaSuccess);
  EXPECT_EQ(start({.blocks = {1, 65536}}), kConfiguration);
  EXPECT_EQ(start({.blocks = {1, 1, 65536}}), kConfiguration);
  EXPECT_EQ(start({.blocks = {2147483648u}}), kConfiguration);
}

TEST(SimulatedLaunch, MoreSharedMemoryMustBeAskedFor) {
  constexpr int kUsual = 48 << 10, kMost = 227 << 10;
  EXPECT_EQ(start({.shared = kUsual}), cudaSuccess);
  EXPECT_EQ(start({.shared = kUsual + 1}), cudaErrorInvalidValue);
  constexpr auto kWhich = cudaFuncAttributeMaxDynamicSharedMemorySize;
  EXPECT_EQ(cudaFuncSetAttribute(nothing_kernel(), kWhich, kMost + 1), cudaErrorInvalidValue);
  ASSERT_EQ(cudaFuncSetAttribute(nothing_kernel(), kWhich, kMost), cudaSuccess);
  EXPECT_EQ(start({.shared = kMost}), cudaSuccess);
  cudaFuncAttributes attributes{};
  EXPECT_EQ(cudaFuncGetAttributes(&attributes, nothing_kernel()), cudaSuccess);
  EXPECT_EQ(attributes.maxDynamicSharedSizeBytes, kMost);
  EXPECT_EQ(attributes.maxThreadsPerBlock, 1024);
  cudaFuncSetAttribute(nothing_kernel(), kWhich, kUsual);
}

TEST(SimulatedLaunch, Clusters) {
  EXPECT_EQ(start({.blocks = {8}, .cluster = {8}}), cudaSuccess);
  EXPECT_EQ(start({.blocks = {12}, .cluster = {8}}), kConfiguration);
  EXPECT_EQ(start({.blocks = {16}, .cluster = {16}}), cudaErrorInvalidClusterSize);
  constexpr auto kWhich = cudaFuncAttributeNonPortableClusterSizeAllowed;
  cudaFuncSetAttribute(nothing_kernel(), kWhich, 1);
  EXPECT_EQ(start({.blocks = {16}, .cluster = {16}}), cudaSuccess);
  EXPECT_EQ(start({.blocks = {32}, .cluster = {32}}), cudaErrorInvalidClusterSize);
  cudaFuncSetAttribute(nothing_kernel(), kWhich, 0);
}

TEST(SimulatedLaunch, ACooperativeGridIsResident) {
  const auto multiprocessors = static_cast<unsigned>(options().multiprocessors);
  EXPECT_EQ(start({.blocks = {multiprocessors}, .threads = {64}, .cooperative = true}), cudaSuccess);
  EXPECT_EQ(start({.blocks = {8 * multiprocessors + 1}, .threads = {256}, .cooperative = true}),
            cudaErrorCooperativeLaunchTooLarge);
}

TEST(SimulatedLaunch, OtherAttributesAreRefused) {
  cudaLaunchAttribute attribute{};
  attribute.id = cudaLaunchAttributeAccessPolicyWindow;
  EXPECT_EQ(nothing({{}, {}, 0, nullptr, &attribute, 1}), cudaErrorInvalidValue);
  EXPECT_EQ(nothing({{}, {}, 0, nullptr, nullptr, 1}), cudaErrorInvalidValue);
  cudaGetLastError();
}

TEST(SimulatedLaunch, ArgumentsAreCopiedAtTheCall) {
  const On<float> target;
  float value = 1.0f;
  add(nullptr, target.get(), value);
  value = 2.0f;
  cudaDeviceSynchronize();
  EXPECT_EQ(target.now(), 1.0f);
}

TEST(SimulatedLaunch, OccupancyIsByThreadsAndSharedMemory) {
  int blocks = 0;
  const void* const kernel = nothing_kernel();
  const auto occupancy = [&](int threads, std::size_t shared) {
    EXPECT_EQ(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, kernel, threads, shared), cudaSuccess);
    return blocks;
  };
  EXPECT_EQ(occupancy(1024, 0), 2);
  EXPECT_EQ(occupancy(32, 0), 32);
  EXPECT_EQ(occupancy(65, 0), 21);
  EXPECT_EQ(occupancy(32, 113 << 10), 2);
  EXPECT_EQ(occupancy(32, 227 << 10), 1);
  EXPECT_EQ(occupancy(2048, 0), 0);
  cudaLaunchAttribute cluster{};
  cluster.id = cudaLaunchAttributeClusterDimension;
  cluster.val.clusterDim = {8, 1, 1};
  const cudaLaunchConfig_t config{dim3(8), dim3(1024), 0, nullptr, &cluster, 1};
  EXPECT_EQ(cudaOccupancyMaxActiveClusters(&blocks, kernel, &config), cudaSuccess);
  EXPECT_EQ(blocks, 2 * options().multiprocessors / 8);
}

TEST(SimulatedDevice, SaysWhatItIs) {
  int value = 0;
  EXPECT_EQ(cudaGetDeviceCount(&value), cudaSuccess);
  EXPECT_EQ(value, 1);
  EXPECT_EQ(cudaDeviceGetAttribute(&value, cudaDevAttrMultiProcessorCount, 0), cudaSuccess);
  EXPECT_EQ(value, options().multiprocessors);
  EXPECT_EQ(cudaDeviceGetAttribute(&value, cudaDevAttrWarpSize, 1), cudaErrorInvalidDevice);
  cudaDeviceProp properties{};
  EXPECT_EQ(cudaGetDeviceProperties(&properties, 0), cudaSuccess);
  EXPECT_STREQ(properties.name, "agon's simulated device");
  EXPECT_EQ(properties.major, 9);
  EXPECT_EQ(cudaDriverGetVersion(&value), cudaSuccess);
  EXPECT_EQ(value, CUDART_VERSION);
  cudaGetLastError();
}

struct Inner {
  std::int64_t n;
  const float* x;
  float slope;
  unsigned char precision, backend;
};
struct Outer {
  Inner inner;
  char last;
};
struct WithArrays {
  char first;
  Inner inner[2];
  int values[3];
};
struct WithBits {
  int first : 5;
};

TEST(SimulatedPadding, IsFoundMemberByMember) {
  alignas(Outer) unsigned char bytes[sizeof(Outer)];
  std::memset(bytes, 0xee, sizeof bytes);
  Outer& object = *reinterpret_cast<Outer*>(bytes);
  object = {};
  std::memset(bytes + 22, 0xee, 2);  // behind backend
  std::memset(bytes + 25, 0xee, 7);  // behind last
  object.last = 5;
  ASSERT_TRUE(clear_padding_by_members(object));
  Outer expected;
  std::memset(static_cast<void*>(&expected), 0, sizeof expected);
  expected.last = 5;
  EXPECT_EQ(std::memcmp(bytes, &expected, sizeof expected), 0);
  WithBits unknown{};
  EXPECT_FALSE(clear_padding_by_members(unknown));
}

TEST(SimulatedPadding, IsFoundInAndBehindArrays) {
  alignas(WithArrays) unsigned char bytes[sizeof(WithArrays)];
  std::memset(bytes, 0xee, sizeof bytes);
  ASSERT_TRUE(clear_padding_by_members(*reinterpret_cast<WithArrays*>(bytes)));
  for (std::size_t i = 0; i < sizeof bytes; ++i) {
    const bool padding = (i >= 1 && i < 8) || i == 30 || i == 31 || i == 54 || i == 55 || i >= 68;
    EXPECT_EQ(bytes[i], padding ? 0 : 0xee) << "byte " << i;
  }
}

}  // namespace
}  // namespace agon::simulator::runtime_test
