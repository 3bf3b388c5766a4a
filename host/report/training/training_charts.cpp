#include "host/report/training/training_charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include "host/run/data_words.hpp"
#include "host/run/stats_log.hpp"
#include "kernels/formula/rate_schedule.hpp"

namespace agon::host {
namespace {

struct Field {
  std::string name;   ///< in the logs
  std::string label;  ///< in the legend
  std::string_view colour;
};

// Colours of the page's style sheet, apart for every kind of colour vision, light and dark. The data's side
// and D are the first, G's side the second.
constexpr std::string_view kFirst = "var(--blue)", kSecond = "var(--orange)", kThird = "var(--green)",
                           kPale = "var(--soft)";

class Charts {
 public:
  Charts(const GanConfig& config, const RunColumns& shown, std::span<const RunColumns* const> others)
      : config_(config), shown_(shown), others_(others) {
    take_ends(shown);
    for (const RunColumns* other : others) take_ends(*other);
  }

  /// Of those fields that there are; none where there is none.
  void add(Chart chart, const std::vector<Field>& fields, std::string caption) {
    for (const Field& field : fields) {
      if (const auto* column = shown_.column(field.name))
        chart.lines.push_back(
            {in_words_of(config_, field.label), std::string(field.colour), column->steps, column->values});
      for (const RunColumns* other : others_) {
        if (const auto* column = other->column(field.name))
          chart.behind.push_back({"", std::string(kPale), column->steps, column->values});
      }
    }
    if (!chart.lines.empty()) add(std::move(chart), std::move(caption));
  }

  void add(Chart chart, std::string caption) {
    chart.first_step = std::min(first_, last_);
    chart.last_step = last_;
    chart.heading = in_words_of(config_, std::move(chart.heading));
    finished_.push_back({chart_svg(chart), in_words_of(config_, std::move(caption)), is_thinned(chart)});
  }

  const RunColumns& shown() const { return shown_; }
  std::vector<TrainingChart> take() { return std::move(finished_); }

 private:
  /// All charts have the same steps, those of any line: a score may be of a step that is not logged.
  void take_ends(const RunColumns& columns) {
    for (const char* field : {"discriminator_loss", "mmd"}) {
      const auto* column = columns.column(field);
      if (column == nullptr) continue;
      first_ = std::min(first_, column->steps.front());
      last_ = std::max(last_, column->steps.back());
    }
  }

  const GanConfig& config_;
  const RunColumns& shown_;
  std::span<const RunColumns* const> others_;
  double first_ = std::numeric_limits<double>::infinity(), last_ = 1;
  std::vector<TrainingChart> finished_;
};

/// The losses of a D that gives every row the same output; empty where a penalty wants a slope of it, or
/// where G's is then whatever D's output is.
std::string losses_in_balance(const GanConfig& config) {
  const auto both = [](const char* d, const char* g) {
    return fmt::format(" Where D cannot tell real rows from G's, D's is {} and G's {}.", d, g);
  };
  if (config.real_label != 1 || config.penalties.wgan_gp != 0 || config.penalties.dragan != 0) return {};
  switch (config.objective) {
    case Objective::non_saturating:
      return both("1.39", "0.69");
    case Objective::minimax:
      return both("1.39", "-0.69");
    case Objective::hinge:
      return " Where D cannot tell real rows from G's, D's is 2.";
    case Objective::least_squares:
      return both("0.25", "0.125");
    case Objective::wasserstein:
      return " Where D cannot tell real rows from G's, D's is 0.";
    case Objective::relativistic:
      return both("0.69", "0.69");
  }
  return {};
}

void add_losses(Charts& charts, const GanConfig& config) {
  charts.add({.heading = "loss"},
             {{"discriminator_loss", "discriminator", kFirst}, {"generator_loss", "generator", kSecond}},
             "Healthy: each finds a band and stays in it; neither runs away, and D's does not sink to its "
             "floor, where it has nothing left to teach G." +
                 losses_in_balance(config));
  charts.add({.heading = "penalty of D's slope"}, {{"penalty", "discriminator", kFirst}},
             "Times its factor, and added to D's loss (above, without it). Healthy: settles well below that; "
             "where it "
             "is the larger part for long, its factor leaves D too little to tell rows by.");
}

void add_augmentation(Charts& charts, const GanConfig& config) {
  if (!config.augmentation.adapts()) return;
  charts.add(
      {.heading = "augmentation: probability of each change to an image",
       .scale = Scale::share,
       .references = {{kernels::kMostAdapted, "at most"}}},
      {{"augmentation", "images that D sees", kFirst}},
      "It rises while D knows the images it learns from too well, and falls while it does not. Healthy: "
      "levels off; where it stays at its most there are too few images for this D.");
}

void add_outputs(Charts& charts, const GanConfig& config) {
  const auto [real, fake] = output_names(config.objective);
  const std::vector<Field> fields = {{real, "real rows", kFirst}, {fake, "G's rows", kSecond}};
  if (kernels::is_probability(config.objective)) {
    charts.add({.heading = "D's output: mean probability of being real",
                .scale = Scale::share,
                .references = {{0.5, "D cannot tell"}}},
               fields,
               "Healthy: that of real rows stays a little above that of G's, and the gap does not grow. At 1 "
               "and 0 D is certain, and G learns next to nothing.");
  } else {
    charts.add(
        {.heading = "D's output: mean logit"}, fields,
        "Healthy: that of real rows stays a little above that of G's, and the gap does not grow. Where it "
        "grows without end, D has won.");
  }
}

void add_gradients(Charts& charts) {
  charts.add({.heading = "norm of the gradient", .scale = Scale::logarithmic},
             {{"gradient_norm_discriminator", "discriminator", kFirst},
              {"gradient_norm_generator", "generator", kSecond}},
             "Healthy: steady within a power of ten or so. A climb over several of them often comes before a "
             "divergence; a fall towards nothing means that this player has stopped learning.");
  charts.add({.heading = "saturation: share of rows that D is certain of", .scale = Scale::share},
             {{"saturated_real", "real rows", kFirst}, {"saturated_fake", "G's rows", kSecond}},
             "Healthy: well below 1. Near 1 hardly any row has anything left to teach D.");
}

void add_spread(Charts& charts) {
  charts.add({.heading = "spread of G's rows", .references = {{1, "as the data"}}},
             {{"spread_mean", "columns, mean", kFirst},
              {"spread_least", "least", kSecond},
              {"distance", "neighbours", kThird}},
             "Over the data's: standard deviations of columns, distances of neighbouring rows. Healthy: near "
             "1. A fall towards "
             "0 is a collapse: G makes the same few rows again and again.");
  charts.add(
      {.heading = "shift of G's rows: largest over columns, in deviations"}, {{"shift_most", "mean", kFirst}},
      "Healthy: falls to near 0 and stays there. It is how far off the data's mean that of G's rows is, in "
      "the column where it is worst.");
}

void add_scores(Charts& charts) {
  const std::string healthy =
      " Healthy: falls, then levels off; a lasting rise means that the run's best is behind it.";
  charts.add({.heading = "held-out score: sliced Wasserstein distance"},
             {{"sliced_wasserstein", "G's rows", kFirst}},
             "How far fresh rows of G's are from rows that were never trained on." + healthy);
  charts.add({.heading = "held-out score: kernel MMD"}, {{"mmd", "G's rows", kFirst}},
             "The same by another measure; noise around 0 is as good as it gets." + healthy);
}

/// The schedule is known, so nobody logs them.
void add_rates(Charts& charts, const GanConfig& config) {
  const auto& schedule = config.rate_schedule;
  const auto* column = charts.shown().column("discriminator_loss");
  if (column == nullptr || (schedule.shape == kernels::RateShape::constant && schedule.warmup_steps == 0))
    return;
  std::vector<double> discriminator, generator;
  for (const double step : column->steps) {
    const double factor = kernels::formula::rate_factor(schedule, static_cast<std::uint64_t>(step) - 1);
    discriminator.push_back(factor * config.discriminator_rate);
    generator.push_back(factor * config.generator_rate);
  }
  Chart chart{.heading = "learning rate"};
  if (config.discriminator_rate == config.generator_rate) {
    chart.lines = {{"both", std::string(kFirst), column->steps, discriminator}};
  } else {
    chart.lines = {{"discriminator", std::string(kFirst), column->steps, discriminator},
                   {"generator", std::string(kSecond), column->steps, generator}};
  }
  charts.add(std::move(chart), "The schedule that was asked for.");
}

}  // namespace

std::vector<TrainingChart> training_charts(const GanConfig& config, const RunColumns& shown,
                                           std::span<const RunColumns* const> others) {
  Charts charts(config, shown, others);
  add_losses(charts, config);
  add_outputs(charts, config);
  add_augmentation(charts, config);
  add_gradients(charts);
  add_spread(charts);
  add_scores(charts);
  add_rates(charts, config);
  return charts.take();
}

std::string objective_in_words(Objective objective) {
  const auto words = [&]() -> std::string_view {
    switch (objective) {
      case Objective::non_saturating:
        return "D learns the probability that a row is real; G raises that of its own rows";
      case Objective::minimax:
        return "D learns the probability that a row is real; G lowers the certainty with which its own are "
               "told: the literal game";
      case Objective::hinge:
        return "D pushes real rows above 1 and G's below -1, and lets go of those that are there; G raises "
               "its own";
      case Objective::least_squares:
        return "D pulls real rows to 1 and G's to 0, by squared distance; G pulls its own to 1";
      case Objective::wasserstein:
        return "D raises real rows over G's as far as it can; G raises its own";
      case Objective::relativistic:
        return "rows in pairs, a real one and one of G's: D raises the real one over the other, G the other "
               "way";
    }
    return "";
  };
  return fmt::format("{}: {}", to_string(objective), words());
}

}  // namespace agon::host
