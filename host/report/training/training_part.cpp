#include "host/report/training/training_part.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

#include "host/report/markup.hpp"
#include "host/report/training/training_charts.hpp"
#include "host/run/console.hpp"
#include "host/run/data_words.hpp"
#include "host/table/text.hpp"

namespace agon::host {
namespace {

constexpr std::size_t kLongestWarning = 400;  // bytes of it
constexpr std::size_t kMostReplicas = 32, kMostWarnings = 50;

void append_charts(std::string& html, const TrainingPart& part) {
  const std::vector<TrainingChart> charts = training_charts(part.config, *part.shown, part.others);
  html += "<section class=\"charts\">\n";
  for (const TrainingChart& chart : charts)
    append(html, "<figure>\n{}<figcaption>{}</figcaption>\n</figure>\n", chart.svg,
           escaped(chart.caption, 1000));
  html += "</section>\n";
  std::string note;
  if (std::ranges::any_of(charts, &TrainingChart::thinned))
    note += "Line: mean of neighbouring steps; band: from the least to the largest of them. ";
  if (!part.others.empty())
    note += fmt::format("Pale lines: {} of the run's other seeds; the chosen one's are in colour. ",
                        part.others.size());
  if (!note.empty()) append(html, "<p class=\"note\">{}</p>\n", note);
}

std::string rounded_figure(double value, int decimals) {
  return std::isfinite(value) ? short_number(value, decimals) : "-";
}

/// Best first, the diverged ones last.
std::vector<std::size_t> ranking(const ReplicaTable& table) {
  std::vector<std::size_t> order(table.replicas.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t i, std::size_t j) {
    const ReplicaResult &a = table.replicas[i], &b = table.replicas[j];
    return a.diverged != b.diverged ? b.diverged : is_better(a.score, b.score);
  });
  return order;
}

void append_replicas(std::string& html, const TrainingPart& part) {
  const auto& replicas = part.replicas.replicas;
  if (replicas.size() < 2) return;
  const int best = part.replicas.best();
  html +=
      "<h3>Replicas</h3>\n<table>\n<tr><th>seed</th><th>held-out distance</th><th>held-out "
      "MMD</th><th>step</th><th>D's loss</th>"
      "<th>G's loss</th><th></th></tr>\n";
  std::vector<std::size_t> order = ranking(part.replicas);
  order.resize(std::min(order.size(), kMostReplicas));
  for (const std::size_t i : order) {
    const ReplicaResult& r = replicas[i];
    const bool kept = static_cast<int>(i) == best;
    append(html, "<tr{}><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
           kept ? " class=\"kept\"" : "", r.seed, rounded_figure(r.score.sliced_wasserstein, 4),
           rounded_figure(r.score.mmd, 4), grouped(r.last.step), rounded_figure(r.last.discriminator_loss, 3),
           rounded_figure(r.last.generator_loss, 3),
           r.diverged ? "diverged"
           : kept     ? "kept"
                      : "");
  }
  html += "</table>\n";
  if (replicas.size() > kMostReplicas)
    append(html, "<p class=\"note\">The {} best; all {} are in replicas.csv.</p>\n", kMostReplicas,
           replicas.size());
}

}  // namespace

std::string where_text(const TrainingPart& part) {
  const auto share =
      static_cast<double>(part.step) / static_cast<double>(std::max<std::uint64_t>(part.steps, 1));
  const std::string at = fmt::format("step {} of {}", grouped(part.step), grouped(part.steps));
  if (!part.ended.empty()) return part.ended + " at " + at;
  if (part.step >= part.steps) return "finished: " + at;
  return fmt::format("{} ({:.0f}%)", at, std::floor(100 * share));
}

void append_health_warnings(std::string& html, const TrainingPart& part) {
  const auto& warnings = part.shown->warnings();
  if (warnings.empty()) return;
  html += "<section class=\"alarm\">\n<strong>Warnings</strong>\n<ul>\n";
  for (const auto& warning : std::span(warnings).first(std::min(warnings.size(), kMostWarnings)))
    append(html, "<li>step {}: {}</li>\n", grouped(warning.step), escaped(warning.text, kLongestWarning));
  html += "</ul>\n";
  if (warnings.size() > kMostWarnings)
    append(html, "<p class=\"note\">and {} more in the log</p>\n", warnings.size() - kMostWarnings);
  html += "</section>\n";
}

void append_training(std::string& html, const TrainingPart& part) {
  append(
      html,
      "<h2>How it was trained</h2>\n<p>Two networks learn from each other. The <strong>generator</strong> "
      "(G) "
      "makes {0} out of noise; the <strong>discriminator</strong> (D) is shown real {0} and G's, and learns "
      "to "
      "tell them apart. G learns from D what gives its {0} away. Training is a contest: it goes well while "
      "neither wins.</p>\n",
      part.config.of_images() ? "images" : "records");
  append_charts(html, part);
  append_replicas(html, part);
}

void append_about_run(std::string& html, const TrainingPart& part) {
  AboutRows rows = part.about;
  rows.emplace_back("objective", in_words_of(part.config, objective_in_words(part.config.objective)));
  append_about(html, "The run", rows);
}

}  // namespace agon::host
