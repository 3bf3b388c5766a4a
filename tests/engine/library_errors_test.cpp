// Every failure that leaves the library is an agon::Error: networks, training, scores, plans and checkpoints
// with arguments that make no sense. Tables and records: records/library_errors_test.cpp.
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "engine/agon.hpp"
#include "tests/engine/error_of.hpp"
#include "tests/engine/table/table_of.hpp"
#include "tests/engine/trained_gan.hpp"
#include "tests/temporary_folder.hpp"

namespace agon {
namespace library_errors_test {

using test::error_of, test::has, test::small_config;

constexpr std::int64_t kHuge = std::int64_t{1} << 60, kMost = std::numeric_limits<std::int64_t>::max();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::vector<float> small_table() { return test::normal_numbers(10 * 3, 1); }

class SmallGan : public testing::Test {
 protected:
  SmallGan() : gan(small_config(), Device::cpu(1), {}, 2) { gan.set_data(small_table(), 10); }
  Gan gan;
};

TEST_F(SmallGan, DrawsNoMoreThanMemoryHolds) {
  EXPECT_TRUE(has(error_of([&] { gan.sample(kHuge, 1); }), "sample(): out of memory"));
  EXPECT_TRUE(
      has(error_of([&] { gan.sample(std::int64_t{1} << 46, 1); }), "70368744177664 rows of 12 bytes"));
  EXPECT_TRUE(has(error_of([&] { gan.sample(kMost, 1); }), "beyond the last row"));
  EXPECT_TRUE(has(error_of([&] { gan.sample({kMost - 5, 10}, 1); }), "beyond the last row"));
  error_of([&] { gan.sample(-1, 1); });
  error_of([&] { gan.sample({-1, 1}, 1); });
  error_of([&] { gan.sample({1, -kMost - 1}, 1); });
  error_of([&] { gan.sample_scores({0, 1}, 1); });
}

TEST_F(SmallGan, KnowsItsReplicas) {
  const Gan::Snapshot snapshot = gan.snapshot();
  Gan::Snapshot generator = snapshot;
  generator.holds = Gan::Snapshot::Holds::generator;
  for (const int replica : {-1, 2, 1 << 30, std::numeric_limits<int>::min()}) {
    error_of([&] { gan.steps(replica); });
    error_of([&] { gan.diverged(replica); });
    error_of([&] { gan.end(replica); });
    error_of([&] { gan.statistics(0, replica); });
    error_of([&] { gan.health_samples(0, replica); });
    error_of([&] { gan.sample(1, 1, replica); });
    error_of([&] { gan.generate(std::vector<float>(4), replica); });
    error_of([&] { gan.discriminate(std::vector<float>(3), replica); });
    error_of([&] { gan.discriminator_slopes(std::vector<float>(3), replica); });
    error_of([&] { gan.parameter("generator.0.bias", replica); });
    error_of([&] { gan.set_parameter("generator.0.bias", std::vector<float>(8), replica); });
    error_of([&] { gan.gradient("generator.0.bias", replica); });
    error_of([&] { gan.snapshot(replica); });
    error_of([&] { gan.restore(snapshot, replica); });
    error_of([&] { gan.restore(generator, replica); });
  }
}

TEST_F(SmallGan, RefusesWhatIsOfAnotherShape) {
  error_of([&] { gan.generate(std::vector<float>(5)); });
  error_of([&] { gan.discriminate(std::vector<float>(4)); });
  error_of([&] { gan.discriminator_slopes(std::vector<float>(4)); });
  error_of([&] { gan.parameter("generator.9.bias"); });
  error_of([&] { gan.set_parameter("generator.0.bias", std::vector<float>(7)); });
  error_of([&] { gan.gradient(""); });
  error_of([&] { gan.step(std::vector<float>(1), std::vector<float>(1)); });
  error_of([&] { gan.time_operations(); });
  error_of([&] { gan.draw_from(Weights::average); });
  error_of([&] { gan.restore({}); });
  Gan::Snapshot cut = gan.snapshot();
  cut.tensors.pop_back();
  error_of([&] { gan.restore(cut); });
  EXPECT_TRUE(gan.sample(0, 1).empty());
  EXPECT_TRUE(gan.generate({}).empty());
}

TEST_F(SmallGan, RefusesDataOfAnotherShape) {
  for (const std::int64_t rows :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{11}, kHuge, kMost, -kMost}) {
    error_of([&] { gan.set_data(small_table(), rows); });
    error_of([&] { gan.set_data_of_each(std::vector(2, small_table()), rows); });
  }
  error_of([&] { gan.set_data(std::span<const float>(), 1); });
  error_of([&] { gan.set_data(CodedRows{}); });
  error_of([&] { gan.set_data_of_each(std::span<const std::vector<float>>(), 1); });
  error_of([&] { gan.set_data_of_each(std::span<const CodedRows>()); });
  error_of([&] { gan.set_data_of_each(std::vector(3, small_table()), 10); });
  EXPECT_EQ(gan.train(2), 2u);  // on what it had
}

TEST(GanOfRecords, RefusesCodesThatMakeNoSense) {
  const GanConfig config = test::records_config();
  Gan gan(config, Device::cpu(1));
  const CodedRows good = test::coded_rows(config.generator.records, 20, 1);
  const auto refused = [&](const auto& change) {
    CodedRows bad = good;
    change(bad);
    return error_of([&] { gan.set_data(bad); });
  };
  refused([](CodedRows& rows) { rows.rows = kHuge; });
  refused([](CodedRows& rows) { rows.rows = -1; });
  refused([](CodedRows& rows) { rows.codes.pop_back(); });
  refused([](CodedRows& rows) { rows.codes[3] = 60000; });
  refused([](CodedRows& rows) { rows.ranks[3] = 20; });
  refused([](CodedRows& rows) { rows.ranks[3] = 4294967295u; });
  refused([](CodedRows& rows) { rows.cumulative.clear(); });
  EXPECT_TRUE(has(refused([](CodedRows& rows) { rows.cumulative[7] = kNan; }), "cumulative share 8"));
  refused([](CodedRows& rows) { rows.cumulative[7] = -2; });
  refused([](CodedRows& rows) { rows.cumulative[7] = std::numeric_limits<float>::infinity(); });
  error_of([&] { gan.set_data(small_table(), 10); });
  EXPECT_NO_THROW(gan.set_data(good));
}

TEST(GanOf, NothingIsRefused) {
  const auto refused = [](const auto& change, const LoopOptions& loop = {}, int replicas = 1) {
    GanConfig config = small_config();
    change(config);
    return error_of([&] { Gan(config, Device::cpu(1), loop, replicas); });
  };
  const auto same = [](GanConfig&) {};
  refused(same, {}, 0);
  refused(same, {}, -7);
  refused(same, {}, 1 << 30);
  refused(same, {.fuse = "no such pass"});
  refused([](GanConfig& c) { c.generator.widths.clear(); });
  refused([](GanConfig& c) { c.discriminator.widths = {}; });
  refused([](GanConfig& c) { c.generator.widths = {4, kHuge, 3}; });
  refused([](GanConfig& c) { c.batch = kHuge; });
  refused([](GanConfig& c) { c.batch = 0; });
  refused([](GanConfig& c) { c.pack = -3; });
  refused([](GanConfig& c) { c.generator_rate = kNan; });
  refused([](GanConfig& c) { c.generator.norm = static_cast<NormKind>(77); });
  refused([](GanConfig& c) { c.objective = static_cast<Objective>(77); });
  refused([](GanConfig& c) { c.precision = static_cast<kernels::Precision>(77); });
  refused([](GanConfig& c) { c.generator.residual = static_cast<Residual>(77); });
  refused([](GanConfig& c) { c.generator.output = static_cast<ActivationKind>(77); });
  refused([](GanConfig& c) { c.rate_schedule.shape = static_cast<kernels::RateShape>(77); });
  refused([](GanConfig& c) { c.generator.widths = std::vector<std::int64_t>(100, 1 << 20); });
  GanConfig deep = small_config();
  deep.generator.widths = std::vector<std::int64_t>(200, 1 << 20);
  deep.discriminator.widths = {1 << 20, 1};
  EXPECT_TRUE(has(error_of([&] { Gan(deep, Device::cpu(1), {}, 4096); }), "out of memory"));
  Gan odd(small_config(), Device::cpu(1), {.unroll = -1});
  error_of([&] { odd.set_data(small_table(), 10); });
  error_of([&] { odd.train(1); });
  Gan without(small_config(), Device::cpu(1));
  error_of([&] { without.train(1); });
  error_of([&] { without.operations(); });
  error_of([&] { without.time_operations(); });
}

TEST(NetworkSpecOf, NothingIsRefused) {
  const NetworkSpec none{};
  error_of([&] { none.outputs(); });
  error_of([&] { none.widest(); });
  EXPECT_EQ(none.parameter_count(), 0);
  EXPECT_TRUE(parameter_layout("none", none).empty());
  const NetworkSpec spec{{2, 3, 1}};
  for (const std::size_t block : {std::size_t{3}, std::size_t{1} << 40, SIZE_MAX}) {
    error_of([&] { spec.inputs(block); });
    EXPECT_FALSE(spec.hidden(block));
    EXPECT_FALSE(spec.adds(block));
  }
  GanConfig config;
  config.generator.widths.clear();
  error_of([&] { config.inputs(); });
  error_of([&] { config.width(); });
  error_of([&] { config.validate(); });
  error_of([] { parse_objective("nonsense"); });
  error_of([] { parse_norm(""); });
  error_of([] { parse_precision("fp64"); });
  error_of([] { to_string(static_cast<Objective>(77)); });
}

TEST(HeldOutScorerOf, NothingIsRefused) {
  const Device cpu = Device::cpu(1);
  const std::vector<float> rows = small_table();
  for (const std::int64_t width : {std::int64_t{0}, std::int64_t{-3}, std::int64_t{7}, kHuge})
    error_of([&] { HeldOutScorer(cpu, rows, width, 1); });
  for (const std::int64_t directions : {std::int64_t{0}, std::int64_t{-1}, kHuge})
    error_of([&] { HeldOutScorer(cpu, rows, 3, 1, {.directions = directions}); });
  EXPECT_EQ(HeldOutScorer(cpu, rows, 3, 1, {.samples = -kMost}).rows(), 10);
  EXPECT_EQ(HeldOutScorer(cpu, rows, 3, 1, {.samples = kMost}).rows(), 2040);
  std::vector<float> odd = rows;
  odd[4] = kNan;
  error_of([&] { HeldOutScorer(cpu, odd, 3, 1); });
  HeldOutScorer scorer(cpu, rows, 3, 1);
  error_of([&] { scorer.score(rows); });
}

TEST(DeviceOf, NoSuchKindIsRefused) {
  error_of([] { Device::cpu(-1); });
  error_of([] { Device::cpu(1 << 30); });
  error_of([] { Device::cuda(-1); });
  error_of([] { Device::cuda(1 << 30); });
  for (const char* const text : {"", "gpu", "cuda:", "cuda:-1", "cuda:99999999999", "cpu:0"})
    error_of([&] { Device::parse(text); });
  EXPECT_NO_THROW(Device::best(-5));
  EXPECT_NO_THROW(Device::best(1 << 30));
}

TEST(PlanOf, NothingHasNoName) {
  error_of([] { to_string(static_cast<LayerProduct::Kind>(77)); });
  error_of([] {
    to_string(kernels::LayerChoice{
        .by = kernels::LayerBackend::own, .tile = static_cast<kernels::TileKind>(9), .splits = 1});
  });
  EXPECT_FALSE(parse_layer_choice("own enormous 4"));
  EXPECT_FALSE(parse_layer_choices(std::string(100000, '+')));
}

TEST(CheckpointOf, NothingIsRefused) {
  Gan gan(small_config(), Device::cpu(1));
  const Checkpoint good{small_config(), gan.snapshot(), "cpu", 1, {}};
  const test::TemporaryFolder folder;
  const auto refused = [&](const std::filesystem::path& path) {
    error_of([&] { write_checkpoint(path, good); });
    error_of([&] { read_checkpoint(path); });
  };
  refused("");
  refused(folder.path());
  refused(folder.path() / "absent" / "c");
  refused(folder.path() / std::string(5000, 'x'));
  refused(std::string("/") + std::string(300, 'x'));
  std::filesystem::create_symlink("loop", folder.path() / "loop");
  error_of([&] { read_checkpoint(folder.path() / "loop"); });
  error_of([&] { read_checkpoint("/dev/zero"); });
  Checkpoint bad = good;
  bad.metadata["name"] = "\xff\xfe";
  error_of([&] { serialize_checkpoint(bad); });
  bad = good;
  bad.metadata["agon.mine"] = "x";
  error_of([&] { serialize_checkpoint(bad); });
  bad = good;
  bad.device = "\xff";
  error_of([&] { serialize_checkpoint(bad); });
  bad = good;
  bad.snapshot.tensors.clear();
  error_of([&] { serialize_checkpoint(bad); });
  bad = good;
  bad.config = {};
  error_of([&] { serialize_checkpoint(bad); });
  for (const std::string& text :
       {std::string(), std::string("x"), std::string(8, '\xff'), std::string(100, '\0')})
    error_of([&] { parse_checkpoint(text); });
}

TEST(TableRecipe, NeedsRows) {
  error_of([] { table_steps(0, 1); });
  error_of([] { table_steps(1, 0); });
  error_of([] { table_steps(-kMost, -1); });
  EXPECT_EQ(table_steps(kMost, 1), 10000u);
  EXPECT_EQ(table_steps(1, kMost), 600u);
  error_of([] { table_config({}, 100); });
  error_of([] { table_config({{1}, {}}, 100); });
  error_of([] { table_config({{3}, {7}}, 100); });
}

}  // namespace library_errors_test
}  // namespace agon
