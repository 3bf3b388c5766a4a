// Rows that are kept out of training, and by which what is learnt is scored.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "engine/gan/gan.hpp"
#include "engine/metrics/held_out_score.hpp"
#include "host/table/table.hpp"

namespace agon::host {

/// The numbers of a table's rows, in two parts, each ascending.
struct RowSplit {
  std::vector<std::int64_t> training, held_out;
};

/// A table in two parts, each in the table's order, with statistics of its own.
struct Split {
  Table training, held_out;
};

/// Holds out `share` of the rows, rounded, but at least 10 where there are 20, else half of them. Which ones
/// depends on (seed, number of rows) alone: those that a keyed permutation (kernels/formula/permutation.hpp)
/// moves to the front. Throws DataError where either part would have fewer than two rows, or, of a table of
/// numbers, the training part a constant column.
RowSplit hold_out(std::int64_t rows, double share, std::uint64_t seed);
Split hold_out(const Table& table, double share, std::uint64_t seed);

/// Scores replicas by the held-out rows (engine/metrics/held_out_score.hpp) as the discriminator sees them;
/// directions and noise are the seed's, the same at every score.
class HeldOutJudge {
 public:
  /// `held_out` is (rows, width). `unit`, (width) or empty, is what each column is divided by first, where it
  /// is not 0: of rows that are not standardised, the training part's deviations.
  HeldOutJudge(const Device& device, std::span<const float> held_out, std::int64_t width, std::uint64_t seed,
               std::vector<double> unit = {});
  HeldOutScore score(const Gan& gan, int replica);
  /// Of rows (n, width) as if they were G's: as many as a sample has, evenly spread over them.
  HeldOutScore score(std::span<const float> rows);

 private:
  std::vector<float> in_units(std::span<const float> rows) const;

  std::int64_t width_;
  std::uint64_t seed_;
  std::vector<double> unit_;
  HeldOutScorer scorer_;
};

/// scores.jsonl: {"step": 1000, "sliced_wasserstein": 0.31, "mmd": 0.004, "spread": 0.97} a line, for every
/// checkpoint.
struct ScoredStep {
  std::uint64_t step = 0;
  HeldOutScore score;
};
std::string score_line(const ScoredStep& scored);
/// Those up to step `until`, up to the first line that cannot be read.
std::vector<ScoredStep> read_scores(const std::filesystem::path& path, std::uint64_t until);
/// How many of them, ascending, are of steps after that one.
std::int64_t scores_after(std::span<const ScoredStep> scores, std::uint64_t step);

}  // namespace agon::host
