#include "host/run/console.hpp"

#include <gtest/gtest.h>

namespace agon::host {
namespace console_test {

TEST(Console, Grouped) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(319883), "319,883");
  EXPECT_EQ(grouped(18446744073709551615u), "18,446,744,073,709,551,615");
}

TEST(Console, Duration) {
  EXPECT_EQ(duration(0), "0.0 s");
  EXPECT_EQ(duration(9.94), "9.9 s");
  EXPECT_EQ(duration(9.96), "10 s");
  EXPECT_EQ(duration(59.4), "59 s");
  EXPECT_EQ(duration(59.6), "1 min 00 s");
  EXPECT_EQ(duration(185), "3 min 05 s");
  EXPECT_EQ(duration(3599.6), "1 h 00 min");
  EXPECT_EQ(duration(7800), "2 h 10 min");
  EXPECT_EQ(duration(86400 * 3 + 3600 * 4), "3 d 4 h");
  EXPECT_EQ(duration(1e300), "long");
}

}  // namespace console_test
}  // namespace agon::host
