// An evaluation of images or of a run of images, with all that its report shows.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/cli/commands.hpp"
#include "host/report/report.hpp"
#include "host/report/training/training_record.hpp"

namespace agon::host {

struct EvaluatedImageReport {
  std::string title;  ///< what the synthetic images are called
  ImageEvaluation evaluation;
  ImagePage page;
  std::vector<std::string> findings;       ///< of what was read, a line each
  std::optional<TrainingRecord> training;  ///< of a run
  std::vector<SampleGrid> samples;         ///< likewise

  std::string html() const;
  /// What options.json asks for, one object, without a newline at its end.
  std::string json() const;
};

/// Reads what options.real and its like name (evaluated_images()) and evaluates it; `begins` is called as
/// each part begins, with its name. Throws what these throw.
EvaluatedImageReport evaluated_image_report(const EvaluateOptions& options,
                                            const std::function<void(std::string_view part)>& begins);

}  // namespace agon::host
