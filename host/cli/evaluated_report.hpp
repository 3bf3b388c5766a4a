// An evaluation of files or of a run, with all that its report shows.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "host/cli/commands.hpp"
#include "host/report/report.hpp"
#include "host/report/training/training_record.hpp"

namespace agon::host {

struct EvaluatedReport {
  std::string title;  ///< what the synthetic rows are called
  Evaluation evaluation;
  EvaluationPage page;
  std::optional<TrainingRecord> training;  ///< of a run

  std::string html() const;
};

/// Reads what options.real and its like name (evaluated_tables()) and evaluates it; `begins` is called as
/// each part begins, with its name. Throws what these throw, and ConfigurationError where the target is no
/// column.
EvaluatedReport evaluated_report(const EvaluateOptions& options,
                                 const std::function<void(std::string_view part)>& begins);

}  // namespace agon::host
