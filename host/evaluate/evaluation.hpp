// An evaluation: the tables, each part's figures of them, and what they come to.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/runtime/device.hpp"
#include "host/evaluate/discriminator/discriminator_view.hpp"
#include "host/evaluate/distances/coverage.hpp"
#include "host/evaluate/distances/sliced_distance.hpp"
#include "host/evaluate/fidelity/fidelity.hpp"
#include "host/evaluate/models/detection.hpp"
#include "host/evaluate/models/explanation.hpp"
#include "host/evaluate/models/regions.hpp"
#include "host/evaluate/models/utility.hpp"
#include "host/evaluate/privacy/privacy.hpp"
#include "host/evaluate/row/doubted_row.hpp"
#include "host/evaluate/survival/survival.hpp"
#include "host/evaluate/tables/compared_tables.hpp"
#include "host/evaluate/verdict.hpp"

namespace agon::host {

struct EvaluationOptions {
  std::vector<RecordRule> rules;  ///< that may hold (find_rules)
  std::vector<DeclaredConstraint> constraints{};  ///< of the schema (check_declared)
  std::string target;             ///< a column that others are to tell, or empty
  std::string time, event;        ///< columns of a survival (find_survival), or empty
  std::uint64_t seed = 1;
  int threads = 1;  ///< of models; no figure depends on it
  /// How a number of a column, an index, is spelled.
  std::function<std::string(std::int64_t column, double value)> spell;
  std::optional<DiscriminatorView> discriminator;  ///< of the run that is evaluated
  std::int64_t row = 0;  ///< of the synthetic table, from 1, that is to be explained; 0: none
  std::optional<DiscriminatorsWord> of_row;  ///< of the run's discriminator on it
  /// Called as each part begins, with its name.
  std::function<void(std::string_view part)> begins = [](std::string_view) {};
};

struct Evaluation {
  ComparedTables tables;
  std::uint64_t seed = 1;
  Fidelity fidelity;
  Detection detection;
  Explanation explanation;
  Regions regions;
  std::optional<DiscriminatorView> discriminator;  ///< none of files
  Coverage coverage;
  SlicedDistance sliced;
  std::optional<Utility> utility;    ///< none without a target
  std::optional<Survival> survival;  ///< none without a time
  std::optional<DoubtedRow> row;     ///< where one was asked for
  Privacy privacy;
  Verdict verdict;
};

/// Throws DataError where a table has too few rows, and what the parts throw.
Evaluation evaluate(ComparedTables tables, const EvaluationOptions& options, const Device& device);

/// Pretty-printed JSON with every figure; what is undefined is null. No newline at the end.
std::string to_json(const Evaluation& evaluation);

/// For a terminal, about 110 places wide: the verdict, each part in turn, then warnings. Ends with a newline.
/// Names and cells are shown without control characters.
std::string to_text(const Evaluation& evaluation);

}  // namespace agon::host
