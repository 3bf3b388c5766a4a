// The program's commands. Each returns an exit code or throws; main.cpp turns what is thrown into one line
// and a code.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/commands/mode_result.hpp"
#include "host/config/settings.hpp"

namespace agon::host {

/// A setting given as a flag.
struct FlagValue {
  std::string setting;  ///< its path: "training.batch"
  std::string text;
};

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
  std::string weights;  ///< average or last, the generator's; empty: the average where the run keeps one
  std::string device = "auto";
  int threads = 0;
  bool overwrite = false, quiet = false;
};
int sample(const SampleOptions& options);

struct EvaluateOptions {
  std::string real, synthetic;
  std::string out;  ///< JSON file, or empty
  double correlation_threshold = 0;
  bool json = false, overwrite = false;
};
int evaluate(const EvaluateOptions& options);

struct InspectOptions {
  std::string source;  ///< run folder or checkpoint
  bool json = false;
};
int inspect(const InspectOptions& options);

struct BenchOptions {
  std::vector<std::int64_t> batches{64, 256, 1024, 4096, 16384};
  std::vector<std::int64_t> steps_per_launch{0};  ///< as in LoopOptions; the processor knows only one way
  std::vector<std::int64_t> micro_batches{0};     ///< as in GanConfig
  std::vector<int> replicas{1};                   ///< trainings side by side
  std::string device = "auto", plan = "auto";
  int threads = 0;
  double seconds = 2;                ///< of measurement for each step that is timed
  std::vector<std::string> recipes;  ///< their names or "all", a step each
  std::vector<std::string> configs;  ///< TOML files, a step each
  std::vector<FlagValue> flags;      ///< override them
  std::string out;                   ///< JSON file, or empty
  bool json = false, overwrite = false;
};
/// Where settings are not a plain step's, times them beside the plain step of their networks, in turns.
int bench(const BenchOptions& options);

struct BenchModesOptions {
  std::vector<std::string> mixtures{"ring", "grid", "random", "thousand"};  ///< host/evaluate/mixture.hpp
  ModeProtocol protocol{.samples = 0};                                      ///< samples: 0 for the mixture's
  std::int64_t at_once = 0;          ///< seeds that train side by side; 0: host/commands/mode_trials.hpp
  std::vector<std::string> recipes;  ///< their names or "all", a row each
  std::vector<std::string> configs;  ///< TOML files, a row each
  std::vector<FlagValue> flags;      ///< override them
  std::string out;                   ///< a folder for modes.json and pictures of the samples, or empty
  bool json = false, overwrite = false, quiet = false;
};
/// What is learnt where no configuration says otherwise: the default recipe with networks for a few columns.
Settings bench_modes_settings();
/// Prints a table for each mixture; interrupted, what was done till then.
int bench_modes(const BenchModesOptions& options);

struct BenchDiracOptions {
  std::string device = "cpu";
  bool json = false;
};
/// kFailure where an eigenvalue is not what the closed form says.
int bench_dirac(const BenchDiracOptions& options);

struct DevicesOptions {
  bool json = false;
  bool plan = false;  ///< the plan of the linear layers, instead of the devices
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
