// The moves that a pass is made of: what they allow, and that they refuse what would change a program's
// meaning.
#include "engine/program/rewriter.hpp"

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <string>

#include "engine/program/check.hpp"
#include "kernels/activation.hpp"
#include "kernels/adam.hpp"
#include "kernels/dropout.hpp"
#include "kernels/linear.hpp"

namespace agon {
namespace rewriter_test {

using kernels::LinearBackward;
using kernels::LinearForward;

/// A layer 2 -> 3 on four rows, and room for another one's.
struct Layers {
  std::array<float, 64> x{}, y{}, z{}, weight{}, bias{}, dz{}, dx{}, gradient{}, moment1{}, moment2{};
  kernels::AdamState state{};

  Operation forward(const float* from, float* to) const {
    return Operation::of<kernels::linear_forward>(
        {.shape = {4, 2, 3}, .x = from, .weight = weight.data(), .bias = bias.data(), .y = to});
  }
  LinearBackward input_gradient() {
    return {.shape = {4, 2, 3}, .x = x.data(), .weight = weight.data(), .dz = dz.data(), .dx = dx.data()};
  }
  LinearBackward weight_gradient() {
    return {.shape = {4, 2, 3},
            .x = x.data(),
            .dz = dz.data(),
            .dweight = gradient.data(),
            .dbias = gradient.data() + 16};
  }
  kernels::Adam adam(std::int64_t n) {
    return {.n = n,
            .parameter = weight.data(),
            .gradient = gradient.data(),
            .moment1 = moment1.data(),
            .moment2 = moment2.data(),
            .state = &state};
  }
};

std::string refusal(const auto& change) {
  try {
    change();
  } catch (const std::logic_error& error) {
    return error.what();
  }
  return "none";
}

TEST(Rewriter, MovesPastWhatDoesNotDependOnIt) {
  Layers l;
  const Program program({l.forward(l.x.data(), l.y.data()), l.forward(l.x.data(), l.z.data())});
  Rewriter rewriter(program);
  rewriter.move(1, 0);
  EXPECT_EQ(rewriter[0].as<LinearForward>()->y, l.z.data());
  rewriter.move(0, 1);
  EXPECT_EQ(rewriter[0].as<LinearForward>()->y, l.y.data());
}

TEST(Rewriter, RefusesToMovePastWhatDoes) {
  Layers l;
  const Program reads({l.forward(l.x.data(), l.y.data()), l.forward(l.y.data(), l.z.data())});
  const Program overwrites({l.forward(l.y.data(), l.z.data()), l.forward(l.x.data(), l.y.data())});
  const Program same_place({l.forward(l.x.data(), l.z.data()), l.forward(l.y.data(), l.z.data())});
  for (const Program& program : {reads, overwrites, same_place}) {
    Rewriter rewriter(program);
    EXPECT_FALSE(rewriter.can_move(1, 0));
    EXPECT_FALSE(rewriter.can_move(0, 1));
    EXPECT_EQ(refusal([&] { rewriter.move(1, 0); }),
              "cannot change places, one depends on the other: linear_forward and linear_forward");
  }
}

TEST(Rewriter, MergesWhatDoesTheSame) {
  Layers l;
  const Program program({Operation::of<kernels::linear_backward>(l.input_gradient()),
                         Operation::of<kernels::linear_backward>(l.weight_gradient())});
  Rewriter rewriter(program);
  rewriter.merge(0, 2,
                 Operation::of<kernels::linear_backward_beside>({l.input_gradient(), l.weight_gradient()}));
  EXPECT_EQ(rewriter.size(), 1u);
  EXPECT_EQ(rewriter[0].name(), "linear_backward_beside");
}

TEST(Rewriter, RefusesAMergeThatDoesOtherWork) {
  Layers l;
  const Operation input = Operation::of<kernels::linear_backward>(l.input_gradient()),
                  weight = Operation::of<kernels::linear_backward>(l.weight_gradient());
  Rewriter rewriter(Program({input, weight}));
  EXPECT_EQ(refusal([&] { rewriter.merge(0, 2, weight); }),
            "do not write the same: linear_backward and linear_backward");
  Rewriter one(Program({weight}));
  LinearBackward added = l.weight_gradient();
  added.accumulate = true;
  EXPECT_EQ(refusal([&] { one.merge(0, 1, Operation::of<kernels::linear_backward>(added)); }),
            "do not read the same: linear_backward and linear_backward");
}

/// The weight is updated while the input's gradient is still being taken through it.
TEST(Rewriter, RefusesToDoAtOnceWhatDepends) {
  Layers l;
  LinearBackward updated = l.weight_gradient();
  updated.update = l.adam(32);
  Rewriter rewriter(Program({Operation::of<kernels::linear_backward>(l.input_gradient()),
                             Operation::of<kernels::linear_backward>(updated)}));
  EXPECT_EQ(
      refusal([&] {
        rewriter.merge(0, 2, Operation::of<kernels::linear_backward_beside>({l.input_gradient(), updated}));
      }),
      "cannot be done at once, one depends on the other: linear_backward_beside and "
      "linear_backward_beside");
}

TEST(Rewriter, SplitsIntoPiecesThatDoAllOfIt) {
  Layers l;
  kernels::Adam first = l.adam(16), second = l.adam(32);
  second.n = 16, second.parameter += 16, second.gradient += 16, second.moment1 += 16, second.moment2 += 16;
  const auto op = [](const kernels::Adam& adam) { return Operation::of<kernels::adam>(adam); };
  Rewriter rewriter(Program({op(l.adam(32))}));
  EXPECT_EQ(refusal([&] { rewriter.split(0, {op(first)}); }), "do not write the same: adam and adam");
  rewriter.split(0, {op(first), op(second)});
  EXPECT_EQ(rewriter.size(), 2u);
  EXPECT_EQ(rewriter[1].as<kernels::Adam>()->gradient, l.gradient.data() + 16);
}

/// Dropout and a derivative multiply the same numbers, in either order; a layer that reads them stays behind.
TEST(Rewriter, FactorsChangePlaces) {
  Layers l;
  const Operation dropped =
      Operation::of<kernels::dropout>({.rows = 4, .width = 2, .segment = 4, .x = l.x.data(), .random = {}});
  const Operation derivative =
      Operation::of<kernels::activation_backward>({.n = 8, .y = l.y.data(), .gradient = l.x.data()});
  Rewriter factors(Program({dropped, derivative}));
  EXPECT_TRUE(factors.can_move(1, 0));
  Rewriter read(Program({dropped, l.forward(l.x.data(), l.y.data())}));
  EXPECT_FALSE(read.can_move(1, 0));
}

TEST(Rewriter, BringsWholeTemporariesTogether) {
  Layers l;
  Program program;
  float *const a = program.floats(12, {"a"}), *const b = program.floats(12, {"b"});
  program.add<kernels::linear_forward>(*l.forward(l.x.data(), a).as<LinearForward>());
  program.add<kernels::linear_forward>(*l.forward(l.x.data(), b).as<LinearForward>());
  Rewriter rewriter(program);
  EXPECT_FALSE(rewriter.join(a, 40, b));           // not all of the first
  EXPECT_FALSE(rewriter.join(a, 48, l.y.data()));  // no temporary
  EXPECT_FALSE(rewriter.join(a, 48, a));
  ASSERT_TRUE(rewriter.join(a, 48, b));
  EXPECT_EQ(rewriter[1].as<LinearForward>()->y, rewriter[0].as<LinearForward>()->y + 12);
}

/// Of two layers in a row as one that leaves the middle out: only where nobody reads the middle later.
TEST(Rewriter, ForgetsATemporaryThatNobodyReads) {
  Layers l;
  Program program;
  float* const middle = program.floats(12, {"middle"});
  const Operation first = l.forward(l.x.data(), middle), second = l.forward(l.x.data(), l.z.data());
  Rewriter unread(program.with({first, second}));
  unread.merge(0, 2, second);
  EXPECT_EQ(unread.size(), 1u);
  Rewriter wanted(program.with({first, second, l.forward(middle, l.y.data())}));
  EXPECT_EQ(refusal([&] { wanted.merge(0, 2, second); }),
            "do not write the same: linear_forward and linear_forward");
}

TEST(CheckReads, FindsWhatNothingHasWritten) {
  Layers l;
  ByteRanges there;
  const auto add = [&](const auto& array) {
    there.add(reinterpret_cast<const std::byte*>(array.data()),
              reinterpret_cast<const std::byte*>(array.data() + array.size()));
  };
  add(l.x), add(l.weight), add(l.bias);
  const Operation first = l.forward(l.x.data(), l.y.data()), second = l.forward(l.y.data(), l.z.data());
  EXPECT_NO_THROW(check_reads(Program({first, second}), there));
  EXPECT_EQ(refusal([&] {
              check_reads(Program({second, first}), there);
            }),
            "linear_forward reads what nothing has written");
}

TEST(ByteRanges, GrowTogether) {
  const std::array<std::byte, 100> bytes{};
  const std::byte* const at = bytes.data();
  ByteRanges ranges;
  ranges.add(at + 10, at + 20);
  ranges.add(at + 30, at + 40);
  EXPECT_TRUE(ranges.covers(at + 10, at + 20));
  EXPECT_FALSE(ranges.covers(at + 10, at + 21));
  EXPECT_FALSE(ranges.covers(at + 15, at + 35));
  EXPECT_TRUE(ranges.covers(at + 25, at + 25));
  ranges.add(at + 20, at + 30);
  EXPECT_TRUE(ranges.covers(at + 10, at + 40));
  ranges.add(at + 5, at + 50);
  EXPECT_TRUE(ranges.covers(at + 5, at + 50));
  ByteRanges other;
  other.add(at + 6, at + 7);
  EXPECT_TRUE(ranges.covers(other));
  EXPECT_FALSE(other.covers(ranges));
}

}  // namespace rewriter_test
}  // namespace agon
