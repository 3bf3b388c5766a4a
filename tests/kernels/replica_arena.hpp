// Replicas of an operation's operands, and a comparison of the operation on all of them at once with the
// operation on each by itself.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/kernels/device_fixture.hpp"

namespace agon::test {

class OnReplicas : public OnDevice {
 protected:
  static constexpr int kReplicas = 3;

  /// `content` (kReplicas, stride); the stride is a multiple of 64. use(queue, first float of the replica's
  /// operands, the replica's number) enqueues the operation; it must change something of each replica.
  template <class Use>
  void expect_replicas_as_alone(const std::vector<float>& content, const Use& use) {
    const auto stride = static_cast<std::int64_t>(content.size()) / kReplicas;
    ASSERT_EQ(stride % 64, 0);
    const auto together = inout(content), alone = inout(content);
    const Queue wide(queue().device(), kReplicas);
    QueueView all = wide;
    all.replicas = {0, kReplicas, stride * 4};
    queue().wait();
    use(all, together.data(), 0);
    wide.wait();
    for (int r = 0; r < kReplicas; ++r) use(static_cast<QueueView>(queue()), alone.data() + r * stride, r);
    const auto got = bits(together.get()), expected = bits(alone.get()), before = bits(content);
    EXPECT_EQ(got, expected);
    for (int r = 0; r < kReplicas; ++r) {
      const auto piece = [&](const std::vector<std::uint32_t>& of) {
        return std::vector(of.begin() + r * stride, of.begin() + (r + 1) * stride);
      };
      EXPECT_NE(piece(got), piece(before)) << "replica " << r << " is as it was";
    }
    release();
  }
};

}  // namespace agon::test
