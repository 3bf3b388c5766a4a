// The passes that follow cuBLASLt's products, which the simulated device does not have, by themselves:
// LeakyReLU and its derivative, in fours where the memory is aligned and by ones.
#include "kernels/cuda/linear/backends.hpp"
#include "tests/kernels/device_fixture.hpp"

namespace agon::test {
namespace {

constexpr float kSlope = 0.25f;  // products with it are exact

class LeakyRelu : public OnDevice {
 protected:
  /// n numbers of either sign, and zero, behind `offset` others that nobody may touch.
  static std::vector<float> values(std::size_t offset, std::size_t n) {
    std::vector<float> all(offset + n);
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<float>(i % 7) - 3.0f;
    return all;
  }

  void check(std::size_t offset, std::size_t n) {
    SCOPED_TRACE(::testing::Message() << n << " elements, " << offset << " past an aligned address");
    const std::vector<float> before = values(offset, n);
    const auto y = inout<float>(before), dx = inout<float>(std::vector<float>(offset + n, 2.0f));
    const auto x = input<float>(before);
    kernels::cuda::leaky_relu(queue(), y.data() + offset, static_cast<std::int64_t>(n), kSlope);
    kernels::cuda::leaky_relu_backward(queue(), dx.data() + offset, x.data() + offset,
                                       static_cast<std::int64_t>(n), kSlope);
    const std::vector<float> output = y.get(), gradient = dx.get();
    for (std::size_t i = 0; i < before.size(); ++i) {
      const bool touched = i >= offset, positive = before[i] > 0;
      ASSERT_EQ(output[i], touched && !positive ? kSlope * before[i] : before[i]) << "element " << i;
      ASSERT_EQ(gradient[i], touched && !positive ? kSlope * 2.0f : 2.0f) << "element " << i;
    }
    release();
  }
};
AGON_ON_EVERY_DEVICE(LeakyRelu);

TEST_P(LeakyRelu, EverySizeAlignedOrNot) {
  for (const std::size_t n : {1, 3, 4, 5, 255, 256, 257, 1020, 1023, 1024, 1025, 1028, 4100})
    for (const std::size_t offset : {0, 1, 4}) check(offset, n);
}

}  // namespace
}  // namespace agon::test
