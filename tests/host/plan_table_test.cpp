// `agon devices --plan`: what is printed of algorithms that were timed, and of those that were left out.
#include "host/cli/plan_table.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/tuning/tuning_cache.hpp"

namespace agon::host {
namespace plan_table_test {

using kernels::LayerBackend;

PlanTable table() {
  TimedLaunch launch{
      .launch = {.first = {.shape = {64, 100, 128}, .precision = kernels::Precision::tf32}, .beside = {}},
      .candidates = {{{{LayerBackend::own, kernels::TileKind::small, 1}}, 4.25},
                     {{{.by = LayerBackend::fused}}, 0, "forward: a result is 7"},
                     {{{.by = LayerBackend::fused, .algorithm = 1}}, 3.5}}};
  launch.best = best_of(launch.candidates);
  const std::string chosen = to_string(launch.choices());
  return {"a device", "microseconds", true, {{std::move(launch), chosen}}};
}

TEST(PlanTable, ShowsEveryWay) {
  EXPECT_EQ(as_text(table()).substr(as_text(table()).find("\nforward")),
            "\nforward 64x100->128 tf32\n"
            "    own small 1                             4.25 us\n"
            "    fused 0                            left out: forward: a result is 7\n"
            "  * fused 1                                 3.50 us\n");
}

TEST(PlanTable, AsJsonIsAPlan) {
  const std::string text = as_json(table());
  EXPECT_EQ(TuningCache::parse(text)->devices.at("a device").at("forward 64x100->128 tf32"), "fused 1");
  const auto algorithms = nlohmann::json::parse(text).at("launches").at(0).at("algorithms");
  EXPECT_EQ(algorithms.at(0), (nlohmann::json{{"choice", "own small 1"}, {"microseconds", 4.25}}));
  EXPECT_EQ(algorithms.at(1),
            (nlohmann::json{
                {"choice", "fused 0"}, {"microseconds", nullptr}, {"left_out", "forward: a result is 7"}}));
}

}  // namespace plan_table_test
}  // namespace agon::host
