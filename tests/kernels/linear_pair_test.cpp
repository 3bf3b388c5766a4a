// Two layers with few columns between them, against the two layers one by one in double precision.
#include "kernels/linear_pair.hpp"

#include "tests/kernels/linear_oracle.hpp"

namespace agon::test {
namespace linear_pair_test {

struct PairCase {
  std::int64_t first_rows, offset, second_rows;  ///< of the buffer that both work on
  std::int64_t in, few, out;
};

std::ostream& operator<<(std::ostream& stream, const PairCase& c) {
  return stream << c.offset << " rows and " << c.first_rows << " of " << c.in << " -> " << c.few << ", "
                << c.second_rows << " -> " << c.out;
}

const PairCase kPairCases[] = {
    {8, 4, 8, 512, 10, 512},  // as a step of the article's network has them
    {1, 0, 1, 1, 1, 1},      {1, 1, 2, 3, 2, 5},   {6, 3, 6, 33, 10, 65}, {5, 7, 3, 20, 16, 40},
    {9, 2, 11, 31, 7, 300},  {4, 0, 2, 64, 4, 12}, {7, 5, 9, 40, 17, 24},  // not thin
};

class LinearPair : public OnDevice {};
AGON_ON_EVERY_DEVICE(LinearPair);

TEST_P(LinearPair, ForwardIsOneAfterTheOther) {
  std::mt19937 generator(1);
  for (const PairCase& c : kPairCases) {
    SCOPED_TRACE(testing::Message() << c);
    const Oracle first({c.first_rows, c.in, c.few}, generator);
    Oracle second({c.second_rows, c.few, c.out}, generator);
    const auto x = input(first.x), w1 = input(first.weight), b1 = input(first.bias);
    const auto w2 = input(second.weight), b2 = input(second.bias);
    const std::int64_t rows = std::max(c.offset + c.first_rows, c.second_rows);
    std::vector<float> middle = numbers(rows * c.few, generator);
    const auto buffer = inout(middle);
    const auto y = output<float>(static_cast<std::size_t>(c.second_rows * c.out));
    kernels::linear_pair_forward(queue(), {{.shape = first.shape,
                                            .x = x.data(),
                                            .weight = w1.data(),
                                            .bias = b1.data(),
                                            .y = buffer.data() + c.offset * c.few,
                                            .slope = 1.0f},
                                           {.shape = second.shape,
                                            .x = buffer.data(),
                                            .weight = w2.data(),
                                            .bias = b2.data(),
                                            .y = y.data(),
                                            .slope = 0.2f},
                                           c.offset});
    const std::vector<float> now = buffer.get();
    const auto written = now.begin() + c.offset * c.few;
    expect_sums({written, written + c.first_rows * c.few}, first.y(1.0), "middle", kFp32Tolerance);
    std::copy(written, written + c.first_rows * c.few, middle.begin() + c.offset * c.few);
    EXPECT_EQ(bits(now), bits(middle)) << "rows of the caller's were written";
    second.x.assign(middle.begin(), middle.begin() + c.second_rows * c.few);
    expect_sums(y.get(), second.y(static_cast<double>(0.2f)), "y", kFp32Tolerance);
    release();
  }
}

TEST_P(LinearPair, BackwardIsOneAfterTheOther) {
  std::mt19937 generator(2);
  for (const PairCase& c : kPairCases) {
    SCOPED_TRACE(testing::Message() << c);
    const Oracle second({c.first_rows, c.few, c.out}, generator);
    Oracle first({c.first_rows, c.in, c.few}, generator);
    const auto x2 = input(second.x), w2 = input(second.weight), dz = input(second.dz);
    const auto x1 = input(first.x), w1 = input(first.weight);
    const auto middle = output<float>(second.x.size()), dx = output<float>(first.x.size());
    kernels::linear_pair_backward(queue(), {{.shape = second.shape,
                                             .x = x2.data(),
                                             .weight = w2.data(),
                                             .dz = dz.data(),
                                             .dx = middle.data(),
                                             .input_slope = 1.0f},
                                            {.shape = first.shape,
                                             .x = x1.data(),
                                             .weight = w1.data(),
                                             .dz = middle.data(),
                                             .dx = dx.data(),
                                             .input_slope = 0.2f}});
    expect_sums(middle.get(), second.dx(1.0), "middle", kFp32Tolerance);
    first.dz = middle.get();
    expect_sums(dx.get(), first.dx(static_cast<double>(0.2f)), "dx", kFp32Tolerance);
    release();
  }
}

}  // namespace linear_pair_test
}  // namespace agon::test
