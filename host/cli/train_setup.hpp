// What `agon train` will do, known before the first step.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/gan/gan.hpp"
#include "host/cli/commands.hpp"
#include "host/config/settings.hpp"
#include "host/run/replica_run.hpp"
#include "host/run/replica_table.hpp"
#include "host/run/representation.hpp"
#include "host/run/run_folder.hpp"

namespace agon::host {

struct TrainSetup {
  std::filesystem::path folder;
  Settings settings;
  TableRows rows;        ///< what is learnt from
  DataIdentity data;     ///< of these rows
  std::string cautions;  ///< what is suspect about the table, a line each
  std::string notes;     ///< what was done to images that were read, and what is odd, a line each
  std::optional<HeldOut> held_out;
  std::shared_ptr<const RealRecords> people;  ///< of all rows, where samples of records are written
  GanConfig config;
  Device device = Device::cpu(1);
  std::uint64_t steps = 0;
  std::optional<RunFolder> run;         ///< that goes on; locked but where nothing is to be written
  std::uint64_t first_seed = 0;         ///< of the run's first attempt
  std::optional<FoundCheckpoint> from;  ///< nothing, too, where an attempt was killed before its first one
  ReplicaTable before{};                ///< of `from`
  ReplicaSnapshots snapshots{};         ///< the replicas that go on from there

  std::uint64_t first_step() const { return from ? from->checkpoint.snapshot.step : 0; }
  int replicas() const { return static_cast<int>(settings.training.replicas); }
};

/// --recipe's or the resumed run's configuration, then --config, then flags. Throws
/// ConfigurationError, also where options make no sense together.
Settings layered_settings(const TrainOptions& options);

/// Reads the table and, of a run that goes on, its newest checkpoint. Writes nothing, but where such a run
/// was killed while its attempts changed places, and this is no dry run, finishes that. Throws
/// ConfigurationError, DataError.
TrainSetup make_setup(const TrainOptions& options, const Settings& settings);

/// A file as config.toml shall name it, from wherever it is read. Throws ConfigurationError.
std::string absolute_path(const std::string& file);

}  // namespace agon::host
