// A run, its people, and what attackers see of a model that was trained as it was.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/gan/gan.hpp"
#include "engine/records/real_records.hpp"
#include "host/evaluate/audit/audit_game.hpp"
#include "host/evaluate/audit/lira.hpp"
#include "host/run/learnt_tables.hpp"
#include "host/run/representation.hpp"

namespace agon::host {

class AuditedRun {
 public:
  /// Throws ConfigurationError where the run held no rows out or has not learnt anything, DataError where its
  /// table is gone or another one.
  AuditedRun(const std::string& folder, const Device& device);

  const GanConfig& config() const { return found_.checkpoint.config; }
  std::uint64_t steps() const { return found_.checkpoint.snapshot.step; }
  std::int64_t rows() const { return tables_.learnt.rows; }  ///< that it has learnt
  std::int64_t held_out() const { return tables_.held_out->rows; }
  const std::string& table() const { return tables_.path; }

  /// Draws the game, and prepares the targets for what follows.
  const AuditGame& play(const AuditGameOptions& options);
  /// These rows of the whole table, in the run's coding.
  TableRows coded(const std::vector<std::int64_t>& rows) const { return part(coded_, rows); }
  /// With the run's checkpoint.
  Gan restored() const;

  /// Of each target the discriminator's logit, the mean over some draws of what a coding leaves open.
  ScoresOfTargets logits(const Gan& gan, int replica) const;
  /// Of each target how near rows of a table come that the generator draws, as many as the run has learnt.
  ScoresOfTargets nearness(const Gan& gan, int replica, std::uint64_t seed) const;

 private:
  FoundCheckpoint found_;
  DataIdentity data_;
  LearntTables tables_;
  Device device_;
  TableRows coded_;                    // all rows of the table
  std::optional<RealRecords> people_;  // no drawn record is one of them
  AuditGame game_;
  std::vector<std::vector<float>> seen_;  // targets as the discriminator reads them, one draw each
};

}  // namespace agon::host
