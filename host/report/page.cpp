#include "host/report/page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

#include "host/report/markup.hpp"
#include "host/report/page_charts.hpp"
#include "host/report/page_style.hpp"
#include "host/run/console.hpp"

namespace agon::host {
namespace {

constexpr std::size_t kLongestText = 400;  // bytes of one cell
constexpr std::size_t kMostReplicas = 32, kMostWarnings = 50;

std::string where_text(const Page& page) {
  const auto share =
      static_cast<double>(page.step) / static_cast<double>(std::max<std::uint64_t>(page.steps, 1));
  const std::string at = fmt::format("step {} of {}", grouped(page.step), grouped(page.steps));
  if (!page.ended.empty()) return page.ended + " at " + at;
  if (page.step >= page.steps) return "finished: " + at;
  return fmt::format("{} ({:.0f}%)", at, std::floor(100 * share));
}

void append_head(std::string& html, const Page& page) {
  append(html,
         "<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n<meta "
         "charset=\"utf-8\"/>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
         "<title>{} - agon</title>\n<style>{}</style>\n</head>\n<body>\n",
         escaped(page.title), kPageStyle);
  const double share = page.steps == 0 ? 1 : static_cast<double>(page.step) / static_cast<double>(page.steps);
  append(html,
         "<header>\n<h1>{}</h1>\n<p class=\"where\">{}</p>\n<div class=\"bar\"><div style=\"width: "
         "{:.1f}%\"></div></div>\n</header>\n",
         escaped(page.title), where_text(page), 100 * std::min(share, 1.0));
}

void append_warnings(std::string& html, const Page& page) {
  const auto& warnings = page.shown->warnings();
  if (warnings.empty()) return;
  html += "<section class=\"alarm\">\n<strong>Warnings</strong>\n<ul>\n";
  for (const auto& warning : std::span(warnings).first(std::min(warnings.size(), kMostWarnings)))
    append(html, "<li>step {}: {}</li>\n", grouped(warning.step), escaped(warning.text, kLongestText));
  html += "</ul>\n";
  if (warnings.size() > kMostWarnings)
    append(html, "<p class=\"note\">and {} more in the log</p>\n", warnings.size() - kMostWarnings);
  html += "</section>\n";
}

void append_charts(std::string& html, const Page& page) {
  const std::vector<PageChart> charts = page_charts(page.config, *page.shown, page.others);
  html += "<section class=\"charts\">\n";
  for (const PageChart& chart : charts)
    append(html, "<figure>\n{}<figcaption>{}</figcaption>\n</figure>\n", chart.svg,
           escaped(chart.caption, 1000));
  html += "</section>\n";
  std::string note;
  if (std::ranges::any_of(charts, &PageChart::thinned))
    note += "Line: mean of neighbouring steps; band: from the least to the largest of them. ";
  if (!page.others.empty())
    note += fmt::format("Pale lines: {} of the run's other seeds; the chosen one's are in colour. ",
                        page.others.size());
  if (!note.empty()) append(html, "<p class=\"note\">{}</p>\n", note);
}

void append_about(std::string& html, const Page& page) {
  html += "<h2>The run</h2>\n<table>\n";
  for (const auto& [label, text] : page.about)
    append(html, "<tr><th>{}</th><td>{}</td></tr>\n", escaped(label), escaped(text, kLongestText));
  append(html, "<tr><th>objective</th><td>{}</td></tr>\n</table>\n",
         escaped(objective_in_words(page.config.objective), kLongestText));
}

std::string rounded_figure(double value, int decimals) {
  return std::isfinite(value) ? fmt::format("{:.{}f}", value, decimals) : "-";
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

void append_replicas(std::string& html, const Page& page) {
  const auto& replicas = page.replicas.replicas;
  if (replicas.size() < 2) return;
  const int best = page.replicas.best();
  html +=
      "<h2>Replicas</h2>\n<table>\n<tr><th>seed</th><th>held-out distance</th><th>held-out "
      "MMD</th><th>step</th><th>D's loss</th>"
      "<th>G's loss</th><th></th></tr>\n";
  std::vector<std::size_t> order = ranking(page.replicas);
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

std::string page_html(const Page& page) {
  std::string html;
  append_head(html, page);
  append_warnings(html, page);
  append_charts(html, page);
  append_replicas(html, page);
  append_about(html, page);
  return html + "</body>\n</html>\n";
}

}  // namespace agon::host
