// A public object that was moved from throws where it is used, and takes a new value.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "engine/agon.hpp"
#include "tests/engine/error_of.hpp"
#include "tests/engine/records/drawn_patients.hpp"
#include "tests/engine/table/table_of.hpp"
#include "tests/engine/trained_gan.hpp"

namespace agon {
namespace moved_from_test {

using test::error_of, test::has, test::small_config;

constexpr const char* kText = ": used after it was moved from";

TEST(MovedFrom, GanThrows) {
  Gan gan(small_config(), Device::cpu(1));
  gan.set_data(test::normal_numbers(30, 1), 10);
  const Gan::Snapshot snapshot = gan.snapshot();
  Gan other = std::move(gan);
  const std::vector<float> numbers(30);
  const auto refused = [](const auto& call) { EXPECT_TRUE(has(error_of(call), std::string("Gan") + kText)); };
  refused([&] { gan.config(); });
  refused([&] { gan.device(); });
  refused([&] { gan.replicas(); });
  refused([&] { gan.steps(); });
  refused([&] { gan.diverged(); });
  refused([&] { gan.end(0); });
  refused([&] { gan.set_data(numbers, 10); });
  refused([&] { gan.set_data(CodedRows{}); });
  refused([&] { gan.set_data_of_each(std::vector<std::vector<float>>{numbers}, 10); });
  refused([&] { gan.set_data_of_each(std::vector<CodedRows>(1)); });
  refused([&] { gan.rows(); });
  refused([&] { gan.warnings(); });
  refused([&] { gan.set_plan({}); });
  refused([&] { gan.tune(); });
  refused([&] { gan.plan(); });
  refused([&] { gan.launches(); });
  refused([&] { gan.operations(); });
  refused([&] { gan.time_operations(); });
  refused([&] { gan.train(1); });
  refused([&] { gan.statistics(); });
  refused([&] { gan.health_samples(); });
  refused([&] { gan.step(numbers, numbers); });
  refused([&] { gan.draw_from(Weights::last); });
  refused([&] { gan.drawn_from(); });
  refused([&] { gan.sample(1, 1); });
  refused([&] { gan.sample({0, 1}, 1); });
  refused([&] { gan.sample_scores({0, 1}, 1); });
  refused([&] { gan.generate(numbers); });
  refused([&] { gan.discriminate(numbers); });
  refused([&] { gan.discriminator_slopes(numbers); });
  refused([&] { gan.parameters(); });
  refused([&] { gan.parameter("generator.0.bias"); });
  refused([&] { gan.set_parameter("generator.0.bias", numbers); });
  refused([&] { gan.gradient("generator.0.bias"); });
  refused([&] { gan.snapshot(); });
  refused([&] { gan.restore(snapshot); });
  EXPECT_EQ(other.train(2), 2u);
  gan = std::move(other);
  EXPECT_EQ(gan.train(2), 2u);
  refused([&] { Gan(std::move(other)).config(); });
}

TEST(MovedFrom, TableAndCodingThrow) {
  const TextTable real = test::patients();
  Table table = Table::fit(real, infer_schema(real).schema, Device::cpu(1), {.steps = 2});
  Table other = std::move(table);
  const auto of_table = [](const auto& call) {
    EXPECT_TRUE(has(error_of(call), std::string("Table") + kText));
  };
  of_table([&] { table.sample(1); });
  of_table([&] { table.warnings(); });
  of_table([&] { table.coding(); });
  of_table([&] { table.save("nowhere"); });
  of_table([&] { table.never_draw(real); });
  table = std::move(other);
  EXPECT_EQ(table.sample(3).rows, 3);

  Coding coding = Coding::fit(real, infer_schema(real).schema, Device::cpu(1));
  const Gan gan(table_config(coding.layout(), 4), Device::cpu(1));
  const Coding taken = std::move(coding);
  const auto of_coding = [](const auto& call) {
    EXPECT_TRUE(has(error_of(call), std::string("Coding") + kText));
  };
  of_coding([&] { coding.schema(); });
  of_coding([&] { coding.options(); });
  of_coding([&] { coding.layout(); });
  of_coding([&] { coding.encode(real); });
  of_coding([&] { coding.decode({}, 1); });
  of_coding([&] { coding.drawn_columns(); });
  of_coding([&] { coding.shares(); });
  of_coding([&] { coding.relations(); });
  of_coding([&] { coding.description(); });
  of_coding([&] { coding.row_columns(); });
  of_coding([&] { coding.to_json(); });
  of_coding([&] { Conditions("sex = F", coding); });
  of_coding([&] { Balance("ward", coding); });
  of_coding([&] { RecordDraw(gan, coding); });
}

TEST(MovedFrom, ScorerThrows) {
  const std::vector<float> rows = test::normal_numbers(30, 1);
  HeldOutScorer scorer(Device::cpu(1), rows, 3, 1, {.samples = 10});
  HeldOutScorer other = std::move(scorer);
  const auto refused = [](const auto& call) {
    EXPECT_TRUE(has(error_of(call), std::string("HeldOutScorer") + kText));
  };
  refused([&] { scorer.rows(); });
  refused([&] { scorer.bandwidth(); });
  refused([&] { scorer.score(rows); });
  EXPECT_EQ(other.score(rows).sliced_wasserstein, 0);
}

// Values: what was moved from is some value, and asking it is harmless.
TEST(MovedFrom, ValuesAreStillValues) {
  const TextTable real = test::patients();
  const Coding coding = Coding::fit(real, infer_schema(real).schema, Device::cpu(1));
  Balance balance("ward", coding);
  balance.look_at(real);
  const Balance balance_taken = std::move(balance);
  error_of([&] { balance.wants(0); });
  error_of([&] { balance.take(0); });
  error_of([&] { balance.look_at(real); });
  error_of([&] { balance.share_out(5, {}); });
  EXPECT_EQ(balance.scarcest(), nullptr);

  Conditions where("sex = F", coding);
  const Conditions where_taken = std::move(where);
  std::vector<char> keep(static_cast<std::size_t>(real.rows), 1);
  EXPECT_NO_THROW(where.apply(real, keep));
  EXPECT_EQ(where.text(), "");

  RealRecords known(real, coding.schema());
  const RealRecords known_taken = std::move(known);
  EXPECT_EQ(known.copies_in(real).size(), static_cast<std::size_t>(real.rows));

  TextTable table = test::patients();
  const TextTable table_taken = std::move(table);
  EXPECT_TRUE(table.part(std::vector<std::int64_t>{0}).columns.empty());
  error_of([&] { coding.encode(table); });

  LayerPlan plan;
  const LayerPlan plan_taken = std::move(plan);
  EXPECT_TRUE(plan.table().empty());
}

}  // namespace moved_from_test
}  // namespace agon
