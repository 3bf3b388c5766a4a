// The program's commands. Each returns an exit code or throws; main.cpp turns what is thrown into one line
// and a code.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/config/assign.hpp"

namespace agon::host {

struct TrainOptions {
  std::string table;   ///< empty: from the configuration, or the resumed run's
  std::string recipe;  ///< a recipe's name, "list", or empty
  std::string config;  ///< a TOML file, or empty
  std::vector<FlagValue> flags;
  std::string out;     ///< empty: runs/<the table's stem>
  std::string resume;  ///< a run folder, or empty
  bool overwrite = false, dry_run = false, print_config = false, quiet = false;
};
/// Prints the run folder's path on standard output when it is done.
int train(const TrainOptions& options);

struct SampleOptions {
  std::string source;  ///< run folder or checkpoint
  std::int64_t count = 0;
  std::string out;             ///< empty: standard output
  std::string which = "last";  ///< or "best", of a run folder
  std::uint64_t seed = 1;
  std::string where;    ///< conditions that every record fulfils (engine/records/conditions.hpp); empty: none
  std::string balance;  ///< a column: as many records of each of its levels; empty: as the run has them
  std::vector<std::string> classes;  ///< of images by class, in turn; none: as the run has them
  std::string table;  ///< the real table, of which no record is drawn; empty: where the run's config says
  bool allow_copies = false;  ///< records may equal real ones
  std::int64_t interpolate =
      0;                ///< of images: `count` rows of so many, from one draw to another; 0: single ones
  std::string weights;  ///< average or last, the generator's; empty: the average where the run keeps one
  std::string device = "auto";
  int threads = 0;
  bool overwrite = false, quiet = false;
};
int sample(const SampleOptions& options);

struct EvaluateOptions {
  std::string real, synthetic;
  std::string held_out;          ///< a CSV file of real rows that were not learnt from, or empty
  std::string schema;            ///< a TOML file over what is inferred of the real table, or empty
  std::string target;            ///< a column, or empty
  std::string time, event;       ///< columns of a survival, the latter "COLUMN=VALUE" too, or both empty
  std::int64_t row = 0;          ///< of the synthetic table, from 1, that is to be explained; 0: none
  std::vector<std::string> out;  ///< files: a report in .html, all figures in .json
  std::uint64_t seed = 1;
  std::string device = "auto";
  int threads = 0;
  bool real_images = false;           ///< the report shows some real images
  std::vector<std::string> features;  ///< of images: files (host/evaluate/images/given_features.hpp), or none
  bool json = false, overwrite = false, quiet = false;
};
int evaluate(const EvaluateOptions& options);

struct AuditOptions {
  std::string run;           ///< a run folder
  int shadows = 16;          ///< even
  std::int64_t targets = 0;  ///< of each kind; 0: as many as are good (host/evaluate/audit/audit_game.hpp)
  std::vector<std::string> out;  ///< as EvaluateOptions has them
  std::uint64_t seed = 1;
  std::string device = "auto";
  int threads = 0;
  bool json = false, overwrite = false, quiet = false;
};
int audit(const AuditOptions& options);

struct InspectOptions {
  std::string source;  ///< run folder, checkpoint, or a table's file
  bool json = false;
  bool program = false;  ///< the step's operations instead
  std::string gpu;  ///< with `program`: what they cost there (engine/runtime/described_gpu.hpp), or empty
  // Of a table:
  std::string schema, columns, ignore;  ///< host/run/records_file.hpp
  std::string write_schema;             ///< a file for the schema, or empty
  bool exact_bounds = false;            ///< names cells that fewer rows have than a level must
  bool overwrite = false;
};
int inspect(const InspectOptions& options);

struct ExportOptions {
  std::string source;          ///< run folder or checkpoint
  std::string out;             ///< the new file
  std::string which = "last";  ///< or "best", of a run folder
  bool overwrite = false, quiet = false;
};
/// Writes a checkpoint that holds the generator alone.
int export_generator(const ExportOptions& options);

struct DevicesOptions {
  bool json = false;
  bool plan = false;  ///< the plan of the layers, instead of the devices
  // What follows is the plan's alone.
  bool tune = false;       ///< times take the place of what the cache has
  std::string run;         ///< run folder or checkpoint whose networks are meant; empty: the default ones
  std::int64_t batch = 0;  ///< 0: the run's, or the default
  std::string precision;   ///< empty: the run's, or the default
  int replicas = 1;
  std::string device = "auto";
};
int devices(const DevicesOptions& options);

}  // namespace agon::host
