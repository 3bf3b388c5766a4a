// Columns copied and added, against plain loops, exactly.
#include "kernels/columns.hpp"

#include "tests/kernels/linear_fixture.hpp"
#include "tests/kernels/replica_arena.hpp"

namespace agon::test {
namespace columns_test {

using kernels::Columns;

class ColumnsTest : public OnDevice {
 protected:
  /// Columns [from_first, ...) of one matrix into columns [to_first, ...) of another.
  void check(std::int64_t rows, std::int64_t width, std::int64_t from_stride, std::int64_t to_stride,
             std::int64_t from_first, std::int64_t to_first) {
    SCOPED_TRACE(testing::Message() << rows << " x " << width << ", columns " << from_first << " of "
                                    << from_stride << " into " << to_first << " of " << to_stride);
    std::mt19937 generator(static_cast<unsigned>(rows * 1000 + width));
    const auto source = numbers(rows * from_stride, generator), before = numbers(rows * to_stride, generator);
    for (const bool add : {false, true}) {
      const auto from = input(source);
      const auto to = inout(before);
      kernels::columns(queue(), {.rows = rows,
                                 .width = width,
                                 .from = from.data() + from_first,
                                 .from_stride = from_stride,
                                 .to = to.data() + to_first,
                                 .to_stride = to_stride,
                                 .add = add});
      std::vector<float> expected = before;
      for (std::int64_t r = 0; r < rows; ++r)
        for (std::int64_t c = 0; c < width; ++c) {
          float& value = expected[static_cast<std::size_t>(r * to_stride + to_first + c)];
          value = (add ? value : 0.0f) + source[static_cast<std::size_t>(r * from_stride + from_first + c)];
        }
      EXPECT_EQ(to.get(), expected) << add;
      release();
    }
  }
};
AGON_ON_EVERY_DEVICE(ColumnsTest);

TEST_P(ColumnsTest, EqualPlainLoops) {
  for (const std::int64_t rows : {0, 1, 2, 37})
    for (const std::int64_t width : {0, 1, 3, 4, 5, 64, 257}) {
      check(rows, width, width, width, 0, 0);
      check(rows, width, width + 3, width + 4, 0, 0);
      check(rows, width, width + 4, width + 5, 4, 5);
      check(rows, width, width + 2, width, 1, 0);
    }
}

/// Fours are possible but for one pointer or one stride.
TEST_P(ColumnsTest, OfUnalignedRows) {
  check(20, 8, 16, 16, 4, 8);
  check(20, 8, 16, 16, 1, 8);
  check(20, 8, 16, 16, 4, 2);
  check(20, 8, 17, 16, 0, 0);
  check(20, 8, 16, 18, 0, 0);
}

/// For several of the processor's threads.
TEST_P(ColumnsTest, ManyRows) { check(1030, 66, 70, 99, 1, 33); }

class ColumnsReplicas : public OnReplicas {};
AGON_ON_EVERY_DEVICE(ColumnsReplicas);

TEST_P(ColumnsReplicas, EachHasItsOwn) {
  std::mt19937 generator(2);
  for (const std::int64_t width : {4, 5})
    expect_replicas_as_alone(numbers(kReplicas * 512, generator), [&](QueueView view, float* at, int) {
      const Columns copy{
          .rows = 10, .width = width, .from = at, .from_stride = 12, .to = at + 128, .to_stride = 8};
      kernels::columns(view, copy);
      Columns more = copy;
      more.to = at + 256, more.add = true;
      kernels::columns(view, more);
    });
}

}  // namespace columns_test
}  // namespace agon::test
