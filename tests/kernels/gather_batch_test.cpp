// GatherBatch: each row once an epoch, whatever the batch, in an order that depends on seed and step alone.
#include "kernels/gather_batch.hpp"

#include <algorithm>
#include <cstdint>
#include <set>

#include "tests/kernels/device_fixture.hpp"

namespace agon::test {
namespace gather_batch_test {

struct Shape {
  std::int64_t rows, width, batch;
};

class GatherBatch : public OnDevice {
 protected:
  /// The row numbers that batches [first, first + steps) took; every column of every row is checked on the
  /// way.
  std::vector<std::int64_t> rows_taken(Shape shape, std::uint64_t seed, std::uint64_t first,
                                       std::int64_t steps) {
    std::vector<float> content(static_cast<std::size_t>(shape.rows * shape.width));
    for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<float>(i);
    const auto table = input(content);
    const auto step = output<std::uint64_t>(1);
    const auto out = output<float>(static_cast<std::size_t>(shape.batch * shape.width));
    const auto again = output<float>(out.size());
    std::vector<std::int64_t> taken;
    for (std::uint64_t s = first; s < first + static_cast<std::uint64_t>(steps); ++s) {
      step.set({s});
      out.set(std::vector<float>(out.size(), -1.0f));
      // In two parts, the first of them possibly empty: they must add up to the batch.
      const std::int64_t cut = static_cast<std::int64_t>(s) % shape.batch;
      kernels::GatherBatch op{.rows = shape.rows,
                              .width = shape.width,
                              .batch = shape.batch,
                              .count = cut,
                              .table = table.data(),
                              .out = out.data(),
                              .again = s % 2 == 0 ? again.data() : nullptr,
                              .seed = seed,
                              .step = step.data()};
      if (cut > 0) kernels::gather_batch(queue(), op);
      op.first = cut, op.count = 0, op.out += cut * shape.width;
      if (op.again != nullptr) op.again += cut * shape.width;
      kernels::gather_batch(queue(), op);
      const std::vector<float> batch = out.get();
      if (op.again != nullptr) {
        EXPECT_EQ(again.get(), batch);
      }
      for (std::int64_t i = 0; i < shape.batch; ++i) {
        const float* row = batch.data() + i * shape.width;
        taken.push_back(static_cast<std::int64_t>(row[0]) / shape.width);
        for (std::int64_t c = 0; c < shape.width; ++c) {
          EXPECT_EQ(row[c], static_cast<float>(taken.back() * shape.width + c))
              << "row " << i << " column " << c;
        }
      }
    }
    return taken;
  }
};
AGON_ON_EVERY_DEVICE(GatherBatch);

/// Around a block's rows (8) and its threads (128) on CUDA.
TEST_P(GatherBatch, EveryBatchSizeAroundABlock) {
  for (const std::int64_t batch : {1, 2, 7, 8, 9, 15, 16, 17, 127, 128, 129})
    for (const std::int64_t width : {1, 15, 16, 17, 127, 128, 129}) {
      SCOPED_TRACE(testing::Message() << "batch " << batch << ", " << width << " columns");
      const std::vector<std::int64_t> taken = rows_taken({50, width, batch}, 3, 0, (50 + batch - 1) / batch);
      EXPECT_EQ(std::set<std::int64_t>(taken.begin(), taken.begin() + 50).size(), 50u);
    }
}

TEST_P(GatherBatch, EachRowOnceAnEpoch) {
  for (const Shape shape :
       {Shape{1, 3, 1}, Shape{1, 1, 5}, Shape{2, 4, 3}, Shape{7, 10, 3}, Shape{64, 10, 64}, Shape{63, 5, 64},
        Shape{65, 16, 64}, Shape{100, 17, 200}, Shape{442, 10, 64}, Shape{442, 10, 1000}, Shape{500, 1, 129},
        Shape{1000, 33, 2500}}) {
    SCOPED_TRACE(testing::Message() << shape.rows << " rows of " << shape.width << ", batch " << shape.batch);
    const std::int64_t epochs = 4;
    const std::vector<std::int64_t> taken =
        rows_taken(shape, 11, 0, (epochs * shape.rows + shape.batch - 1) / shape.batch);
    for (std::int64_t epoch = 0; epoch < epochs; ++epoch) {
      const auto begin = taken.begin() + epoch * shape.rows;
      EXPECT_EQ(std::set<std::int64_t>(begin, begin + shape.rows).size(),
                static_cast<std::size_t>(shape.rows))
          << "epoch " << epoch;
    }
  }
}

TEST_P(GatherBatch, AFreshOrderEachEpochAndSeed) {
  const std::vector<std::int64_t> taken = rows_taken({100, 2, 100}, 11, 0, 3);
  const std::vector<std::int64_t> other = rows_taken({100, 2, 100}, 12, 0, 1);
  const auto agreements = [&](const std::int64_t* a, const std::int64_t* b) {
    int same = 0;
    for (int i = 0; i < 100; ++i) same += a[i] == b[i];
    return same;
  };
  EXPECT_LT(agreements(&taken[0], &taken[100]), 10);  // one, on average, for two independent orders
  EXPECT_LT(agreements(&taken[100], &taken[200]), 10);
  EXPECT_LT(agreements(&taken[0], &other[0]), 10);
  EXPECT_FALSE(std::is_sorted(taken.begin(), taken.begin() + 100));
}

TEST_P(GatherBatch, DependsOnTheStepAlone) {
  const Shape shape{442, 3, 64};
  const std::vector<std::int64_t> run = rows_taken(shape, 5, 0, 20);
  for (const std::int64_t step : {19, 7, 0, 6}) {
    const std::vector<std::int64_t> alone = rows_taken(shape, 5, static_cast<std::uint64_t>(step), 1);
    EXPECT_TRUE(std::equal(alone.begin(), alone.end(), run.begin() + step * 64)) << "step " << step;
  }
}

TEST_P(GatherBatch, TheBatchSizeOnlyCutsTheSequence) {
  const std::vector<std::int64_t> by_seven = rows_taken({50, 2, 7}, 5, 0, 30);
  const std::vector<std::int64_t> by_seventy = rows_taken({50, 2, 70}, 5, 0, 3);
  EXPECT_EQ(by_seven, by_seventy);
}

TEST_P(GatherBatch, LateInALongRun) {
  const Shape shape{100, 2, 64};
  const std::uint64_t late = 67'108'875;  // position 4'294'968'000: an epoch's first, and beyond 2^32
  const std::vector<std::int64_t> taken = rows_taken(shape, 5, late, 2);
  EXPECT_EQ(std::set<std::int64_t>(taken.begin(), taken.begin() + 100).size(), 100u);
}

TEST_P(GatherBatch, LargeBatches) {
  const std::vector<std::int64_t> taken = rows_taken({3001, 10, 9003}, 5, 0, 1);
  for (int epoch = 0; epoch < 3; ++epoch) {
    EXPECT_EQ(std::set<std::int64_t>(taken.begin() + epoch * 3001, taken.begin() + (epoch + 1) * 3001).size(),
              3001u);
  }
}

}  // namespace gather_batch_test
}  // namespace agon::test
