// report.html: how far to trust what a generator draws, and how it was trained, as one page for people.
#pragma once

#include <string>

#include "host/report/evaluation/page.hpp"
#include "host/report/images/image_page.hpp"
#include "host/report/images/sample_section.hpp"
#include "host/report/training/training_part.hpp"

namespace agon::host {

/// Either part may be missing: a table from elsewhere has no training, a training that is under way no
/// evaluation.
struct Report {
  std::string title;  ///< of an evaluation the synthetic table's name, else the real one's
  const TrainingPart* training = nullptr;
  const Evaluation* evaluation = nullptr;
  const EvaluationPage* page = nullptr;     ///< of the evaluation
  std::string no_verdict{};                 ///< where there is none: why, a sentence
  std::vector<SampleGrid> samples{};        ///< of images
  const ImageEvaluation* images = nullptr;  ///< in the evaluation's place
  const ImagePage* image_page = nullptr;    ///< of it
};

/// A whole HTML document that loads nothing and runs nothing, light or dark as the reader's system is, to be
/// printed as well; it is well-formed XML, too. Depends on the report alone, not on the clock: equal reports
/// have equal pages. All text is escaped.
std::string report_html(const Report& report);

}  // namespace agon::host
