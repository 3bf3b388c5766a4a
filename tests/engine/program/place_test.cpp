// Temporaries share memory where their lives allow it, and nowhere else.
#include "engine/program/place.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "engine/gan/step_program.hpp"
#include "kernels/linear.hpp"

namespace agon {
namespace place_test {

using kernels::LinearForward;

constexpr std::int64_t kRows = 64;  // of one column: a temporary of 256 bytes

/// A chain of layers, each of which reads what the one before has written.
struct Chain {
  Program program;
  std::array<float, kRows> first{}, last{};
  float weight = 1, bias = 0;

  void layer(const float* from, float* to) {
    program.add<kernels::linear_forward>(
        {.shape = {kRows, 1, 1}, .x = from, .weight = &weight, .bias = &bias, .y = to});
  }
  float* temporary(std::int64_t count = kRows) { return program.floats(count, {"temporary"}); }
};

TEST(Place, WhatIsOverMakesRoom) {
  Chain chain;
  float *const a = chain.temporary(), *const b = chain.temporary(), *const c = chain.temporary();
  chain.layer(chain.first.data(), a);
  chain.layer(a, b);
  chain.layer(b, c);
  chain.layer(c, chain.last.data());
  std::array<std::byte, 1024> memory{};
  const PlacedProgram placed = place(chain.program, memory.data());
  EXPECT_EQ(placed.bytes, 512);  // two at a time
  const auto& operations = placed.program.operations();
  const auto* const first = operations[0].as<LinearForward>()->y;
  EXPECT_EQ(static_cast<const void*>(first), memory.data());
  EXPECT_EQ(operations[1].as<LinearForward>()->x, first);
  EXPECT_NE(operations[1].as<LinearForward>()->y, first);
  EXPECT_EQ(operations[2].as<LinearForward>()->y, first);  // a is over
  EXPECT_EQ(operations[0].as<LinearForward>()->x, chain.first.data());
  EXPECT_EQ(operations[3].as<LinearForward>()->y, chain.last.data());
  EXPECT_TRUE(placed.program.temporaries().empty());
}

TEST(Place, WhatIsNeverTouchedTakesNoRoom) {
  Chain chain;
  chain.temporary(100'000);
  chain.layer(chain.first.data(), chain.last.data());
  EXPECT_EQ(place(chain.program, nullptr).bytes, 0);
}

TEST(Place, PartsStayParts) {
  Chain chain;
  float* const whole = chain.temporary(2 * kRows);
  chain.layer(chain.first.data(), whole + kRows);
  chain.layer(whole + kRows, chain.last.data());
  std::array<std::byte, 1024> memory{};
  const PlacedProgram placed = place(chain.program, memory.data());
  EXPECT_EQ(placed.bytes, 512);
  EXPECT_EQ(static_cast<const void*>(placed.program.operations()[0].as<LinearForward>()->y),
            memory.data() + 256);
}

/// The operation that last wrote what access `a` of operation `i` reads; -1 where none did, or where it only
/// writes.
std::ptrdiff_t writer_of(const Program& program, std::size_t i, std::size_t a) {
  const std::vector<Access> own = program.operations()[i].accesses();
  if (!own[a].reads()) return -1;
  const auto wrote = [&](const Access& access) { return access.writes() && access.overlaps(own[a]); };
  if (std::any_of(own.begin(), own.begin() + static_cast<std::ptrdiff_t>(a), wrote))
    return static_cast<std::ptrdiff_t>(i);
  for (std::size_t earlier = i; earlier-- > 0;)
    if (std::ranges::any_of(program.operations()[earlier].accesses(), wrote))
      return static_cast<std::ptrdiff_t>(earlier);
  return -1;
}

/// No two temporaries of the article's step that live at the same time overlap: what an operation reads is
/// what was last written at that place before placing, too.
TEST(Place, TheStepKeepsItsMeaning) {
  const Program step = step_program({}, 64, DeviceKind::cuda).program;
  std::vector<std::byte> memory(std::size_t{1} << 22);
  const PlacedProgram placed = place(step, memory.data());
  ASSERT_LT(placed.bytes, static_cast<std::int64_t>(memory.size()));
  std::int64_t asked = 0;
  for (const Temporary& temporary : step.temporaries()) asked += temporary.bytes;
  EXPECT_LT(placed.bytes, asked * 7 / 10);
  for (std::size_t i = 0; i < step.operations().size(); ++i)
    for (std::size_t a = 0; a < step.operations()[i].accesses().size(); ++a)
      EXPECT_EQ(writer_of(step, i, a), writer_of(placed.program, i, a)) << i << ", access " << a;
}

}  // namespace place_test
}  // namespace agon
