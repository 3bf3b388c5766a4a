// Resampled images against the contract's sums in plain loops, and what follows from it.
#include "kernels/resample.hpp"

#include "kernels/error.hpp"
#include "tests/kernels/linear_fixture.hpp"
#include "tests/kernels/replica_arena.hpp"

namespace agon::test {
namespace resample_test {

using kernels::ImageShape;
using kernels::Resample;
using kernels::ResampleFilter;

constexpr ResampleFilter kFilters[] = {ResampleFilter::box, ResampleFilter::linear};

std::int64_t in_size(const Resample& op) { return op.batch * op.in().size(); }
std::int64_t out_size(const Resample& op) { return op.batch * op.out().size(); }

/// Every pair of a coarse and a fine element that the filter joins, with the weight of that pair.
template <class Use>
void for_each_pair(const Resample& op, const Use& use) {
  const bool box = op.filter == ResampleFilter::box;
  const std::vector<double> w = box ? std::vector{0.5, 0.5} : std::vector{1.0 / 8, 3.0 / 8, 3.0 / 8, 1.0 / 8};
  const std::int64_t taps = std::ssize(w), padding = box ? 0 : 1;
  const ImageShape coarse = op.coarse, fine = op.fine();
  for (std::int64_t n = 0; n < op.batch; ++n)
    for (std::int64_t u = 0; u < coarse.height; ++u)
      for (std::int64_t v = 0; v < coarse.width; ++v)
        for (std::int64_t i = 0; i < taps; ++i)
          for (std::int64_t j = 0; j < taps; ++j) {
            const std::int64_t row = 2 * u + i - padding, column = 2 * v + j - padding;
            if (row < 0 || row >= fine.height || column < 0 || column >= fine.width) continue;
            const double weight = w[static_cast<std::size_t>(i)] * w[static_cast<std::size_t>(j)];
            for (std::int64_t c = 0; c < coarse.channels; ++c)
              use(((n * coarse.height + u) * coarse.width + v) * coarse.channels + c,
                  ((n * fine.height + row) * fine.width + column) * fine.channels + c, weight);
          }
}

std::vector<double> expected(const Resample& op, const std::vector<float>& x) {
  std::vector<double> y(static_cast<std::size_t>(out_size(op)));
  const double scale = static_cast<double>(op.scale);
  for_each_pair(op, [&](std::int64_t coarse, std::int64_t fine, double weight) {
    const auto from = static_cast<std::size_t>(op.up ? coarse : fine),
               to = static_cast<std::size_t>(op.up ? fine : coarse);
    y[to] += scale * (op.up ? 4.0 : 1.0) * weight * static_cast<double>(x[from]);
  });
  return y;
}

class ResampleTest : public OnDevice {
 protected:
  /// `offset` floats lie before what is read and what is written.
  std::vector<float> run(Resample op, const std::vector<float>& x, std::int64_t offset = 0) {
    std::vector<float> with_offset(static_cast<std::size_t>(offset), 7.0f);
    with_offset.insert(with_offset.end(), x.begin(), x.end());
    const auto from = input(with_offset);
    const auto to = output<float>(static_cast<std::size_t>(offset + out_size(op)));
    op.x = from.data() + offset, op.y = to.data() + offset;
    kernels::resample(queue(), op);
    std::vector<float> y = to.get();
    y.erase(y.begin(), y.begin() + offset);
    return y;
  }

  void check(std::int64_t batch, const ImageShape& coarse, std::int64_t offset = 0) {
    std::mt19937 generator(static_cast<unsigned>(batch * 1000 + coarse.size()));
    for (const ResampleFilter filter : kFilters)
      for (const bool up : {false, true}) {
        const Resample op{.batch = batch, .coarse = coarse, .filter = filter, .up = up, .scale = -1.3f};
        SCOPED_TRACE(testing::Message()
                     << batch << " of " << coarse.height << " x " << coarse.width << " x " << coarse.channels
                     << ", filter " << static_cast<int>(filter) << (up ? ", up" : ", down"));
        const std::vector<float> x = numbers(in_size(op), generator);
        expect_near(run(op, x, offset), expected(op, x), 2e-6);
        release();
      }
  }
};
AGON_ON_EVERY_DEVICE(ResampleTest);

TEST_P(ResampleTest, EqualsPlainLoops) {
  for (const std::int64_t channels : {1, 2, 3, 4, 5, 8, 12}) {
    check(1, {1, 1, channels});
    check(3, {1, 2, channels});
    check(2, {3, 1, channels});
    check(3, {4, 5, channels});
  }
}

/// Longer than what the processor takes at a time, in either direction.
TEST_P(ResampleTest, LongRows) {
  check(1, {1, 9001, 1});
  check(1, {2, 11, 520});
  check(1, {1, 3, 2051});
}

/// For several of the processor's threads.
TEST_P(ResampleTest, ManyRows) { check(5, {23, 19, 4}); }

TEST_P(ResampleTest, OfUnalignedImages) {
  check(2, {3, 2, 4}, 1);
  check(2, {3, 2, 8}, 2);
}

TEST_P(ResampleTest, OfNoImages) { check(0, {3, 2, 4}); }

/// <4 D x, y> = <x, U y>: each direction is the other's way back.
TEST_P(ResampleTest, EachDirectionIsTheOthersTranspose) {
  std::mt19937 generator(5);
  for (const ResampleFilter filter : kFilters) {
    const Resample up{.batch = 3, .coarse = {5, 4, 3}, .filter = filter, .up = true};
    Resample down = up;
    down.up = false, down.scale = 4.0f;
    const std::vector<float> x = numbers(in_size(down), generator), y = numbers(in_size(up), generator);
    const std::vector<float> down_x = run(down, x), up_y = run(up, y);
    double coarse = 0, fine = 0, size = 0;
    for (std::size_t i = 0; i < y.size(); ++i)
      coarse += static_cast<double>(down_x[i]) * static_cast<double>(y[i]);
    for (std::size_t i = 0; i < x.size(); ++i) {
      fine += static_cast<double>(x[i]) * static_cast<double>(up_y[i]);
      size += std::abs(static_cast<double>(x[i]) * static_cast<double>(up_y[i]));
    }
    EXPECT_NEAR(coarse, fine, 1e-7 * size);
    EXPECT_GT(std::abs(fine), 1e-3 * size) << "shows nothing";
    release();
  }
}

/// A constant stays one, but for the linear filter's border.
TEST_P(ResampleTest, OfAConstant) {
  for (const ResampleFilter filter : kFilters)
    for (const bool up : {false, true}) {
      const Resample op{.batch = 2, .coarse = {4, 3, 2}, .filter = filter, .up = up};
      const std::vector<float> y = run(op, std::vector<float>(static_cast<std::size_t>(in_size(op)), 3.0f));
      const float border = filter == ResampleFilter::box ? 1.0f : up ? 0.75f : 0.875f;
      const ImageShape out = op.out();
      for (std::int64_t i = 0; i < std::ssize(y); ++i) {
        const std::int64_t row = i / (out.width * out.channels) % out.height,
                           column = i / out.channels % out.width;
        const float kept = (row == 0 || row == out.height - 1 ? border : 1.0f) *
                           (column == 0 || column == out.width - 1 ? border : 1.0f);
        ASSERT_EQ(y[static_cast<std::size_t>(i)], 3.0f * kept) << row << ", " << column << (up ? " up" : "");
      }
      release();
    }
}

/// What is outside of the image is 0, not a number of the image times 0: an infinite corner makes no NaN.
TEST_P(ResampleTest, AnInfiniteCornerReachesItsNeighbours) {
  for (const ResampleFilter filter : kFilters)
    for (const bool up : {false, true}) {
      const Resample op{.batch = 1, .coarse = {3, 4, 1}, .filter = filter, .up = up};
      std::vector<float> x(static_cast<std::size_t>(in_size(op)), 1.0f);
      x.front() = std::numeric_limits<float>::infinity();
      const std::vector<float> y = run(op, x);
      const std::vector<double> wanted = expected(op, x);
      for (std::size_t i = 0; i < y.size(); ++i) EXPECT_EQ(static_cast<double>(y[i]), wanted[i]) << i;
      release();
    }
}

TEST_P(ResampleTest, SaysWhereThereIsTooMuch) {
  if (!on_cuda()) GTEST_SKIP() << "the processor counts in 64 bits";
  EXPECT_THROW(kernels::resample(queue(), {.batch = std::int64_t{1} << 32, .coarse = {4, 4, 3}}),
               DeviceError);
}

class ResampleReplicas : public OnReplicas {};
AGON_ON_EVERY_DEVICE(ResampleReplicas);

TEST_P(ResampleReplicas, EachHasItsOwn) {
  std::mt19937 generator(2);
  for (const std::int64_t channels : {3, 4})
    expect_replicas_as_alone(numbers(kReplicas * 512, generator), [&](QueueView view, float* at, int) {
      Resample op{.batch = 2, .coarse = {2, 3, channels}, .x = at, .y = at + 256};
      kernels::resample(view, op);
      op.up = true, op.x = at + 256, op.y = at;
      kernels::resample(view, op);
    });
}

}  // namespace resample_test
}  // namespace agon::test
