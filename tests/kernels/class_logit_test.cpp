// The logit of a row's class: against plain loops, and finite differences of a loss of all logits.
#include "kernels/class_logit.hpp"

#include <bit>

#include "tests/finite_differences.hpp"
#include "tests/kernels/linear_fixture.hpp"
#include "tests/kernels/replica_arena.hpp"

namespace agon::test {
namespace class_logit_test {

struct ClassCase {
  std::int64_t rows, classes, segment;
};

std::vector<std::int32_t> some_classes(const ClassCase& c, std::mt19937& generator) {
  std::vector<std::int32_t> chosen{static_cast<std::int32_t>(c.classes - 1)};  // the last one, too
  while (std::ssize(chosen) < c.segment)
    chosen.push_back(static_cast<std::int32_t>(generator() % static_cast<std::uint64_t>(c.classes)));
  return chosen;
}

class ClassLogitTest : public OnDevice {
 protected:
  void check(const ClassCase& c, std::mt19937& generator) {
    SCOPED_TRACE(testing::Message() << c.rows << " rows, " << c.classes << " classes, in " << c.segment);
    const std::int64_t width = 1 + c.classes;
    const std::vector<float> scores = numbers(c.rows * width, generator),
                             dlogits = numbers(c.rows, generator);
    const std::vector<std::int32_t> chosen = some_classes(c, generator);
    const auto logits = output<float>(static_cast<std::size_t>(c.rows));
    const auto dscores = output<float>(scores.size());
    const auto classes = input(chosen);
    kernels::class_logit(queue(), {.rows = c.rows,
                                   .classes = c.classes,
                                   .segment = c.segment,
                                   .chosen = classes.data(),
                                   .scores = input(scores).data(),
                                   .logits = logits.data()});
    kernels::class_logit_backward(queue(), {.rows = c.rows,
                                            .classes = c.classes,
                                            .segment = c.segment,
                                            .chosen = classes.data(),
                                            .dlogits = input(dlogits).data(),
                                            .dscores = dscores.data()});
    std::vector<double> expected, slopes;
    for (std::int64_t r = 0; r < c.rows; ++r) {
      std::vector<double> row(scores.begin() + r * width, scores.begin() + (r + 1) * width);
      const auto logit = [&] { return row[0] + row[static_cast<std::size_t>(chosen[r % c.segment]) + 1]; };
      expected.push_back(logit());
      for (const double slope : finite_differences(row, logit)) slopes.push_back(slope * double{dlogits[r]});
    }
    expect_near(logits.get(), expected, 1e-6, 1e-7);
    expect_near(dscores.get(), slopes, 1e-6, 1e-7);
    release();
  }
};
AGON_ON_EVERY_DEVICE(ClassLogitTest);

TEST_P(ClassLogitTest, IsTheFirstScoreAndThatOfTheClass) {
  std::mt19937 generator(1);
  for (const ClassCase& c : {ClassCase{1, 2, 1}, ClassCase{9, 3, 3}, ClassCase{130, 10, 65},
                             ClassCase{66, 31, 33}, ClassCase{12, 100, 12}, ClassCase{129, 2, 43}})
    check(c, generator);
}

class ClassLogitReplicas : public OnReplicas {};
AGON_ON_EVERY_DEVICE(ClassLogitReplicas);

TEST_P(ClassLogitReplicas, EachHasItsOwn) {
  std::mt19937 generator(2);
  std::vector<float> content(kReplicas * 512);
  for (float& value : content) value = std::uniform_real_distribution<float>(-1, 1)(generator);
  for (int r = 0; r < kReplicas; ++r)
    for (int i = 0; i < 10; ++i) content[r * 512 + i] = std::bit_cast<float>((i + r) % 4);
  const auto chosen = [](float* at) { return reinterpret_cast<const std::int32_t*>(at); };
  expect_replicas_as_alone(content, [&](QueueView view, float* at, int) {
    kernels::class_logit(view, {.rows = 20,
                                .classes = 4,
                                .segment = 10,
                                .chosen = chosen(at),
                                .scores = at + 64,
                                .logits = at + 192});
    kernels::class_logit_backward(view, {.rows = 20,
                                         .classes = 4,
                                         .segment = 10,
                                         .chosen = chosen(at),
                                         .dlogits = at + 192,
                                         .dscores = at + 256});
  });
}

}  // namespace class_logit_test
}  // namespace agon::test
