#include "host/report/report.hpp"

#include <algorithm>

#include "host/report/document.hpp"
#include "host/report/evaluation/sections.hpp"
#include "host/report/images/image_page.hpp"
#include "host/report/markup.hpp"

namespace agon::host {
namespace {

bool is_evaluated(const Report& report) { return report.evaluation != nullptr || report.images != nullptr; }

std::string heading_of(const Report& report) {
  return (is_evaluated(report) ? "How far to trust " : "") + report.title;
}

void append_progress_bar(std::string& html, const TrainingPart& part) {
  const double share = part.steps == 0 ? 1 : static_cast<double>(part.step) / static_cast<double>(part.steps);
  append(html, "<p class=\"where\">{}</p>\n<div class=\"bar\"><div style=\"width: {:.1f}%\"></div></div>\n",
         where_text(part), 100 * std::min(share, 1.0));
}

void append_top(std::string& html, const Report& report) {
  const std::string heading = heading_of(report);
  append_document_begin(html, heading, heading);
  if (report.evaluation != nullptr)
    append(html, "<p class=\"where\">{}</p>\n", compared_rows_text(report.evaluation->tables));
  else if (report.images != nullptr)
    append(html, "<p class=\"where\">{}</p>\n", compared_images_text(report.images->compared));
  else if (report.training != nullptr)
    append_progress_bar(html, *report.training);
  html += "</header>\n";
  if (!report.no_verdict.empty())
    append(html, "<p class=\"note\">{}</p>\n", escaped(report.no_verdict, kLongestSentence));
}

}  // namespace

std::string report_html(const Report& report) {
  std::string html;
  append_top(html, report);
  if (report.training != nullptr) append_health_warnings(html, *report.training);
  if (report.evaluation != nullptr) append_evaluation(html, *report.evaluation, *report.page);
  if (report.images != nullptr) append_image_evaluation(html, *report.images, *report.image_page);
  append_samples(html, report.samples, report.images == nullptr ? nullptr : &report.images->verdict.privacy);
  if (report.training != nullptr) append_training(html, *report.training);
  if (report.evaluation != nullptr) append_compared(html, *report.evaluation, *report.page);
  if (report.images != nullptr) append_about(html, "What was compared", report.image_page->about);
  if (report.training != nullptr) append_about_run(html, *report.training);
  append_document_end(html);
  return html;
}

}  // namespace agon::host
