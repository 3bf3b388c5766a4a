#include "host/cli/evaluated_image_report.hpp"

#include <fmt/format.h>

#include <algorithm>
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
  std::optional<GivenFeatures> features;
  if (!options.features.empty()) features = read_features(options.features);
  EvaluatedImages given = evaluated_images(options, device, begins);
  if (features) require_rows(*features, given.real.count, given.held_out.count, given.synthetic.count);
  ImageEvaluationOptions asked;
  asked.seed = options.seed;
  asked.begins = begins;
  EvaluatedImageReport out;
  out.evaluation = evaluate_images(given.real, given.held_out, given.synthetic, asked, device);
  if (features) {
    begins("given features");
    const std::int64_t most = std::min(asked.most_images, asked.most_values / features->real.width);
    out.evaluation.given = given_feature_figures(*features, most, asked.seed, device);
  }
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
  for (SampleGrid& grid : out.samples)
    if (!options.real_images) grid.blanked = blank_copies(grid.png, {&given.real, &given.held_out});
  return out;
}

}  // namespace agon::host
