// How many rows go through the networks at a time, where nobody says.
#include <gtest/gtest.h>

#include "engine/gan/step_memory.hpp"

namespace agon {
namespace micro_batch_test {

GanConfig of_batch(std::int64_t batch) {
  GanConfig config;
  config.batch = batch;
  return config;
}

TEST(MicroBatch, OnTheProcessorSmallBatchesStayWhole) {
  for (const int threads : {1, 2, 7})
    for (const std::int64_t batch : {1, 64, 511 * threads})
      EXPECT_EQ(micro_batch_of(of_batch(batch), Device::cpu(threads)), batch) << threads << " threads";
}

TEST(MicroBatch, OnTheProcessorLargeOnesAreCutByTheThreadsCaches) {
  const std::int64_t one = micro_batch_of(of_batch(1 << 20), Device::cpu(1));
  const std::int64_t four = micro_batch_of(of_batch(1 << 20), Device::cpu(4));
  EXPECT_GE(one, 128);  // at least 256, and cut evenly
  EXPECT_LE(one, 8192);
  EXPECT_NEAR(static_cast<double>(four), 4.0 * static_cast<double>(one), 0.1 * static_cast<double>(four));
  GanConfig wide = of_batch(1 << 20);
  wide.generator.widths = {100, 1 << 20, 10};
  EXPECT_LE(micro_batch_of(wide, Device::cpu(1)), 256);
}

TEST(MicroBatch, IsWhatTheConfigurationSays) {
  GanConfig config = of_batch(4096);
  config.micro_batch = 1000;
  EXPECT_EQ(micro_batch_of(config, Device::cpu(1)), 820);  // five pieces, each a multiple of 4
  EXPECT_EQ(micro_batch_of(config, std::int64_t{50} << 20), 820);
}

TEST(MicroBatch, BatchNormKeepsItsRowsTogether) {
  GanConfig config = of_batch(8192);
  config.generator.norm = NormKind::batch;
  EXPECT_EQ(micro_batch_of(config, Device::cpu(1)), 8192);
}

TEST(MicroBatch, OnCudaAsManyAsItsCacheHolds) {
  GanConfig config = of_batch(65536);  // the widest layer has 512
  EXPECT_EQ(micro_batch_of(config, std::int64_t{50} << 20), 4096);
  EXPECT_EQ(micro_batch_of(config, 0), 1024);
}

}  // namespace micro_batch_test
}  // namespace agon
