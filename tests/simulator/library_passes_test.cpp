// What follows cuBLASLt's products of penalised layers, which the simulated device does not have, by itself:
// the tangent's pass, in fours where the memory is aligned and by ones, and the bias gradient of weighted
// rows.
#include "kernels/cuda/linear/backends.hpp"
#include "tests/kernels/linear_tangent_oracle.hpp"

namespace agon::test {
namespace {

using kernels::LinearShape;

class LibraryPasses : public LinearOnDevice {
 protected:
  /// `offset`: floats past an aligned address, that nobody may touch.
  void check_tangent(const LinearShape& s, std::size_t offset, bool weighted) {
    SCOPED_TRACE(::testing::Message()
                 << s.batch << " x " << s.out << ", offset " << offset << (weighted ? ", weighted" : ""));
    std::mt19937 generator(static_cast<unsigned>(s.batch * 1000 + s.out));
    const auto n = static_cast<std::int64_t>(offset) + s.batch * s.out;
    const auto product = numbers(n, generator), before = numbers(n, generator);
    const auto weights = numbers(s.batch, generator);
    const auto y = inout(product), activation = inout(before);
    const auto shares = input(weights);
    kernels::cuda::tangent_of_product(queue(), {.shape = s,
                                                .activation = activation.data() + offset,
                                                .row_weight = weighted ? shares.data() : nullptr,
                                                .y = y.data() + offset,
                                                .slope = 0.25f});
    const auto got = y.get(), updated = activation.get();
    for (std::size_t i = 0; i < got.size(); ++i) {
      if (i < offset) {
        ASSERT_EQ(got[i], product[i]);
        ASSERT_EQ(updated[i], before[i]);
        continue;
      }
      const float value = before[i] > 0 ? product[i] : 0.25f * product[i];
      ASSERT_EQ(got[i], value) << i;
      const float weight = weights[(i - offset) / static_cast<std::size_t>(s.out)];
      ASSERT_EQ(updated[i], weighted ? std::fma(weight, before[i], value) : before[i]) << i;
    }
    release();
  }
};
AGON_ON_EVERY_DEVICE(LibraryPasses);

TEST_P(LibraryPasses, TangentOfAProductOfEveryWidthAlignedOrNot) {
  for (const std::int64_t out : {1, 3, 4, 5, 17, 20, 32, 129, 256, 257, 1024, 1028})
    for (const std::int64_t batch : {1, 2, 5, 9})
      for (const std::size_t offset : {0, 1, 4})
        for (const bool weighted : {true, false}) check_tangent({batch, 1, out}, offset, weighted);
}

/// Of batches cut into pieces, too; the gradient of the weights is not touched.
TEST_P(LibraryPasses, BiasGradientOfWeightedRows) {
  std::mt19937 generator(2);
  for (const std::int64_t out : {1, 3, 16, 17, 100, 128, 129, 260})
    for (const std::int64_t batch : {1, 8, 130, 1100}) {
      SCOPED_TRACE(::testing::Message() << batch << " x " << out);
      const Oracle data({batch, 1, out}, generator);
      const auto weights = numbers(batch, generator);
      const auto dz = input(data.dz), shares = input(weights);
      const auto dbias = output<float>(static_cast<std::size_t>(out));
      kernels::cuda::weighted_bias_gradient(
          queue(),
          {.shape = {batch, 40, out}, .dz = dz.data(), .dbias = dbias.data(), .row_weight = shares.data()});
      expect_sums(dbias.get(), data.dbias(weights), "dbias", kFp32Tolerance);
      release();
    }
}

}  // namespace
}  // namespace agon::test
