// What `agon bench modes` found, as a table and as JSON, beside what others published.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/modes/modes.hpp"
#include "engine/gan/config.hpp"

namespace agon::host {

/// How the benchmark is run. The defaults are PacGAN's (Lin et al., 2018, and its published
/// configuration). Where it must differ: their generator has four hidden layers of 400 with batch
/// normalisation and ReLU on noise in 2-D, their discriminator three of 200 maxout units of five pieces,
/// Adam 1e-4 (0.8); agon's networks are LeakyReLU perceptrons (the configuration's), and learn standardised
/// columns as `agon train` does. They draw new points for each run; here all runs learn the same points.
struct ModeProtocol {
  std::int64_t points = 100000;  ///< of training
  std::int64_t epochs = 400;
  std::int64_t batch = 100;
  std::int64_t samples = 2500;  ///< that are judged
  std::int64_t seeds = 10;      ///< runs
  std::uint64_t seed = 1;       ///< of the first; the others count up
  std::uint64_t data_seed = 1;  ///< of the points, and of a random mixture's centres
};

struct ModeTrial {
  std::uint64_t seed = 0;
  bool failed = false;  ///< diverged, or a sample was not finite: there is no score
  std::uint64_t steps = 0;
  ModeScore score;
};

/// One configuration's runs, in the order of seeds; fewer than asked where it was interrupted.
struct ModeRow {
  std::string name;
  GanConfig config;
  std::vector<ModeTrial> trials;
  double seconds = 0;  ///< that training took
};

struct ModeBench {
  Mixture mixture;
  ModeProtocol protocol;
  std::vector<ModeTrial> truth;  ///< fresh points of the mixture itself, judged alike, as often
  std::vector<ModeRow> rows;
};

/// What was published; NaN where it was not.
struct PublishedModes {
  const char* mixture;
  const char* method;
  double found, high_quality, reverse_kl;
  const char* source;
};
std::vector<PublishedModes> published_modes(const std::string& mixture);

/// Means over the runs that did not fail, with their standard errors.
struct ModeSummary {
  std::int64_t runs = 0, failed = 0;
  Estimate found, high_quality, reverse_kl, reverse_kl_high_quality, spread;
  double fewest = 0;  ///< modes of the worst run
};
ModeSummary summarise(const std::vector<ModeTrial>& trials);

std::string modes_text(const ModeBench& bench);
/// An array with an object for each bench.
std::string modes_json(const std::vector<ModeBench>& benches);

}  // namespace agon::host
