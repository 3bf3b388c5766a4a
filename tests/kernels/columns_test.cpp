// Columns copied and added, against plain loops, exactly.
#include "kernels/columns.hpp"

#include "tests/kernels/linear_fixture.hpp"
#include "tests/kernels/replica_arena.hpp"

namespace agon::test {
namespace columns_test {

using kernels::Columns;

class ColumnsTest : public OnDevice {
 protected:
  /// Columns [first_from, ...) of one matrix into columns [first_to, ...) of another.
  void check(std::int64_t rows, std::int64_t width, std::int64_t from_width, std::int64_t to_width,
             std::int64_t first_from, std::int64_t first_to) {
    SCOPED_TRACE(testing::Message() << rows << " x " << width << ", columns " << first_from << " of "
                                    << from_width << " into " << first_to << " of " << to_width);
    std::mt19937 generator(static_cast<unsigned>(rows * 1000 + width));
    const auto source = numbers(rows * from_width, generator), before = numbers(rows * to_width, generator),
               others = numbers(rows * to_width, generator);
    enum class Plus { none, itself, other };
    for (const Plus plus : {Plus::none, Plus::itself, Plus::other}) {
      const auto from = input(source), third = input(others);
      const auto to = inout(before);
      kernels::columns(queue(), {.rows = rows,
                                 .width = width,
                                 .from = from.data(),
                                 .from_width = from_width,
                                 .first_from = first_from,
                                 .to = to.data(),
                                 .to_width = to_width,
                                 .first_to = first_to,
                                 .adds = plus != Plus::none,
                                 .plus = {plus == Plus::other ? third.data() : nullptr}});
      std::vector<float> expected = before;
      for (std::int64_t r = 0; r < rows; ++r)
        for (std::int64_t c = 0; c < width; ++c) {
          const auto place = static_cast<std::size_t>(r * to_width + first_to + c);
          const float moved = source[static_cast<std::size_t>(r * from_width + first_from + c)];
          expected[place] = plus == Plus::none     ? moved
                            : plus == Plus::itself ? before[place] + moved
                                                   : others[place] + moved;
        }
      EXPECT_EQ(to.get(), expected) << static_cast<int>(plus);
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
          .rows = 10, .width = width, .from = at, .from_width = 12, .to = at + 128, .to_width = 8};
      kernels::columns(view, copy);
      Columns more = copy;
      more.to = at + 256, more.adds = true;
      kernels::columns(view, more);
      more.to = at + 384, more.plus = {at + 256};
      kernels::columns(view, more);
    });
}

}  // namespace columns_test
}  // namespace agon::test
