// What `agon evaluate` compares: files, or a run's table and what its generator draws.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/table/schema.hpp"
#include "engine/table/text_table.hpp"
#include "host/cli/commands.hpp"
#include "host/evaluate/discriminator/discriminator_view.hpp"
#include "host/evaluate/row/doubted_row.hpp"
#include "host/report/about.hpp"
#include "host/report/training/training_record.hpp"

namespace agon::host {

struct EvaluatedTables {
  TextTable real, synthetic;
  std::optional<TextTable> held_out;
  Schema schema;                                   ///< of the real table
  std::string title;                               ///< what the synthetic rows are called
  AboutRows about;                                 ///< where each table is from, with its hash
  std::optional<TrainingRecord> training;          ///< of a run
  std::optional<DiscriminatorView> discriminator;  ///< of a run of records
  std::optional<DiscriminatorsWord> of_row;        ///< likewise, where options.row is asked for
};

/// options.real is a table's file, or a run folder: then the real rows are those that the run has learnt
/// from, the held-out ones those that it held out, and without options.synthetic as many rows are drawn from
/// its last checkpoint as it has learnt from. Throws ConfigurationError where options do not go together,
/// DataError where a file cannot be read or is not what it should be.
EvaluatedTables evaluated_tables(const EvaluateOptions& options, const Device& device);

/// Throws ConfigurationError where a column that others are to tell is none of the table's; empty is fine.
void check_target(const std::string& target, const TextTable& real);
/// The same, and where the evaluation will refuse it as find_target() does (host/evaluate/models/target.hpp).
void check_target(const std::string& target, const TextTable& real, const Schema& schema,
                  const Device& device);

}  // namespace agon::host
