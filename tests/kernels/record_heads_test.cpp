// The heads of records: forward against plain loops, backward against finite differences of what it stands
// for.
#include "kernels/record_heads.hpp"

#include <bit>
#include <limits>

#include "kernels/formula/record_heads.hpp"
#include "tests/finite_differences.hpp"
#include "tests/kernels/linear_fixture.hpp"
#include "tests/kernels/record_case.hpp"
#include "tests/kernels/replica_arena.hpp"

namespace agon::test {
namespace record_heads_test {

namespace formula = kernels::formula;

using kernels::HeadChoice, kernels::NumberLink;

constexpr std::pair<HeadChoice, NumberLink> kKinds[] = {{HeadChoice::straight_through, NumberLink::rank},
                                                        {HeadChoice::straight_through, NumberLink::tanh},
                                                        {HeadChoice::gumbel, NumberLink::rank},
                                                        {HeadChoice::gumbel, NumberLink::tanh}};

double temperature(const RecordCase& c) { return c.soft() ? 0.2 : 0.7; }

double normal_cdf(double x) { return std::erfc(-x / std::sqrt(2.0)) / 2; }
double linked(NumberLink link, double score) {
  return link == NumberLink::rank ? normal_cdf(score) : (1 + std::tanh(score)) / 2;
}

/// Of heads whose levels are `one_hot`, with gates as the levels say.
std::vector<double> encoded(const RecordCase& c, const std::vector<double>& one_hot, const double* scores) {
  std::vector<double> row = one_hot;
  for (std::int64_t q = 0; q < c.numbers(); ++q) {
    const double gate = c.gates[q] < 0 ? 1 : one_hot[c.gates[q]];
    for (const double column : number_columns(linked(c.link, scores[c.levels() + q]), c.link))
      row.push_back(gate * column);
  }
  return row;
}

std::vector<double> chosen_levels(const RecordCase& c, const float* scores) {
  std::vector<double> one_hot(static_cast<std::size_t>(c.levels()));
  for (std::size_t h = 0; h < c.heads.size(); ++h) {
    const std::int32_t first = c.head_first()[h];
    one_hot[first + highest(scores + first, c.heads[h])] = 1;
  }
  return one_hot;
}

std::vector<double> soft_levels(const RecordCase& c, const double* scores) {
  std::vector<double> p;
  std::int64_t first = 0;
  for (const int levels : c.heads) {
    const double top = *std::max_element(scores + first, scores + first + levels);
    double sum = 0;
    for (int j = 0; j < levels; ++j) sum += std::exp((scores[first + j] - top) / temperature(c));
    for (int j = 0; j < levels; ++j) p.push_back(std::exp((scores[first + j] - top) / temperature(c)) / sum);
    first += levels;
  }
  return p;
}

/// What the forward pass makes of the levels.
std::vector<double> shown_levels(const RecordCase& c, const float* scores) {
  const std::vector<double> wide(scores, scores + c.scores());
  return c.soft() ? soft_levels(c, wide.data()) : chosen_levels(c, scores);
}

std::vector<double> as_double(const float* values, std::int64_t n) { return {values, values + n}; }

bool near_a_knot(float score) {
  const double at = 16 * normal_cdf(static_cast<double>(score));
  return std::abs(at - std::round(at)) < 0.02;
}

/// Random scores, whose numbers lie off the knots: there the hats have no derivative.
std::vector<float> off_the_knots(const RecordCase& c, std::int64_t rows, std::mt19937& generator) {
  std::normal_distribution<float> normal;
  std::vector<float> scores = numbers(rows * c.scores(), generator);
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t q = 0; q < c.numbers(); ++q) {
      float& score = scores[r * c.scores() + c.levels() + q];
      while (near_a_knot(score)) score = normal(generator);
    }
  return scores;
}

/// Gradients by the scores of one row by the definition, in closed form.
std::vector<double> plain_backward(const RecordCase& c, const float* scores, const float* dy) {
  const std::vector<double> wide = as_double(scores, c.scores()), p = soft_levels(c, wide.data());
  const std::vector<double> hard = chosen_levels(c, scores);
  std::vector<double> d = as_double(dy, c.levels()), by_number;
  for (std::int64_t q = 0; q < c.numbers(); ++q) {
    const double score = wide[c.levels() + q], u = linked(c.link, score);
    const float* const back = dy + c.levels() + q * c.number_width();
    const std::vector<double> columns = number_columns(u, c.link);
    const auto knot = static_cast<int>(16 * u);
    const bool hats = c.link == NumberLink::rank;
    const double by_u = hats ? 16 * (double{back[knot + 1]} - double{back[knot]}) + 2 * double{back[17]}
                             : 2 * double{back[0]};
    const double density = hats ? std::exp(-score * score / 2) / std::sqrt(2 * std::acos(-1.0))
                                : (1 - std::tanh(score) * std::tanh(score)) / 2;
    const std::int32_t gate = c.gates[q];
    by_number.push_back(gate >= 0 && hard[gate] == 0 ? 0 : by_u * density);
    if (gate < 0) continue;
    for (std::size_t k = 0; k < columns.size(); ++k) d[gate] += double{back[k]} * columns[k];
  }
  std::int64_t first = 0;
  for (const int levels : c.heads) {
    double mean = 0;
    for (std::int64_t j = first; j < first + levels; ++j) mean += p[j] * d[j];
    for (std::int64_t j = first; j < first + levels; ++j) d[j] = p[j] * (d[j] - mean) / temperature(c);
    first += levels;
  }
  d.insert(d.end(), by_number.begin(), by_number.end());
  return d;
}

class RecordHeadsTest : public OnRecords {
 protected:
  std::vector<float> forward(const RecordCase& c, std::int64_t rows, const std::vector<float>& scores) {
    const auto y = output<float>(static_cast<std::size_t>(rows * c.width()));
    kernels::record_heads(
        queue(), {.rows = rows, .shape = shape_of(c), .scores = input(scores).data(), .y = y.data()});
    return y.get();
  }

  std::vector<float> backward(const RecordCase& c, std::int64_t rows, const std::vector<float>& scores,
                              const std::vector<float>& dy) {
    const auto dscores = output<float>(scores.size());
    kernels::record_heads_backward(queue(), {.rows = rows,
                                             .shape = shape_of(c),
                                             .scores = input(scores).data(),
                                             .dy = input(dy).data(),
                                             .dscores = dscores.data()});
    return dscores.get();
  }

  void check(const RecordCase& c, std::int64_t rows, std::mt19937& generator) {
    SCOPED_TRACE(testing::Message() << rows << " rows, " << c.heads.size() << " heads of " << c.levels()
                                    << " levels, " << c.numbers() << " numbers");
    const std::vector<float> scores = off_the_knots(c, rows, generator);
    const std::vector<float> dy = numbers(rows * c.width(), generator);
    std::vector<double> expected, gradients;
    for (std::int64_t r = 0; r < rows; ++r) {
      const float* const row = scores.data() + r * c.scores();
      const auto wide = as_double(row, c.scores());
      const auto y = encoded(c, shown_levels(c, row), wide.data());
      const auto back = plain_backward(c, row, dy.data() + r * c.width());
      expected.insert(expected.end(), y.begin(), y.end());
      gradients.insert(gradients.end(), back.begin(), back.end());
    }
    expect_near(forward(c, rows, scores), expected, 4e-6);
    expect_near(backward(c, rows, scores, dy), gradients, 2e-5, 2e-6);
    release();
  }

  /// By scores of numbers, of the very forward pass; by logits, of the one with a softmax in the place of the
  /// choice, of levels and gates alike.
  void check_differences(const RecordCase& c, std::mt19937& generator) {
    constexpr std::int64_t kRows = 3;
    const std::vector<float> scores = off_the_knots(c, kRows, generator);
    const std::vector<float> dy = numbers(kRows * c.width(), generator);
    std::vector<double> expected;
    for (std::int64_t r = 0; r < kRows; ++r) {
      std::vector<double> at = as_double(scores.data() + r * c.scores(), c.scores());
      const std::vector<double> hard = shown_levels(c, scores.data() + r * c.scores());
      const auto weighed = [&](const std::vector<double>& y) {
        double sum = 0;
        for (std::size_t i = 0; i < y.size(); ++i) sum += y[i] * double{dy[r * c.width() + i]};
        return sum;
      };
      const auto soft =
          finite_differences(at, [&] { return weighed(encoded(c, soft_levels(c, at.data()), at.data())); });
      const auto exact = finite_differences(at, [&] { return weighed(encoded(c, hard, at.data())); });
      expected.insert(expected.end(), soft.begin(), soft.begin() + c.levels());
      expected.insert(expected.end(), exact.begin() + c.levels(), exact.end());
    }
    expect_near(backward(c, kRows, scores, dy), expected, 2e-5, 2e-6);
    release();
  }
};
AGON_ON_EVERY_DEVICE(RecordHeadsTest);

TEST_P(RecordHeadsTest, EqualPlainLoops) {
  std::mt19937 generator(1);
  const std::vector<std::vector<int>> layouts = {
      {2}, {3}, {33}, {300}, {}, {2, 2, 2, 2, 2}, {31, 32, 33}, {60, 4, 1, 64, 65, 3, 300, 2}};
  for (const auto& heads : layouts)
    for (const int count : {0, 1, 5, 33, 70}) {
      if (heads.empty() && count == 0) continue;
      for (const std::int64_t rows : {1, 3, 16, 36}) {
        const RecordCase c = RecordCase::with(heads, count, generator);
        check(c, rows, generator);
        for (const auto& [choice, link] : kKinds)
          if (count % 5 == 0 && rows % 3 == 0) check(c.of(choice, link), rows, generator);
      }
    }
}

/// Heads of more levels than anything is made for, and rows for several of the processor's threads.
TEST_P(RecordHeadsTest, OfManyLevelsAndRows) {
  std::mt19937 generator(2);
  check(RecordCase::with({2, 5000, 3}, 2, generator), 7, generator);
  check(RecordCase::with({65535}, 1, generator), 2, generator);
  check(RecordCase::with({7, 2, 16, 7}, 5, generator), 401, generator);
  for (const std::vector<int>& heads : {std::vector<int>{2, 700, 3}, {7, 2, 16, 7}})
    check(RecordCase::with(heads, 2, generator).of(HeadChoice::gumbel, NumberLink::tanh), 37, generator);
}

/// More numbers of a gate than a warp has lanes.
TEST_P(RecordHeadsTest, ManyNumbersOfOneGate) {
  std::mt19937 generator(6);
  RecordCase c{{2, 3}, {}};
  for (int q = 0; q < 100; ++q) c.gates.push_back(q % 3 == 0 ? -1 : q % 3 + 1);
  check(c, 5, generator);
}

TEST_P(RecordHeadsTest, OfNoRows) {
  EXPECT_TRUE(forward({{3}, {1}}, 0, {}).empty());
  EXPECT_TRUE(backward({{3}, {1}}, 0, {}, {}).empty());
}

TEST_P(RecordHeadsTest, TheFirstOfEqualsIsChosenAndNaNNever) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity(), kNone = -kInfinity;
  const float nan = std::nanf("");
  const RecordCase c{{3, 40}, {}};
  std::vector<float> scores(43 * 5, 1.0f);
  const auto set = [&](int row, const std::vector<float>& three, const std::vector<int>& equal) {
    std::copy(three.begin(), three.end(), scores.begin() + row * 43);
    for (const int level : equal) scores[row * 43 + 3 + level] = 2.0f;
  };
  set(0, {5, 5, 5}, {});
  set(1, {-0.0f, 0.0f, kNone}, {39, 7, 38});
  set(2, {kNone, kNone, kNone}, {33, 1, 32});
  set(3, {nan, kNone, 3}, {32, 31});
  set(4, {1, nan, kInfinity}, {39});
  scores[4 * 43 + 3 + 5] = nan;
  const std::vector<float> y = forward(c, 5, scores);
  const int expected[5][2] = {{0, 0}, {0, 7}, {0, 1}, {2, 31}, {2, 39}};
  for (int r = 0; r < 5; ++r)
    for (int j = 0; j < 43; ++j)
      EXPECT_EQ(y[r * 43 + j], (j < 3 ? j == expected[r][0] : j - 3 == expected[r][1]) ? 1.0f : 0.0f)
          << "row " << r << " column " << j;
}

/// Ranks of any score lie in [0, 1], where the hats add up to 1.
TEST_P(RecordHeadsTest, ExtremeScores) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const std::vector<float> scores{-kInfinity, -1e30f, -14.0f, -13.0f, -5.0f, -1e-30f,  0.0f,
                                  1e-30f,     5.0f,   6.0f,   14.0f,  1e30f, kInfinity};
  const auto rows = static_cast<std::int64_t>(scores.size());
  const std::vector<float> y = forward({{}, {-1}}, rows, scores);
  std::vector<double> expected;
  for (const float score : scores)
    for (const double column : number_columns(normal_cdf(static_cast<double>(score))))
      expected.push_back(column);
  expect_near(y, expected, 3e-6);
  EXPECT_EQ(y[0], 1.0f);
  EXPECT_EQ(y[(rows - 1) * 18 + 16], 1.0f);
  for (const float gradient : backward({{}, {-1}}, rows, scores, std::vector<float>(y.size(), 1.0f)))
    EXPECT_TRUE(gradient >= 0 && gradient < 1) << gradient;
}

/// The formula here is another compilation of it.
TEST_P(RecordHeadsTest, TheSameBitsOnEveryDevice) {
  std::mt19937 generator(3);
  const RecordCase c{{}, std::vector<std::int32_t>(10, -1)};
  std::vector<float> scores = numbers(10 * 401, generator), expected;
  for (float& score : scores) score *= 2;
  for (const float score : scores) {
    const float u = formula::score_rank(score).u;
    for (int k = 0; k < 18; ++k) expected.push_back(formula::number_column(u, formula::rank_place(u), k));
  }
  EXPECT_EQ(bits(forward(c, 401, scores)), bits(expected));
}

TEST_P(RecordHeadsTest, GradientsMatchFiniteDifferences) {
  std::mt19937 generator(4);
  for (const auto& heads : std::vector<std::vector<int>>{{2}, {3, 33, 2}, {}})
    for (const int count : {1, 6}) {
      const RecordCase any = RecordCase::with(heads, count, generator);
      for (const auto& [choice, link] : kKinds) check_differences(any.of(choice, link), generator);
    }
}

class RecordHeadsReplicas : public OnReplicas {};
AGON_ON_EVERY_DEVICE(RecordHeadsReplicas);

/// Where the heads begin, and which levels are gates, is a replica's own, too.
TEST_P(RecordHeadsReplicas, EachHasItsOwn) {
  std::mt19937 generator(5);
  constexpr std::int64_t kStride = 1280, kRows = 5;
  std::vector<float> content = numbers(kReplicas * kStride, generator);
  const std::int32_t layout[kReplicas][6] = {{0, 3, 7, 1, -1, 4}, {0, 2, 7, 6, 0, -1}, {0, 5, 7, 2, 2, 2}};
  for (int r = 0; r < kReplicas; ++r)
    for (int i = 0; i < 6; ++i) content[r * kStride + i] = std::bit_cast<float>(layout[r][i]);
  expect_replicas_as_alone(content, [&](QueueView view, float* at, int) {
    const auto* const first = reinterpret_cast<const std::int32_t*>(at);
    const kernels::RecordShape shape{
        .heads = 2, .levels = 7, .numbers = 3, .head_first = first, .gate = first + 3};
    kernels::record_heads(view, {.rows = kRows, .shape = shape, .scores = at + 64, .y = at + 128});
    kernels::record_heads_backward(
        view, {.rows = kRows, .shape = shape, .scores = at + 64, .dy = at + 512, .dscores = at + 1024});
  });
}

}  // namespace record_heads_test
}  // namespace agon::test
