// A generator of records: what it draws, what a table of codes must be, and that a run over one goes on as it
// was.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/checkpoint/checkpoint.hpp"
#include "engine/gan/encoded_rows.hpp"
#include "engine/runtime/queue.hpp"
#include "engine/table/calibration.hpp"
#include "kernels/error.hpp"
#include "tests/engine/on_device.hpp"
#include "tests/engine/snapshots.hpp"
#include "tests/engine/trained_gan.hpp"
#include "tests/temporary_folder.hpp"

namespace agon {
namespace records_test {

using test::coded_rows, test::ctgan_config, test::records_config, test::trained;

class Records : public test::EngineOnDevice {};
INSTANTIATE_TEST_SUITE_P(Devices, Records, testing::ValuesIn(test::test_devices()),
                         [](const auto& device) { return device.param.name(); });

/// Of a row of records_config(): the level of each head, and the rank of each number.
struct PlainRecord {
  std::size_t level[2];
  double rank[2];
  bool open;
};
PlainRecord chosen_by(const float* scores) {
  const auto highest = [&](int first, int levels) {
    return static_cast<std::size_t>(std::max_element(scores + first, scores + first + levels) -
                                    (scores + first));
  };
  const auto rank = [&](int i) { return 0.5 * std::erfc(-double{scores[i]} / std::sqrt(2.0)); };
  return {{highest(0, 3), highest(3, 4)}, {rank(7), rank(8)}, highest(3, 4) == 1};
}

TEST_P(Records, AreWhatTheScoresChoose) {
  const Gan gan = trained(records_config(), device(), 5);
  const std::int64_t width = gan.config().width();
  const std::vector<float> scores = gan.sample_scores({5, 40}, 3), rows = gan.sample({5, 40}, 3);
  ASSERT_EQ(scores.size(), 40u * 9);
  ASSERT_EQ(static_cast<std::int64_t>(rows.size()), 40 * width);
  for (std::int64_t i = 0; i < 40; ++i) {
    const PlainRecord record = chosen_by(scores.data() + i * 9);
    const float* const row = rows.data() + i * width;
    for (std::size_t level = 0; level < 7; ++level)
      EXPECT_EQ(row[level], level == record.level[0] || level == 3 + record.level[1] ? 1.0f : 0.0f);
    for (int q = 0; q < 2; ++q) {
      const bool open = q == 0 || record.open;
      EXPECT_NEAR(row[7 + 18 * q + 17], open ? 2 * record.rank[q] - 1 : 0, 1e-6);
      float hats = 0;
      for (int knot = 0; knot < 17; ++knot) hats += row[7 + 18 * q + knot];
      EXPECT_NEAR(hats, open ? 1 : 0, 1e-5);
    }
  }
}

TEST_P(Records, OfATableAreEncodedOnceEach) {
  const RecordLayout layout = records_config().generator.records;
  CodedRows table = coded_rows(layout, 50, 3);
  const std::vector<float> rows = encoded_rows(Queue(device()), layout, table, 50, 9);
  std::vector<std::vector<int>> seen, expected;
  for (std::int64_t i = 0; i < 50; ++i) {
    const float* const row = rows.data() + i * layout.width();
    const bool open = row[4] == 1;
    const auto share = [&](int q) {
      return static_cast<int>(std::floor((row[7 + 18 * q + 17] + 1) / 2 * 20));
    };
    seen.push_back({static_cast<int>(std::max_element(row, row + 3) - row),
                    static_cast<int>(std::max_element(row + 3, row + 7) - (row + 3)), share(0),
                    open ? share(1) : -1});
    const std::uint16_t* const codes = table.codes.data() + i * 2;
    const std::uint32_t* const ranks = table.ranks.data() + i * 2;
    expected.push_back(
        {codes[0], codes[1], static_cast<int>(ranks[0]), codes[1] == 1 ? static_cast<int>(ranks[1]) : -1});
  }
  std::ranges::sort(seen);
  std::ranges::sort(expected);
  EXPECT_EQ(seen, expected);
}

TEST_P(Records, RunGoesOnAsItWas) {
  const test::TemporaryFolder folder;
  for (const GanConfig& config : {records_config(), ctgan_config()}) {
    const Gan whole = trained(config, device(), 9);
    Gan half = trained(config, device(), 4);
    write_checkpoint(folder.path() / "half.safetensors", {config, half.snapshot(), "cpu", 1, {}});
    const Checkpoint read = read_checkpoint(folder.path() / "half.safetensors");
    EXPECT_EQ(read.config, config);
    Gan other = test::ready(read.config, device());
    other.restore(read.snapshot);
    other.train(5);
    test::expect_same_bits(other.snapshot(), whole.snapshot());
  }
}

/// Where G says the same of every record, the noise of its heads alone chooses; the seed decides it, and a
/// condition by the table's shares lies beside each record.
TEST_P(Records, ThatAreDrawnHaveNoiseAndConditionsOfTheirOwn) {
  Gan gan = trained(ctgan_config(), device(), 1);
  for (const TensorView& view : gan.parameters())
    if (view.name.starts_with("generator.2."))
      gan.set_parameter(view.name, std::vector<float>(static_cast<std::size_t>(view.size)));
  constexpr std::int64_t kDrawn = 3000;
  const std::int64_t width = gan.config().width();
  const std::vector<float> rows = gan.sample(kDrawn, 3);
  EXPECT_EQ(gan.sample({700, 9}, 3),
            std::vector(rows.begin() + 700 * width, rows.begin() + 709 * width));  // another chunk, too
  const std::vector<float> scores = gan.sample_scores({0, 20}, 3);
  EXPECT_NE(scores, gan.sample_scores({0, 20}, 4));
  EXPECT_EQ(scores, gan.sample_scores({0, 20}, 3));
  EXPECT_EQ(scores[9], 0.0f);  // a number's score has no noise
  std::vector<double> chosen(4), asked(5);
  for (std::int64_t i = 0; i < kDrawn; ++i) {
    const float* const row = rows.data() + i * width;
    chosen[static_cast<std::size_t>(std::max_element(row + 3, row + 7) - (row + 3))] += 1.0 / kDrawn;
    float sum = 0;
    for (int level = 0; level < 5; ++level) {
      const float one = row[width - 5 + level];
      EXPECT_TRUE(one == 0 || one == 1);
      sum += one, asked[static_cast<std::size_t>(level)] += double{one} / kDrawn;
    }
    EXPECT_EQ(sum, 1);
  }
  for (const double share : chosen) EXPECT_NEAR(share, 0.25, 0.04);
  const double expected[] = {0.3, 0.15, 0.05, 0.1, 0.4};
  for (std::size_t level = 0; level < 5; ++level) EXPECT_NEAR(asked[level], expected[level], 0.04) << level;
}

/// G learns to give what it is asked for.
TEST_P(Records, KeepToTheirConditions) {
  GanConfig config = ctgan_config();
  config.generator_rate = 0.02;
  const Gan gan = trained(config, device(), 60);
  const std::int64_t width = config.width();
  const std::vector<float> rows = gan.sample(400, 1);
  double kept = 0;
  for (std::int64_t i = 0; i < 400; ++i) {
    const float* const row = rows.data() + i * width;
    const auto asked = std::find(row + width - 5, row + width, 1.0f) - (row + width - 5);
    kept += double{row[asked < 3 ? asked : 7 + asked - 3]} / 400;
  }
  EXPECT_GT(kept, 0.8);
}

/// Shares that an untrained generator is far from are met but for the sample's own error.
TEST_P(Records, AreCalibratedToTheTablesShares) {
  const Gan gan = trained(records_config(), device(), 1);
  const RecordLayout& layout = gan.config().generator.records;
  const std::vector<float> wanted{0.7f, 0.25f, 0.05f, 0.1f, 0.4f, 0.3f, 0.2f};
  const Calibration calibration = calibrate(gan.sample_scores({0, 8192}, 1), layout, wanted, 2);
  const DrawnRows drawn = choose(gan.sample_scores({0, 8192}, 2), layout, calibration, 2);
  std::vector<double> share(7);
  std::vector<double> ranks;
  for (std::size_t i = 0; i < 8192; ++i) {
    share[drawn.codes[2 * i]] += 1.0 / 8192;
    share[3u + drawn.codes[2 * i + 1]] += 1.0 / 8192;
    ranks.push_back(drawn.ranks[2 * i]);
  }
  for (std::size_t level = 0; level < 7; ++level) EXPECT_NEAR(share[level], wanted[level], 0.03) << level;
  std::ranges::sort(ranks);
  double farthest = 0;  // Kolmogorov's distance from a uniform distribution
  for (std::size_t i = 0; i < ranks.size(); ++i)
    farthest = std::max(farthest, std::abs(ranks[i] - (static_cast<double>(i) + 0.5) / 8192));
  EXPECT_LT(farthest, 0.03);
}

std::string complaint_of(const CodedRows& table) {
  try {
    check_records(records_config().generator.records, table);
  } catch (const DataError& error) {
    return error.what();
  }
  return {};
}

TEST(RecordTables, ThatDoNotFitAreRefused) {
  const CodedRows good = coded_rows(records_config().generator.records, 10, 1);
  EXPECT_EQ(complaint_of(good), "");
  CodedRows bad = good;
  bad.codes.pop_back();
  EXPECT_EQ(complaint_of(bad), "the records have 19 codes, not 20");
  bad = good;
  bad.codes[7] = 4;
  EXPECT_EQ(complaint_of(bad), "record 4 has level 4 of a head of 4");
  bad = good;
  bad.ranks[3] = 20;
  EXPECT_EQ(complaint_of(bad), "a record has rank 20 of 21 cumulative shares");
  Gan gan(records_config(), Device::cpu(1));
  EXPECT_THROW(gan.set_data(std::vector<float>(static_cast<std::size_t>(gan.config().width())), 1),
               DataError);
  Gan numbers(GanConfig(), Device::cpu(1));
  EXPECT_THROW(numbers.set_data(good), DataError);
  EXPECT_THROW(numbers.sample_scores({0, 1}, 1), ConfigurationError);
}

TEST(RecordConfigurations, ThatDoNotFitAreRefused) {
  const auto complaint = [](const auto& change) {
    GanConfig config = records_config();
    change(config);
    try {
      config.validate();
    } catch (const ConfigurationError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(complaint([](GanConfig&) {}), "");
  EXPECT_NE(complaint([](GanConfig& c) { c.generator.records.heads[0] = 1; }).find("generator.heads"),
            std::string::npos);
  EXPECT_NE(complaint([](GanConfig& c) { c.generator.records.gates[0] = 7; }).find("gate 7 is none of the 7"),
            std::string::npos);
  EXPECT_NE(complaint([](GanConfig& c) { c.generator.widths.back() = 8; }).find("scores of its heads"),
            std::string::npos);
  EXPECT_NE(complaint([](GanConfig& c) { c.generator.norm = NormKind::none; }).find("needs a norm"),
            std::string::npos);
  EXPECT_NE(complaint([](GanConfig& c) { c.generator.records.choice = HeadChoice::gumbel; }).find("shares"),
            std::string::npos);
  const auto of_conditions = [&](const RecordConditions& conditions) {
    return complaint([&](GanConfig& c) {
      c = ctgan_config();
      c.generator.records.conditions = conditions;
    });
  };
  EXPECT_NE(of_conditions({{3}, {1, 1, 1, 1, 1}}).find("head 3 after head -1 of 3"), std::string::npos);
  EXPECT_NE(of_conditions({{2, 0}, {1, 1, 1, 1, 1}}).find("head 0 after head 2"), std::string::npos);
  EXPECT_NE(of_conditions({{0, 1}, {1, 1, 1, 1, 1}}).find("too few shares"), std::string::npos);
  EXPECT_NE(of_conditions({{0}, {1, 1, 1, 1, 1}}).find("too many shares"), std::string::npos);
  EXPECT_NE(of_conditions({{0, 2}, {1, 1, 1, 0, 0}}).find("no level of head 2"), std::string::npos);
}

}  // namespace records_test
}  // namespace agon
