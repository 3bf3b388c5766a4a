// `agon bench` and what it can be asked. Each returns an exit code or throws, as the program's other commands
// do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/modes/result.hpp"
#include "host/config/assign.hpp"

namespace agon::host {

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
  std::vector<std::string> mixtures{"ring", "grid", "random", "thousand"};  ///< bench/modes/mixture.hpp
  ModeProtocol protocol{.samples = 0};                                      ///< samples: 0 for the mixture's
  std::int64_t at_once = 0;          ///< seeds that train side by side; 0: bench/modes/trials.hpp
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

}  // namespace agon::host
