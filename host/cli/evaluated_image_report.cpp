#include "host/cli/evaluated_image_report.hpp"

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/runtime/thread_pool.hpp"
#include "host/cli/evaluated_images.hpp"
#include "host/cli/output_file.hpp"

namespace agon::host {

std::string EvaluatedImageReport::html() const {
  return report_html({.title = title,
                      .training = training ? &training->part() : nullptr,
                      .samples = samples,
                      .images = &evaluation,
                      .image_page = &page});
}

std::string EvaluatedImageReport::json() const {
  return to_json(evaluation).dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

EvaluatedImageReport evaluated_image_report(const EvaluateOptions& options,
                                            const std::function<void(std::string_view part)>& begins) {
  const auto begin = std::chrono::steady_clock::now();
  const Device device = Device::parse(options.device, options.threads);
  set_host_threads(Device::cpu(options.threads).threads());
  EvaluatedImages given = evaluated_images(options, device, begins);
  ImageEvaluationOptions asked;
  asked.seed = options.seed;
  asked.begins = begins;
  EvaluatedImageReport out;
  out.evaluation = evaluate_images(given.real, given.held_out, given.synthetic, asked, device);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  AboutRows about = std::move(given.about);
  about.emplace_back("seed", std::to_string(options.seed));
  about.emplace_back("date", date_text(took.count()));
  about.emplace_back("program", "agon " AGON_VERSION);
  out.page = image_page(out.evaluation,
                        {given.real, given.held_out, given.synthetic, &given.between, options.real_images},
                        std::move(about));
  out.title = std::move(given.title);
  out.findings = std::move(given.findings);
  out.training = std::move(given.training);
  out.samples = std::move(given.samples);
  return out;
}

}  // namespace agon::host
