// EncodeRecords: GatherBatch's rows, encoded as plain loops do, with ranks from Random123's own Philox.
#include "kernels/encode_records.hpp"

#include <bit>
#include <set>

#include "kernels/gather_batch.hpp"
#include "tests/kernels/random_oracle.hpp"
#include "tests/kernels/record_case.hpp"
#include "tests/kernels/replica_arena.hpp"

namespace agon::test {
namespace encode_records_test {

constexpr std::uint32_t kRankNoise = 10;

/// A table whose row r says so: the code of head 0 is r.
struct RecordTable {
  RecordCase layout;
  std::int64_t rows;
  std::vector<std::uint16_t> codes;
  std::vector<std::uint32_t> ranks;
  std::vector<float> cumulative;

  RecordTable(std::int64_t table_rows, std::vector<int> other_heads, int numbers, unsigned seed)
      : rows(table_rows) {
    std::mt19937 generator(seed);
    other_heads.insert(other_heads.begin(), static_cast<int>(rows));
    layout = RecordCase::with(std::move(other_heads), numbers, generator);
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::size_t h = 0; h < layout.heads.size(); ++h)
        codes.push_back(static_cast<std::uint16_t>(h == 0 ? r : generator() % layout.heads[h]));
      for (int q = 0; q < numbers; ++q) ranks.push_back(static_cast<std::uint32_t>(generator() % 50));
    }
    cumulative.push_back(0);
    for (int i = 0; i < 50; ++i)
      cumulative.push_back(cumulative.back() + static_cast<float>(1 + generator() % 9));
    for (float& share : cumulative) share /= cumulative.back();
  }
};

/// What of the table is wanted.
struct Wanted {
  std::int64_t batch;
  std::uint64_t seed = 3, step = 0;
  std::int64_t of_step = 1, number = 0, first = 0, count = 0;
};

class EncodeRecordsTest : public OnRecords {
 protected:
  std::vector<float> encode(const RecordTable& table, const Wanted& wanted) {
    kernels::EncodeRecords op{.shape = shape_of(table.layout),
                              .rows = table.rows,
                              .batch = wanted.batch,
                              .first = wanted.first,
                              .count = wanted.count,
                              .codes = input(table.codes).data(),
                              .ranks = input(table.ranks).data(),
                              .cumulative = input(table.cumulative).data(),
                              .cumulative_size = static_cast<std::int64_t>(table.cumulative.size()),
                              .seed = wanted.seed,
                              .step = input<std::uint64_t>({wanted.step}).data(),
                              .of_step = wanted.of_step,
                              .number = wanted.number};
    const auto out = output<float>(static_cast<std::size_t>(op.wanted() * table.layout.width()));
    op.out = out.data();
    kernels::encode_records(queue(), op);
    return out.get();
  }

  /// The rows that GatherBatch takes.
  std::vector<std::int64_t> gathered(const RecordTable& table, const Wanted& wanted) {
    std::vector<float> numbers;
    for (std::int64_t r = 0; r < table.rows; ++r) numbers.push_back(static_cast<float>(r));
    kernels::GatherBatch op{.rows = table.rows,
                            .width = 1,
                            .batch = wanted.batch,
                            .first = wanted.first,
                            .count = wanted.count,
                            .table = input(numbers).data(),
                            .seed = wanted.seed,
                            .step = input<std::uint64_t>({wanted.step}).data(),
                            .of_step = wanted.of_step,
                            .number = wanted.number};
    const auto out = output<float>(static_cast<std::size_t>(op.wanted()));
    op.out = out.data();
    kernels::gather_batch(queue(), op);
    const std::vector<float> rows = out.get();
    return {rows.begin(), rows.end()};
  }

  /// What encode() must give, to the rounding of a float.
  static std::vector<double> plain(const RecordTable& table, const Wanted& wanted,
                                   const std::vector<std::int64_t>& rows) {
    const RecordCase& c = table.layout;
    const auto first = c.head_first();
    std::vector<double> out;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      std::vector<double> row(static_cast<std::size_t>(c.levels()));
      for (std::size_t h = 0; h < c.heads.size(); ++h)
        row[first[h] + table.codes[rows[i] * c.heads.size() + h]] = 1;
      for (std::int64_t q = 0; q < c.numbers(); ++q) {
        const std::int64_t position = wanted.number * wanted.batch + wanted.first + std::int64_t(i);
        const auto word = stream_word(wanted.seed, kRankNoise, wanted.step,
                                      static_cast<std::uint64_t>(position * c.numbers() + q));
        const std::uint32_t rank = table.ranks[rows[i] * c.numbers() + q];
        const double low = table.cumulative[rank], high = table.cumulative[rank + 1];
        const double u = low + (word >> 8) * 0x1p-24 * (high - low);
        const bool open = c.gates[q] < 0 || row[c.gates[q]] == 1;
        for (const double column : number_columns(u, c.link)) row.push_back(open ? column : 0);
      }
      out.insert(out.end(), row.begin(), row.end());
    }
    return out;
  }

  void check(const RecordTable& table, const Wanted& wanted) {
    SCOPED_TRACE(testing::Message() << table.rows << " rows, " << table.layout.heads.size() << " heads, "
                                    << table.layout.numbers() << " numbers, batch " << wanted.batch
                                    << ", step " << wanted.step);
    const std::vector<std::int64_t> rows = gathered(table, wanted);
    expect_near(encode(table, wanted), plain(table, wanted, rows), 4e-6);
    release();
  }
};
AGON_ON_EVERY_DEVICE(EncodeRecordsTest);

TEST_P(EncodeRecordsTest, EqualsPlainLoops) {
  for (const auto& heads : std::vector<std::vector<int>>{{}, {2}, {3, 33, 2}, {300, 2}, {5000}})
    for (const int numbers : {0, 1, 5, 33, 70})
      for (const std::int64_t batch : {1, 3, 4, 17, 70})
        check({41, heads, numbers, 1}, {.batch = batch, .step = 5});
}

TEST_P(EncodeRecordsTest, OfLinkTanhHasOneColumnANumber) {
  for (const int numbers : {1, 33, 70}) {
    RecordTable table(41, {3, 5}, numbers, 8);
    table.layout.link = kernels::NumberLink::tanh;
    for (const std::int64_t batch : {3, 70}) check(table, {.batch = batch, .step = 5});
  }
}

/// Enough for several of the processor's threads.
TEST_P(EncodeRecordsTest, LargeBatches) { check({301, {7, 2, 40}, 6, 2}, {.batch = 701, .step = 1}); }

TEST_P(EncodeRecordsTest, LateInALongRunAndOfSeveralBatchesAStep) {
  const RecordTable table(100, {4}, 3, 3);
  check(table, {.batch = 64, .step = (std::uint64_t{1} << 33) + 5});
  for (const std::int64_t number : {0, 1, 2})
    check(table, {.batch = 64, .seed = std::uint64_t{7} << 40, .step = 9, .of_step = 3, .number = number});
}

TEST_P(EncodeRecordsTest, PartsAddUpToTheBatch) {
  const RecordTable table(50, {5, 3}, 4, 4);
  const Wanted whole{.batch = 37, .step = 2, .of_step = 2, .number = 1};
  std::vector<float> parts;
  for (const auto& [first, count] : {std::pair{0, 1}, {1, 20}, {21, 0}}) {
    Wanted part = whole;
    part.first = first, part.count = count;
    const std::vector<float> rows = encode(table, part);
    parts.insert(parts.end(), rows.begin(), rows.end());
  }
  EXPECT_EQ(bits(parts), bits(encode(table, whole)));
}

/// And what is beside the record stays as it was.
TEST_P(EncodeRecordsTest, OfRowsThatAreNamed) {
  const RecordTable table(50, {5, 3}, 4, 9);
  for (const std::int64_t batch : {1, 70, 301}) {
    std::vector<std::uint32_t> source;
    for (std::int64_t r = 0; r < batch; ++r) source.push_back(static_cast<std::uint32_t>(r * 17 % 50));
    kernels::RecordShape shape = shape_of(table.layout);
    shape.beside = 3;
    const auto out = inout(std::vector<float>(static_cast<std::size_t>(batch * shape.width()), 0.75f));
    const Wanted wanted{.batch = batch, .step = 4};
    kernels::encode_records(queue(), {.shape = shape,
                                      .rows = table.rows,
                                      .batch = batch,
                                      .codes = input(table.codes).data(),
                                      .ranks = input(table.ranks).data(),
                                      .cumulative = input(table.cumulative).data(),
                                      .cumulative_size = static_cast<std::int64_t>(table.cumulative.size()),
                                      .source = input(source).data(),
                                      .out = out.data(),
                                      .seed = wanted.seed,
                                      .step = input<std::uint64_t>({wanted.step}).data()});
    const std::vector<double> records = plain(table, wanted, {source.begin(), source.end()});
    std::vector<double> expected;
    for (std::int64_t r = 0; r < batch; ++r) {
      const auto first = records.begin() + r * table.layout.width();
      expected.insert(expected.end(), first, first + table.layout.width());
      expected.insert(expected.end(), {0.75, 0.75, 0.75});
    }
    expect_near(out.get(), expected, 4e-6);
    release();
  }
}

TEST_P(EncodeRecordsTest, EachRowOnceAnEpoch) {
  const RecordTable table(100, {}, 1, 5);
  std::vector<std::int64_t> taken;
  for (std::uint64_t step = 0; step < 30; ++step) {
    const std::vector<float> out = encode(table, {.batch = 20, .step = step});
    for (int i = 0; i < 20; ++i) {
      const float* const row = out.data() + i * table.layout.width();
      taken.push_back(std::find(row, row + 100, 1.0f) - row);
    }
  }
  for (int epoch = 0; epoch < 6; ++epoch)
    EXPECT_EQ(std::set<std::int64_t>(taken.begin() + epoch * 100, taken.begin() + (epoch + 1) * 100).size(),
              100u);
}

/// Fresh for every draw of a row, and uniform in its interval (Kolmogorov and Smirnov's test).
TEST_P(EncodeRecordsTest, RanksAreUniformInTheirInterval) {
  RecordTable table(3, {}, 2, 6);
  table.layout.gates = {-1, -1};
  std::fill(table.ranks.begin(), table.ranks.end(), 1);
  table.cumulative = {0, 0.25f, 0.75f, 1};
  std::vector<double> ranks;
  for (std::uint64_t step = 0; step < 4; ++step) {
    const std::vector<float> out = encode(table, {.batch = 500, .step = step});
    for (std::size_t i = 0; i < 500; ++i)
      for (const std::size_t q : {0, 1})
        ranks.push_back(double{out[i * 39 + 3 + q * 18 + 17]} + 0.5);  // from 2u - 1 in [-0.5, 0.5]
  }
  std::sort(ranks.begin(), ranks.end());
  double distance = 0;
  const auto n = static_cast<double>(ranks.size());
  for (std::size_t i = 0; i < ranks.size(); ++i)
    distance = std::max(distance, std::abs(ranks[i] - (static_cast<double>(i) + 0.5) / n) + 0.5 / n);
  EXPECT_LT(distance, 1.63 / std::sqrt(n));  // its 1% point
  EXPECT_GT(std::set<double>(ranks.begin(), ranks.end()).size(), 3990u);
}

/// Multiply-adds by the C library.
TEST_P(EncodeRecordsTest, TheSameBitsOnEveryDevice) {
  RecordTable table(37, {}, 7, 7);
  std::fill(table.layout.gates.begin(), table.layout.gates.end(), -1);
  const Wanted wanted{.batch = 37, .step = 3};
  const std::vector<std::int64_t> rows = gathered(table, wanted);
  const std::vector<float> out = encode(table, wanted);
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t q = 0; q < 7; ++q) {
      const std::uint32_t rank = table.ranks[rows[i] * 7 + q];
      const float low = table.cumulative[rank], high = table.cumulative[rank + 1];
      const auto share = static_cast<float>(stream_word(3, kRankNoise, 3, i * 7 + q) >> 8) * 0x1p-24f;
      const float u = std::fma(share, high - low, low), at = 16 * u;
      const auto knot = std::min(static_cast<std::size_t>(at), std::size_t{15});
      std::vector<float> expected(18);
      expected[knot + 1] = at - static_cast<float>(knot);
      expected[knot] = 1 - expected[knot + 1];
      expected[17] = std::fma(2.0f, u, -1.0f);
      const auto first = out.begin() + static_cast<std::ptrdiff_t>(i * (37 + 7 * 18) + 37 + q * 18);
      EXPECT_EQ(bits(std::vector<float>(first, first + 18)), bits(expected)) << i << " " << q;
    }
}

class EncodeRecordsReplicas : public OnReplicas {};
AGON_ON_EVERY_DEVICE(EncodeRecordsReplicas);

/// Of the one table; where the heads begin and the step are a replica's own.
TEST_P(EncodeRecordsReplicas, EachDrawsItsOwn) {
  constexpr std::int64_t kStride = 2560, kBatch = 33;
  const std::vector<std::uint16_t> codes{0, 1, 1, 0, 2, 1, 1, 0, 0, 0};
  const std::vector<std::uint32_t> ranks{0, 1, 1, 0, 0, 0, 1, 1, 0, 1};
  const auto code = input(codes);
  const auto rank = input(ranks);
  const auto cumulative = input<float>({0, 0.25f, 1});
  std::vector<float> content(kReplicas * kStride, 0.5f);
  const std::int32_t layout[8] = {0, 3, 5, 1, -1, 0, 0, 0};  // and the step, two words of 0
  for (int r = 0; r < kReplicas; ++r)
    for (int i = 0; i < 8; ++i) content[r * kStride + i] = std::bit_cast<float>(i == 6 ? r : layout[i]);
  expect_replicas_as_alone(content, [&](QueueView view, float* at, int r) {
    const auto* const first = reinterpret_cast<const std::int32_t*>(at);
    const std::uint64_t seed = view.replicas.count == 1 ? 5 + static_cast<std::uint64_t>(r) : 5;
    kernels::encode_records(view, {.shape = {2, 5, 2, first, first + 3},
                                   .rows = 5,
                                   .batch = kBatch,
                                   .codes = code.data(),
                                   .ranks = rank.data(),
                                   .cumulative = cumulative.data(),
                                   .cumulative_size = 3,
                                   .out = at + 64,
                                   .seed = seed,
                                   .step = reinterpret_cast<const std::uint64_t*>(at + 6)});
  });
}

}  // namespace encode_records_test
}  // namespace agon::test
