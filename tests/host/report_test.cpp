// report.html, and the logs that it is drawn from.
#include "host/report/report.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "host/report/training/training_charts.hpp"
#include "tests/host/markup_check.hpp"
#include "tests/temporary_folder.hpp"

namespace agon::host {
namespace report_test {

using test::count;
using test::expect_well_formed;

/// A log of `lines` steps, 10 apart from 10 on, with what else is said of a step.
std::string log(int lines, const std::string& more = "") {
  std::string text;
  for (int i = 1; i <= lines; ++i) {
    text += fmt::format(R"({{"step": {}, "epoch": {}, "discriminator_loss": {}, "generator_loss": 0.7, )"
                        R"("probability_real": 0.6, "probability_fake": 0.4{}}})",
                        10 * i, i, 1.3 + 0.1 * (i % 3), more) +
            "\n";
  }
  return text;
}

struct RunOnDisk {
  test::TemporaryFolder folder;
  RunColumns columns{{folder / "stats.jsonl", folder / "health.jsonl", folder / "scores.jsonl"}};
  std::string title = "patients.csv";
  TrainingPart part{.about = {{"table", "patients.csv: 442 rows, 10 columns"}},
                    .config = {},
                    .step = 500,
                    .steps = 1000,
                    .shown = &columns};

  std::string html() const {
    return report_html({.title = title, .training = &part, .no_verdict = "No verdict <yet>."});
  }
  std::string html(const std::string& stats) {
    test::put(folder / "stats.jsonl", stats);
    columns.update();
    return html();
  }
};

TEST(RunColumns, FollowLogsThatGrow) {
  RunOnDisk run;
  RunColumns& columns = run.columns;
  columns.update();
  EXPECT_EQ(columns.column("discriminator_loss"), nullptr);
  test::put(run.folder / "stats.jsonl", log(3) + R"({"step": 40, "ep)");
  columns.update();
  ASSERT_NE(columns.column("discriminator_loss"), nullptr);
  EXPECT_EQ(columns.column("discriminator_loss")->steps, (std::vector<double>{10, 20, 30}));
  test::put(run.folder / "stats.jsonl", log(4));
  test::put(run.folder / "scores.jsonl", "{\"step\": 20, \"mmd\": 0.5}\n{\"step\": 40, \"mmd\": null}\n");
  columns.update();
  EXPECT_EQ(columns.column("discriminator_loss")->steps.size(), 4u);
  EXPECT_EQ(columns.column("discriminator_loss")->values[3], 1.3 + 0.1);
  EXPECT_EQ(columns.column("mmd")->values[0], 0.5);
  EXPECT_TRUE(std::isnan(columns.column("mmd")->values[1]));
  test::put(run.folder / "stats.jsonl", log(2));
  columns.update();
  EXPECT_EQ(columns.column("discriminator_loss")->steps.size(), 2u) << "begun anew";
  EXPECT_EQ(columns.column("mmd")->steps.size(), 2u);
}

TEST(RunColumns, EndAtALineThatCannotBeRead) {
  for (const char* bad :
       {"nonsense\n", "[]\n", "5\n", "{}\n", "{\"step\": -1}\n", "{\"step\": \"x\"}\n", "\n"}) {
    RunOnDisk run;
    test::put(run.folder / "stats.jsonl", log(2) + bad + log(3));
    run.columns.update();
    EXPECT_EQ(run.columns.column("generator_loss")->steps.size(), 2u) << bad;
  }
}

TEST(RunColumns, TakeWarnings) {
  RunOnDisk run;
  test::put(run.folder / "health.jsonl",
            "{\"step\": 7, \"warning\": \"collapse\", \"text\": \"G repeats itself\", \"try\": \"rest\"}\n"
            "{\"step\": 8, \"warning\": \"heat\"}\n");
  run.columns.update();
  ASSERT_EQ(run.columns.warnings().size(), 2u);
  EXPECT_EQ(run.columns.warnings()[0].step, 7u);
  EXPECT_EQ(run.columns.warnings()[0].text, "G repeats itself: rest");
  EXPECT_EQ(run.columns.warnings()[1].text, "heat");
}

TEST(Report, IsOneWholeDocument) {
  RunOnDisk run;
  const std::string html = run.html(log(50));
  expect_well_formed(html);
  EXPECT_TRUE(html.starts_with("<!DOCTYPE html>\n<html lang=\"en\""));
  EXPECT_EQ(count(html, "<figure>"), 2u) << "losses and outputs";
  for (const char* words :
       {"<h1>patients.csv</h1>", "step 500 of 1,000 (50%)", ">table</th><td>patients.csv: 442",
        "D&#39;s is 1.39 and G&#39;s 0.69", "prefers-color-scheme: dark", ">D cannot tell<",
        "No verdict &lt;yet&gt;.", "Two networks learn"})
    EXPECT_NE(html.find(words), html.npos) << words;
  for (const char* foreign : {"<script", "src=", "href=", "url(", "@import"})
    EXPECT_EQ(html.find(foreign), html.npos) << foreign;
  EXPECT_EQ(count(html, "http"), 1u) << "the name of a namespace";
  EXPECT_EQ(html, run.html());
}

TEST(Report, SaysWhereTheRunIs) {
  RunOnDisk run;
  run.part.step = 1000;
  EXPECT_NE(run.html(log(5)).find("finished: step 1,000 of 1,000"), std::string::npos);
  run.part.step = 999;
  EXPECT_NE(run.html(log(5)).find("step 999 of 1,000 (99%)"), std::string::npos);
  run.part.ended = "diverged";
  EXPECT_NE(run.html(log(5)).find("diverged at step 999"), std::string::npos);
  run.part = {.about = {}, .config = {}, .shown = &run.columns};
  run.title = "";
  expect_well_formed(run.html());
}

TEST(Report, HasAChartForWhateverIsLogged) {
  RunOnDisk run;
  test::put(run.folder / "scores.jsonl", "{\"step\": 100, \"sliced_wasserstein\": 0.5, \"mmd\": 0.1}\n");
  const std::string html = run.html(log(
      50,
      R"(, "gradient_norm_generator": 0.01, "gradient_norm_discriminator": 3, "saturated_real": 0.2, )"
      R"("saturated_fake": 0.1, "spread_least": 0.5, "spread_mean": 0.9, "shift_most": 0.3, "distance": 0.8)"));
  expect_well_formed(html);
  EXPECT_EQ(count(html, "<figure>"), 8u);
  for (const char* heading : {">norm of the gradient<", ">saturation: ", ">spread of G&#39;s rows<",
                              ">shift of G", "sliced Wasserstein distance<", "kernel MMD<", ">as the data<"})
    EXPECT_NE(html.find(heading), html.npos) << heading;
}

TEST(Report, AllChartsHaveTheSameSteps) {
  RunOnDisk run;
  test::put(run.folder / "scores.jsonl", "{\"step\": 40, \"mmd\": 0.1}\n{\"step\": 600, \"mmd\": 0.2}\n");
  const std::string html = run.html(log(50));
  EXPECT_EQ(count(html, "<figure>"), 3u);
  EXPECT_EQ(count(html, ">600<"), 3u);
  EXPECT_EQ(count(html, "624.0,"), 1u) << "the score's line alone ends at the right edge";
}

TEST(Report, DrawsRatesWhereTheyMove) {
  RunOnDisk run;
  run.part.config.rate_schedule = {kernels::RateShape::cosine, 100, 1000, 0.0};
  const std::string equal = run.html(log(50));
  EXPECT_EQ(count(equal, ">learning rate<"), 1u);
  EXPECT_EQ(count(equal, ">both<"), 1u);
  run.part.config.generator_rate *= 2;
  EXPECT_EQ(count(run.html(), ">both<"), 0u);
}

TEST(Report, LogitsAreCalledSo) {
  RunOnDisk run;
  run.part.config.objective = Objective::hinge;
  const std::string html = run.html(R"({"step": 1, "discriminator_loss": 2, "generator_loss": 0, )"
                                    R"("logit_real": 0.1, "logit_fake": -0.1})"
                                    "\n");
  expect_well_formed(html);
  EXPECT_NE(html.find(">D&#39;s output: mean logit<"), html.npos);
  EXPECT_EQ(html.find("probability of being real<"), html.npos);
  EXPECT_EQ(html.find("D cannot tell<"), html.npos);
}

TEST(Report, HostileNamesAreText) {
  const std::string hostile = "\"><script>alert('x')</script>&amp;\x1b[31m\xff</style><svg onload=\"x\">";
  RunOnDisk run;
  run.title = hostile + ".csv";
  run.part.about = {{hostile, hostile}};
  run.part.ended = "";
  test::put(run.folder / "health.jsonl", "{\"step\": 7, \"warning\": \"</li><script>\"}\n");
  const std::string html = run.html(log(5));
  expect_well_formed(html);
  EXPECT_EQ(html.find("<script"), html.npos);
  EXPECT_EQ(html.find("<svg onload"), html.npos);
  EXPECT_EQ(count(html, "</style>"), 1u);
  EXPECT_EQ(html.find('\x1b'), html.npos);
  EXPECT_EQ(html.find('\xff'), html.npos);
  EXPECT_NE(html.find("step 7: &lt;/li&gt;&lt;script&gt;</li>"), html.npos);
}

TEST(Report, ValuesThatAreNotFiniteAreLeftOut) {
  RunOnDisk run;
  ReplicaResult lost{2, {std::nan(""), std::nan(""), std::nan("")}, true, {}};
  lost.last.discriminator_loss = std::numeric_limits<float>::infinity();
  run.part.replicas.replicas = {lost, {3, {0.9, 0.1, 1}, false, {}}};
  const std::string html =
      run.html(log(3) + R"({"step": 60, "discriminator_loss": null, "generator_loss": null, )"
                        R"("gradient_norm_generator": null, "spread_mean": null})"
                        "\n");
  expect_well_formed(html);
  for (const char* words : {"nan", "inf,", ">inf<", "-inf"}) EXPECT_EQ(html.find(words), html.npos) << words;
}

TEST(Report, OfReplicasShowsTheBestBeforeTheOthers) {
  RunOnDisk run;
  RunOnDisk other;
  test::put(other.folder / "stats.jsonl", log(50));
  other.columns.update();
  run.part.others = {&other.columns};
  run.part.replicas.replicas = {{4, {0.8, 0.02, 1}, false, {}},
                                {5, {std::nan(""), std::nan(""), std::nan("")}, true, {}},
                                {6, {0.7, 0.01, 1}, false, {}}};
  const std::string html = run.html(log(50));
  expect_well_formed(html);
  EXPECT_EQ(count(html, "<polyline"), 8u);
  EXPECT_NE(html.find("1 of the run's other seeds"), html.npos);
  const std::size_t best = html.find("<tr class=\"kept\"><td>6</td><td>0.7000</td><td>0.0100</td>"),
                    second = html.find("<td>4</td><td>0.8000</td>"), lost = html.find("<td>5</td><td>-</td>");
  EXPECT_LT(best, second);
  EXPECT_LT(second, lost);
  EXPECT_NE(lost, html.npos);
}

TEST(Report, OfALongRunIsSmall) {
  RunOnDisk run;
  const std::string html = run.html(log(5000));
  expect_well_formed(html);
  EXPECT_LT(html.size(), 80'000u);
  EXPECT_NE(html.find("band: from the least to the largest"), html.npos);
}

TEST(Report, TheBalanceIsThatOfTheFormulas) {
  // D gives every row the same logit z: the losses of loss_term() at the z that D likes best.
  const struct {
    Objective objective;
    const char *d, *g;
    double logit;
  } cases[] = {{Objective::non_saturating, "1.39", "0.69", 0},
               {Objective::minimax, "1.39", "-0.69", 0},
               {Objective::hinge, "2", nullptr, 0},
               {Objective::least_squares, "0.25", "0.125", 0.5},
               {Objective::wasserstein, "0", nullptr, 0},
               {Objective::relativistic, "0.69", "0.69", 0}};
  const auto loss = [](const kernels::LossTerm& term, double z) {
    const double x = term.direction * (term.paired ? 0 : z);
    switch (term.shape) {
      case kernels::LossShape::none:
        return 0.0;
      case kernels::LossShape::logistic:
        return term.loss_factor * (std::log1p(std::exp(x)) - term.target * x);
      case kernels::LossShape::hinge:
        return term.loss_factor * std::max(0.0, 1 + x);
      case kernels::LossShape::square:
        return term.loss_factor * 0.5 * (x - term.target) * (x - term.target);
      case kernels::LossShape::linear:
        return term.loss_factor * x;
    }
    return 0.0;
  };
  for (const auto& [objective, d, g, logit] : cases) {
    using kernels::RowRole;
    const auto of = [&](RowRole role) { return loss(kernels::loss_term(objective, role), logit); };
    const std::string words = objective_in_words(objective);
    EXPECT_TRUE(words.starts_with(to_string(objective))) << words;
    RunOnDisk run;
    run.part.config.objective = objective;
    const std::string html = run.html(log(5));
    EXPECT_NE(html.find(fmt::format("G&#39;s, D&#39;s is {}", d)), html.npos) << words;
    EXPECT_NEAR(std::stod(d), of(RowRole::real) + of(RowRole::fake), 0.005) << words;
    if (g == nullptr) continue;
    EXPECT_NE(html.find(fmt::format("G&#39;s, D&#39;s is {} and G&#39;s {}.", d, g)), html.npos) << words;
    EXPECT_NEAR(std::stod(g), of(RowRole::generated), 0.005) << words;
  }
}

}  // namespace report_test
}  // namespace agon::host
