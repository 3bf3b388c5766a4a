// The classes of a batch are those of the rows that GatherBatch takes, wherever batch, pieces and epochs end.
#include "kernels/batch_classes.hpp"

#include "kernels/gather_batch.hpp"
#include "tests/kernels/device_fixture.hpp"
#include "tests/kernels/replica_arena.hpp"

namespace agon::test {
namespace batch_classes_test {

constexpr std::uint64_t kOrderSeed = 21;

struct ClassBatch {
  std::int64_t rows, batch, levels, width, of_step = 1, number = 0, first = 0, count = 0;
};

class BatchClassesTest : public OnDevice {
 protected:
  /// Columns before the one-hot ones are 0.25, and stay so.
  void check(const ClassBatch& c, std::uint64_t step) {
    SCOPED_TRACE(testing::Message() << c.rows << " rows, batch " << c.batch << ", " << c.levels
                                    << " classes, from " << c.first << " on, step " << step);
    std::vector<std::int32_t> classes;
    std::vector<float> names;  // of the rows
    for (std::int64_t row = 0; row < c.rows; ++row) {
      classes.push_back(static_cast<std::int32_t>((row * 7 + row / 5) % c.levels));
      names.push_back(static_cast<float>(row));
    }
    const auto counter = input<std::uint64_t>({step});
    kernels::BatchClasses op{.rows = c.rows,
                             .batch = c.batch,
                             .first = c.first,
                             .count = c.count,
                             .classes = input(classes).data(),
                             .levels = c.levels,
                             .width = c.width,
                             .seed = kOrderSeed,
                             .step = counter.data(),
                             .of_step = c.of_step,
                             .number = c.number};
    const auto wanted = static_cast<std::size_t>(op.wanted());
    const auto chosen = output<std::int32_t>(wanted);
    const auto out = inout(std::vector<float>(wanted * static_cast<std::size_t>(c.width), 0.25f));
    const auto taken = output<float>(wanted);
    op.chosen = chosen.data(), op.out = out.data();
    const auto chosen_again = output<std::int32_t>(wanted);
    const auto again = inout(std::vector<float>(out.size(), 0.25f));
    const bool twice = step % 2 == 1;
    if (twice) op.chosen_again = chosen_again.data(), op.again = again.data();
    kernels::batch_classes(queue(), op);
    kernels::gather_batch(queue(), {.rows = c.rows,
                                    .width = 1,
                                    .batch = c.batch,
                                    .first = c.first,
                                    .count = c.count,
                                    .table = input(names).data(),
                                    .out = taken.data(),
                                    .seed = kOrderSeed,
                                    .step = counter.data(),
                                    .of_step = c.of_step,
                                    .number = c.number});
    const std::vector<float> rows = taken.get(), columns = out.get();
    const std::vector<std::int32_t> got = chosen.get();
    for (std::size_t i = 0; i < wanted; ++i) {
      const std::int32_t its = classes[static_cast<std::size_t>(rows[i])];
      ASSERT_EQ(got[i], its) << i;
      for (std::int64_t column = 0; column < c.width; ++column) {
        const std::int64_t level = column - (c.width - c.levels);
        ASSERT_EQ(columns[i * static_cast<std::size_t>(c.width) + static_cast<std::size_t>(column)],
                  level < 0      ? 0.25f
                  : level == its ? 1.0f
                                 : 0.0f)
            << i << ", " << column;
      }
    }
    if (twice) {
      EXPECT_EQ(chosen_again.get(), got);
      EXPECT_EQ(again.get(), columns);
    }
    release();
  }
};
AGON_ON_EVERY_DEVICE(BatchClassesTest);

TEST_P(BatchClassesTest, AreThoseOfTheRowsThatAreTaken) {
  for (const std::uint64_t step : {0, 3, 1000}) {
    check({.rows = 50, .batch = 8, .levels = 3, .width = 5}, step);
    check({.rows = 7, .batch = 33, .levels = 2, .width = 2}, step);
    check({.rows = 1000, .batch = 64, .levels = 40, .width = 141, .of_step = 3, .number = 2}, step);
    check({.rows = 100, .batch = 129, .levels = 33, .width = 40, .first = 65, .count = 60}, step);
  }
}

/// Enough for several of the processor's threads.
TEST_P(BatchClassesTest, OfManyClasses) {
  check({.rows = 900, .batch = 700, .levels = 100, .width = 101}, 5);
}

class BatchClassesReplicas : public OnReplicas {};
AGON_ON_EVERY_DEVICE(BatchClassesReplicas);

TEST_P(BatchClassesReplicas, EachTakesItsOwnRows) {
  std::vector<std::int32_t> classes;
  for (int row = 0; row < 90; ++row) classes.push_back(row % 3);
  const auto of_rows = input(classes);
  const std::vector<float> content(kReplicas * 256);  // zeroes: of the steps' counters, too
  expect_replicas_as_alone(content, [&](QueueView view, float* at, int r) {
    const std::uint64_t seed = 5 + (view.replicas.count == 1 ? static_cast<std::uint64_t>(r) : 0);
    kernels::batch_classes(view, {.rows = 90,
                                  .batch = 33,
                                  .classes = of_rows.data(),
                                  .levels = 3,
                                  .chosen = reinterpret_cast<std::int32_t*>(at + 192),
                                  .out = at,
                                  .width = 5,
                                  .seed = seed,
                                  .step = reinterpret_cast<const std::uint64_t*>(at + 240)});
  });
}

}  // namespace batch_classes_test
}  // namespace agon::test
