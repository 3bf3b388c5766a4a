// What a discriminator looks at, of one whose slopes are known: a single linear layer.
#include "host/evaluate/discriminator/discriminator_view.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/gan/encoded_rows.hpp"
#include "engine/runtime/queue.hpp"
#include "engine/table/inference.hpp"
#include "host/table/read_table.hpp"

namespace agon::host {
namespace discriminator_view_test {

/// A number that goes with nothing and a level.
TextTable people(int rows) {
  std::string text = "age,sex\n";
  for (int i = 0; i < rows; ++i) text += std::to_string(i * 37 % 100) + (i % 3 == 0 ? ".5,f\n" : ".25,m\n");
  return parse_table(std::move(text), "people.csv").table;
}

TEST(DiscriminatorView, SaysWhatALinearDiscriminatorMinds) {
  const TextTable table = people(400);
  const Device device = Device::cpu(1);
  const Coding coding = Coding::fit(table, infer_schema(table).schema, device);
  GanConfig config;
  config.generator = {{4, coding.layout().scores()}, 0.2f};
  config.generator.records = coding.layout();
  config.discriminator = {{coding.layout().width(), 1}, 0.2f};
  Gan gan(config, device);
  const std::vector<RowColumn> columns = coding.row_columns();
  std::vector<float> weight(columns.size(), 0.0f);
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (columns[i].name == "age, rank") weight[i] = -1.5f;
  gan.set_parameter("discriminator.0.weight", weight);
  const auto rows = encoded_rows(Queue(device), coding.layout(), coding.encode(table), 400, 1);
  const auto view = view_of_discriminator(gan, coding, rows, rows);
  ASSERT_TRUE(view);
  ASSERT_EQ(view->columns.size(), 1u);
  EXPECT_EQ(view->columns[0].column, "age");
  EXPECT_EQ(view->columns[0].share, 1);
  ASSERT_TRUE(view->columns[0].upward);
  EXPECT_NEAR(*view->columns[0].upward, -3, 1e-5);                         // what D reads is 2 u - 1
  EXPECT_NEAR(view->columns[0].synthetic, 1.5 * 2 / std::sqrt(12), 0.02);  // u is uniform
  EXPECT_EQ(view->real_logit, view->synthetic_logit);
  // The same by hats: a slope of 4 along u, in sixteen steps.
  for (std::size_t i = 0; i < columns.size(); ++i) {
    weight[i] = 0;
    for (int hat = 0; hat < 17; ++hat)
      if (columns[i].name == "age, hat " + std::to_string(hat)) weight[i] = static_cast<float>(hat) / 4;
    if (columns[i].name == "sex = f") weight[i] = 0.5f;
  }
  gan.set_parameter("discriminator.0.weight", weight);
  const auto other = view_of_discriminator(gan, coding, rows, rows);
  ASSERT_EQ(other->columns.size(), 2u);
  EXPECT_NEAR(*other->columns[0].upward, 4, 1e-4);
  EXPECT_EQ(other->columns[1].column, "sex");
  EXPECT_NEAR(other->columns[1].real, 0.5 * std::sqrt(2.0) / 3, 0.01);  // a third are f
  EXPECT_FALSE(other->columns[1].upward);
}

}  // namespace discriminator_view_test
}  // namespace agon::host
