// Every tile of a convolution's kernels, in every precision, on images that leave tiles and stages partly
// filled. A device with the right number of multiprocessors makes the estimate choose the tile.
#include <set>

#include "kernels/cuda/convolution/estimate.hpp"
#include "tests/kernels/convolution_oracle.hpp"
#include "tests/kernels/replica_arena.hpp"
#include "tests/simulator/simulator.hpp"

namespace agon::test {
namespace {

using kernels::ConvolutionShape;
using kernels::Precision;
using kernels::cuda::estimated_tiles;
using kernels::cuda::TileKind;

/// Copied 16 bytes at a time, and 4.
constexpr ConvolutionShape kVectors{
    .batch = 1, .fine = {20, 20, 68}, .coarse_channels = 84, .kernel = 2, .stride = 2};
constexpr ConvolutionShape kSingles{
    .batch = 1, .fine = {10, 10, 66}, .coarse_channels = 90, .kernel = 2, .stride = 1, .padding = 1};

class ConvolutionTiles : public ConvolutionOnDevice {
 protected:
  void TearDown() override {
    simulator::options().multiprocessors = before_;
    ConvolutionOnDevice::TearDown();
  }

 private:
  int before_ = simulator::options().multiprocessors;
};
AGON_ON_EVERY_DEVICE(ConvolutionTiles);

TEST_P(ConvolutionTiles, EveryOneGivesTheSums) {
  std::mt19937 generator(1);
  for (const Precision p : {Precision::fp32, Precision::tf32, Precision::bf16}) {
    precision = p;
    const ConvolutionShape& shape = p == Precision::tf32 ? kVectors : kSingles;
    std::set<TileKind> down, up, weights;
    for (const int multiprocessors : {1, 4, 6, 1000}) {
      SCOPED_TRACE(testing::Message()
                   << multiprocessors << " multiprocessors, precision " << static_cast<int>(p));
      simulator::options().multiprocessors = multiprocessors;
      down.insert(estimated_tiles(kernels::cuda::products_down(shape), 1, multiprocessors).kind);
      up.insert(estimated_tiles(kernels::cuda::products_up(shape), 1, multiprocessors).kind);
      weights.insert(estimated_tiles(kernels::cuda::products_of_weights(shape), 1, multiprocessors).kind);
      both_ways(shape, generator, [&](const ConvolutionData& data) { compare(data, 0.2f); });
    }
    for (const auto& kinds : {down, up, weights}) EXPECT_EQ(kinds.size(), 3u);
  }
}

/// More phases than a launch has; taps and phases that are empty.
TEST_P(ConvolutionTiles, WideStepsMeetEveryPixelOnce) {
  std::mt19937 generator(2);
  for (const ConvolutionShape& shape :
       {ConvolutionShape{
            .batch = 2, .fine = {17, 12, 5}, .coarse_channels = 6, .kernel = 7, .stride = 5, .padding = 3},
        ConvolutionShape{.batch = 2, .fine = {3, 9, 4}, .coarse_channels = 8, .kernel = 2, .stride = 6}})
    both_ways(shape, generator, [&](const ConvolutionData& data) { compare(data, 0.2f); });
}

/// Many pixels, few weights: the sums are cut into pieces.
TEST_P(ConvolutionTiles, PiecesOfASumAddUp) {
  std::mt19937 generator(3);
  simulator::options().multiprocessors = 132;
  const ConvolutionShape shape{
      .batch = 9, .fine = {20, 20, 3}, .coarse_channels = 5, .kernel = 3, .stride = 1, .padding = 1};
  EXPECT_GT(estimated_tiles(kernels::cuda::products_of_weights(shape), 64, 132).pieces, 1);
  for (const bool adds : {false, true}) {
    accumulate = adds;
    both_ways(shape, generator, [&](const ConvolutionData& data) { compare(data, 0.2f); });
  }
}

class ConvolutionReplicas : public OnReplicas {};
AGON_ON_EVERY_DEVICE(ConvolutionReplicas);

TEST_P(ConvolutionReplicas, EachIsItsOwn) {
  std::mt19937 generator(7);
  ConvolutionShape shape{
      .batch = 9, .fine = {12, 12, 8}, .coarse_channels = 12, .kernel = 3, .stride = 2, .padding = 1};
  const auto padded = [](std::int64_t n) { return (n + 63) / 64 * 64; };
  for (const bool transposed : {false, true}) {
    shape.transposed = transposed;
    const std::int64_t in = padded(shape.in_size()), out = padded(shape.out_size()),
                       w = padded(shape.weights()), c = padded(shape.out().channels), n = padded(shape.batch);
    expect_replicas_as_alone(
        numbers(kReplicas * (2 * in + 4 * out + 2 * w + 2 * c + n), generator),
        [&](QueueView view, float* at, int) {
          const auto take = [&](std::int64_t size) {
            float* const mine = at;
            at += size;
            return mine;
          };
          const float *x = take(in), *weight = take(w), *bias = take(c), *dz = take(out), *rows = take(n);
          float *y = take(out), *a = take(out), *t = take(out), *dx = take(in), *dw = take(w), *db = take(c);
          kernels::convolution_forward(
              view, {.shape = shape, .x = x, .weight = weight, .bias = bias, .y = y, .slope = 0.2f});
          kernels::convolution_tangent(view, {.shape = shape,
                                              .x = x,
                                              .weight = weight,
                                              .activation = a,
                                              .row_weight = rows,
                                              .y = t,
                                              .slope = 0.2f});
          kernels::convolution_backward(view, {.shape = shape,
                                               .x = x,
                                               .weight = weight,
                                               .dz = dz,
                                               .dx = dx,
                                               .dweight = dw,
                                               .dbias = db,
                                               .row_weight = rows,
                                               .input_slope = 0.2f});
        });
  }
}

}  // namespace
}  // namespace agon::test
