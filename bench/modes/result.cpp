#include "bench/modes/result.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "engine/checkpoint/config_json.hpp"
#include "host/cli/describe.hpp"
#include "host/run/console.hpp"

namespace agon::host {
namespace {

using nlohmann::ordered_json;

constexpr double kNoFigure = std::numeric_limits<double>::quiet_NaN();

const PublishedModes kPublished[] = {
    {"ring", "GAN", 6.3, 0.982, 0.45, "PacGAN, table 1"},
    {"ring", "Unrolled GAN", 7.6, 0.356, kNoFigure, "VEEGAN, table 1"},
    {"ring", "VEEGAN", 8, 0.529, kNoFigure, "VEEGAN, table 1"},
    {"ring", "PacGAN2", 7.9, 0.956, kNoFigure, "PacGAN, table 1"},
    {"ring", "PacGAN4", 7.8, 0.959, 0.07, "PacGAN, table 1"},
    {"grid", "GAN", 17.3, 0.948, 0.70, "PacGAN, table 1"},
    {"grid", "Unrolled GAN", 23.6, 0.16, kNoFigure, "VEEGAN, table 1"},
    {"grid", "VEEGAN", 24.6, 0.40, kNoFigure, "VEEGAN, table 1"},
    {"grid", "PacGAN2", 23.8, 0.913, kNoFigure, "PacGAN, table 1"},
    {"grid", "PacGAN4", 24.8, 0.936, 0.04, "PacGAN, table 1"},
    {"thousand", "DCGAN", 99, kNoFigure, 3.40, "StackedMNIST: pictures"},
    {"thousand", "VEEGAN", 150, kNoFigure, 2.95, "StackedMNIST: pictures"},
    {"thousand", "WGAN-GP", 959, kNoFigure, 0.73, "StackedMNIST: pictures"},
    {"thousand", "StyleGAN2", 940, kNoFigure, 0.42, "StackedMNIST: pictures"},
    {"thousand", "PacDCGAN2", 1000, kNoFigure, 0.06, "StackedMNIST: pictures"},
    {"thousand", "R3GAN", 1000, kNoFigure, 0.029, "StackedMNIST: pictures"},
};

std::vector<double> column(const std::vector<ModeTrial>& trials, double ModeScore::*member) {
  std::vector<double> values;
  for (const ModeTrial& trial : trials)
    if (!trial.failed) values.push_back(trial.score.*member);
  return values;
}

/// "7.90 +- 0.10", "7.9" where there is no error, "-" where there is nothing.
std::string shown(const Estimate& estimate, int decimals, double factor = 1) {
  if (std::isnan(estimate.mean)) return "-";
  const std::string mean = fmt::format("{:.{}f}", factor * estimate.mean, decimals);
  if (std::isnan(estimate.error)) return mean;
  return fmt::format("{} +- {:.{}f}", mean, factor * estimate.error, decimals);
}

std::string line(const std::string& name, const ModeSummary& s, const std::string& last) {
  std::string text =
      fmt::format("{:<16} {:>16} {:>7} {:>14} {:>17} {:>16}  {}", name, shown(s.found, 2),
                  std::isnan(s.fewest) ? "" : fmt::format("{:.0f}", s.fewest), shown(s.high_quality, 1, 100),
                  shown(s.reverse_kl, 4), shown(s.spread, 3), last);
  text.erase(text.find_last_not_of(' ') + 1);
  return text + "\n";
}

ModeSummary as_summary(const PublishedModes& row) {
  ModeSummary summary;
  summary.found = {row.found, kNoFigure};
  summary.high_quality = {row.high_quality, kNoFigure};
  summary.reverse_kl = {row.reverse_kl, kNoFigure};
  summary.spread = {kNoFigure, kNoFigure};
  summary.fewest = kNoFigure;
  return summary;
}

ordered_json number(double value) { return std::isnan(value) ? ordered_json() : ordered_json(value); }

ordered_json estimate_json(const Estimate& e) {
  return {{"mean", number(e.mean)}, {"standard_error", number(e.error)}};
}

ordered_json trials_json(const std::vector<ModeTrial>& trials) {
  ordered_json list = ordered_json::array();
  for (const ModeTrial& t : trials) {
    ordered_json one{{"seed", t.seed}, {"failed", t.failed}, {"steps", t.steps}};
    if (!t.failed) {
      one["modes"] = t.score.found;
      one["high_quality"] = number(t.score.high_quality);
      one["reverse_kl"] = number(t.score.reverse_kl);
      one["reverse_kl_high_quality"] = number(t.score.reverse_kl_high_quality);
      one["spread"] = number(t.score.spread);
    }
    list.push_back(std::move(one));
  }
  return list;
}

ordered_json row_json(const std::vector<ModeTrial>& trials) {
  const ModeSummary s = summarise(trials);
  return {{"runs", s.runs},
          {"failed", s.failed},
          {"modes", estimate_json(s.found)},
          {"fewest_modes", number(s.fewest)},
          {"high_quality", estimate_json(s.high_quality)},
          {"reverse_kl", estimate_json(s.reverse_kl)},
          {"reverse_kl_high_quality", estimate_json(s.reverse_kl_high_quality)},
          {"spread", estimate_json(s.spread)},
          {"trials", trials_json(trials)}};
}

ordered_json protocol_json(const ModeProtocol& p) {
  return {{"points", p.points}, {"epochs", p.epochs}, {"batch", p.batch},        {"samples", p.samples},
          {"seeds", p.seeds},   {"seed", p.seed},     {"data_seed", p.data_seed}};
}

ordered_json bench_json(const ModeBench& bench) {
  ordered_json one{{"mixture", bench.mixture.name},
                   {"modes", bench.mixture.modes()},
                   {"columns", bench.mixture.width},
                   {"deviation", bench.mixture.deviation},
                   {"protocol", protocol_json(bench.protocol)},
                   {"truth", row_json(bench.truth)},
                   {"rows", ordered_json::array()},
                   {"published", ordered_json::array()}};
  for (const ModeRow& row : bench.rows) {
    ordered_json entry{{"name", row.name},
                       {"seconds", row.seconds},
                       {"configuration", ordered_json::parse(to_json(row.config))}};
    entry.update(row_json(row.trials));
    one["rows"].push_back(std::move(entry));
  }
  for (const PublishedModes& row : published_modes(bench.mixture.name))
    one["published"].push_back({{"method", row.method},
                                {"modes", number(row.found)},
                                {"high_quality", number(row.high_quality)},
                                {"reverse_kl", number(row.reverse_kl)},
                                {"source", row.source}});
  return one;
}

}  // namespace

std::vector<PublishedModes> published_modes(const std::string& mixture) {
  std::vector<PublishedModes> rows;
  for (const PublishedModes& row : kPublished)
    if (row.mixture == mixture) rows.push_back(row);
  return rows;
}

ModeSummary summarise(const std::vector<ModeTrial>& trials) {
  ModeSummary summary;
  summary.runs = static_cast<std::int64_t>(trials.size());
  summary.failed = std::ranges::count_if(trials, &ModeTrial::failed);
  const std::vector<double> found = column(trials, &ModeScore::found);
  summary.found = estimate(found);
  summary.fewest = found.empty() ? kNoFigure : std::ranges::min(found);
  summary.high_quality = estimate(column(trials, &ModeScore::high_quality));
  summary.reverse_kl = estimate(column(trials, &ModeScore::reverse_kl));
  summary.reverse_kl_high_quality = estimate(column(trials, &ModeScore::reverse_kl_high_quality));
  summary.spread = estimate(column(trials, &ModeScore::spread));
  return summary;
}

std::string modes_text(const ModeBench& bench) {
  const ModeProtocol& p = bench.protocol;
  std::string text = fmt::format(
      "{}: {}\n{} points, {} epochs of batch {}, {} samples; means of runs from seed {} up, with standard "
      "errors\n",
      bench.mixture.name, bench.mixture.text, grouped(static_cast<std::uint64_t>(p.points)), p.epochs,
      p.batch, grouped(static_cast<std::uint64_t>(p.samples)), p.seed);
  for (const ModeRow& row : bench.rows)
    text += fmt::format("{}: generator {}, discriminator {}\n", row.name, widths_text(row.config.generator),
                        widths_text(row.config.discriminator));
  text += fmt::format("\n{:<16} {:>16} {:>7} {:>14} {:>17} {:>16}  {}\n", "",
                      fmt::format("modes of {}", bench.mixture.modes()), "fewest", "high quality %",
                      "reverse KL", "spread", "failed");
  text += line("truth", summarise(bench.truth), "");
  bool any_failed = false;
  for (const ModeRow& row : bench.rows) {
    const ModeSummary s = summarise(row.trials);
    any_failed = any_failed || s.failed > 0;
    text +=
        line(row.name, s,
             fmt::format("{} of {}{}", s.failed, s.runs,
                         s.runs < p.seeds ? fmt::format(", interrupted: {} were asked for", p.seeds) : ""));
  }
  for (const PublishedModes& row : published_modes(bench.mixture.name))
    text += line(row.method, as_summary(row), row.source);
  if (any_failed) text += "Runs that failed have no part in the means.\n";
  return text;
}

std::string modes_json(const std::vector<ModeBench>& benches) {
  ordered_json all = ordered_json::array();
  for (const ModeBench& bench : benches) all.push_back(bench_json(bench));
  return all.dump(2) + "\n";
}

}  // namespace agon::host
