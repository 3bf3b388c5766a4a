// Conditions: the level and the row that Random123's words name, and how often each comes.
#include "kernels/draw_conditions.hpp"

#include <algorithm>
#include <bit>

#include "tests/kernels/condition_case.hpp"
#include "tests/kernels/random_oracle.hpp"
#include "tests/kernels/replica_arena.hpp"

namespace agon::test {
namespace draw_conditions_test {

using kernels::RandomPurpose;

constexpr std::uint64_t kDrawSeed = 77, kDrawStep = 12345;
constexpr std::uint32_t kDrawPurpose = 14;

/// A table of rows whose levels are `level`, (rows, heads), and its index.
struct IndexedTable {
  std::vector<std::int64_t> first{0};
  std::vector<std::uint32_t> rows;

  IndexedTable(const ConditionCase& c, const std::vector<int>& level) {
    const std::size_t heads = c.heads.size();
    for (std::size_t h = 0; h < heads; ++h)
      for (int l = 0; l < c.heads[h]; ++l) {
        for (std::size_t row = 0; row < level.size() / heads; ++row)
          if (level[row * heads + h] == l) rows.push_back(static_cast<std::uint32_t>(row));
        first.push_back(static_cast<std::int64_t>(rows.size()));
      }
  }
};

struct Conditions {
  std::vector<float> out;
  std::vector<std::int32_t> chosen;
  std::vector<std::uint32_t> source;
};

class DrawConditionsTest : public OnConditions {
 protected:
  /// Into rows of `width` columns that are 0.25.
  Conditions draw(const ConditionCase& c, const IndexedTable& table, std::int64_t rows, std::int64_t width,
                  std::int64_t first = 0) {
    const auto out = inout(std::vector<float>(static_cast<std::size_t>(rows * width), 0.25f));
    const auto chosen = output<std::int32_t>(static_cast<std::size_t>(rows));
    const auto source = output<std::uint32_t>(static_cast<std::size_t>(rows));
    kernels::draw_conditions(queue(), {.rows = rows,
                                       .shape = shape_of(c),
                                       .out = out.data(),
                                       .width = width,
                                       .chosen = chosen.data(),
                                       .table = {input(table.first).data(), input(table.rows).data(),
                                                 static_cast<std::int64_t>(table.rows.size())},
                                       .source = source.data(),
                                       .first = first,
                                       .random = {kDrawSeed, RandomPurpose::conditions,
                                                  input<std::uint64_t>({kDrawStep}).data()}});
    Conditions got{out.get(), chosen.get(), source.get()};
    release();
    return got;
  }

  static std::uint32_t word(std::int64_t row, std::uint64_t which) {
    return stream_word(kDrawSeed, kDrawPurpose, kDrawStep, 4 * static_cast<std::uint64_t>(row) + which);
  }
};
AGON_ON_EVERY_DEVICE(DrawConditionsTest);

const ConditionCase kThree{{3, 1, 40}, {0, 3, 7}, {{0.5, 0.25, 0.25}, {1}, std::vector<double>(40, 0.025)}};

/// 100 rows, in which every level occurs.
std::vector<int> levels_of_rows() {
  std::vector<int> level;
  for (int row = 0; row < 100; ++row) level.insert(level.end(), {row % 3, 0, row * 7 % 40});
  return level;
}

TEST_P(DrawConditionsTest, AreWhatTheWordsName) {
  const std::vector<int> level = levels_of_rows();
  const IndexedTable table(kThree, level);
  const std::vector<std::int32_t> first = kThree.first();
  for (const std::int64_t rows : {1, 3, 70, 5000})
    for (const std::int64_t width : {44, 51}) {
      const Conditions got = draw(kThree, table, rows, width, 9);
      for (std::int64_t r = 0; r < rows; ++r) {
        const auto head = static_cast<std::size_t>(word(9 + r, 0) * 0x1p-32 * 3);
        std::int32_t l = first[head];
        double below = kThree.share[head][0];
        while (word(9 + r, 1) * 0x1p-32 >= below + 1e-9 && l + 1 < first[head + 1])
          below += kThree.share[head][static_cast<std::size_t>(++l - first[head])];
        ASSERT_EQ(got.chosen[r], l) << r;
        const auto begin = static_cast<std::size_t>(table.first[l]),
                   end = static_cast<std::size_t>(table.first[l + 1]);
        const double place = (word(9 + r, 2) + word(9 + r, 3) * 0x1p-32) * 0x1p-32;
        ASSERT_EQ(got.source[r],
                  table.rows[begin + static_cast<std::size_t>(place * static_cast<double>(end - begin))]);
        ASSERT_EQ(level[got.source[r] * 3 + head], l - first[head]);
        for (std::int64_t column = 0; column < width; ++column) {
          const std::int64_t at = column - (width - 44);
          ASSERT_EQ(got.out[r * width + column], at < 0 ? 0.25f : at == l ? 1.0f : 0.0f) << column;
        }
      }
    }
}

/// Heads alike, levels by their shares, none with no share, and each row of a level alike.
TEST_P(DrawConditionsTest, ComeAsOftenAsTheyShould) {
  const ConditionCase c{{2, 5}, {0, 2}, {{0.9, 0.1}, {0, 0.7, 0, 0.3, 0}}};
  ConditionCase ends = c;
  std::vector<int> level;
  for (int row = 0; row < 60; ++row) level.insert(level.end(), {row % 2, row % 3 == 0 ? 3 : 1});
  constexpr std::int64_t kDraws = 40000;
  ends.share[1] = {0, 0.7, 0, 0.3, 0};
  auto thresholds = ends.threshold();
  ASSERT_EQ(thresholds[2], 0u);
  ASSERT_EQ(thresholds[5], 1u << 31);  // what has no share comes behind the whole
  const Conditions got = draw(c, IndexedTable(c, level), kDraws, 7);
  std::vector<double> levels(7), rows(60);
  for (std::int64_t r = 0; r < kDraws; ++r)
    levels[static_cast<std::size_t>(got.chosen[r])] += 1.0 / kDraws, rows[got.source[r]] += 1.0 / kDraws;
  const double expected[] = {0.45, 0.05, 0, 0.35, 0, 0.15, 0};
  for (std::size_t l = 0; l < 7; ++l)
    EXPECT_NEAR(levels[l], expected[l], 4 * std::sqrt(expected[l] / kDraws)) << l;
  for (std::size_t row = 0; row < 60; ++row) {
    const double share = (row % 2 == 0 ? 0.45 : 0.05) / 30 + (row % 3 == 0 ? 0.15 / 20 : 0.35 / 40);
    EXPECT_NEAR(rows[row], share, 5 * std::sqrt(share / kDraws)) << row;
  }
}

TEST_P(DrawConditionsTest, ARowsConditionDoesNotDependOnThePiece) {
  const IndexedTable table(kThree, levels_of_rows());
  const Conditions whole = draw(kThree, table, 20, 44), part = draw(kThree, table, 7, 44, 13);
  EXPECT_EQ(part.chosen, std::vector(whole.chosen.begin() + 13, whole.chosen.end()));
  EXPECT_EQ(part.source, std::vector(whole.source.begin() + 13, whole.source.end()));
}

class DrawConditionsReplicas : public OnReplicas {};
AGON_ON_EVERY_DEVICE(DrawConditionsReplicas);

TEST_P(DrawConditionsReplicas, EachDrawsItsOwn) {
  const auto first = input<std::int32_t>({0, 3}), score = input<std::int32_t>({0});
  const auto threshold = input<std::uint32_t>({1u << 29, 1u << 30, 1u << 31});
  expect_replicas_as_alone(std::vector<float>(kReplicas * 256, 0.5f), [&](QueueView view, float* at, int r) {
    const std::uint64_t seed = 5 + (view.replicas.count == 1 ? static_cast<std::uint64_t>(r) : 0);
    kernels::draw_conditions(view, {.rows = 33,
                                    .shape = {1, 3, first.data(), score.data(), threshold.data()},
                                    .out = at,
                                    .width = 5,
                                    .chosen = reinterpret_cast<std::int32_t*>(at + 192),
                                    .random = {seed, RandomPurpose::conditions, nullptr}});
  });
}

}  // namespace draw_conditions_test
}  // namespace agon::test
