// Scores of a model's guesses of rows, each row counted as often as asked: what a bootstrap needs.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace agon::host {

/// NaN where it is undefined, or of the other kind of target.
struct TargetScores {
  double auc = 0;  ///< of each class against all others, mean over classes that some but not all rows have
  double f1_macro = 0;  ///< mean over the classes that rows have or are guessed to have
  double f1_rarer = 0;  ///< of two classes: F1 of the one with fewer rows in the real table
  double accuracy = 0;
  double r2 = 0;  ///< of numbers
};

/// Guesses of a class.
class JudgedClasses {
 public:
  /// `truth` (rows): 0, ..., classes - 1. `probabilities` (rows, classes). The guess is the likeliest class,
  /// of equally likely ones the first. `rarer`: the class of f1_rarer; -1: none.
  JudgedClasses(std::vector<std::int32_t> truth, std::vector<double> probabilities, int classes, int rarer);
  /// `times` (rows): how often each row counts.
  TargetScores scores(std::span<const std::int32_t> times) const;

 private:
  double auc_of(std::size_t c, std::span<const std::int32_t> times) const;

  std::size_t classes_;
  int rarer_;
  std::vector<std::int32_t> truth_, guess_;
  std::vector<double> probabilities_;
  std::vector<std::vector<std::size_t>> order_;  // (classes) rows by rising probability of the class
};

/// Guesses of a number.
class JudgedNumbers {
 public:
  /// Both (rows).
  JudgedNumbers(std::vector<double> truth, std::vector<double> guess)
      : truth_(std::move(truth)), guess_(std::move(guess)) {}
  TargetScores scores(std::span<const std::int32_t> times) const;

 private:
  std::vector<double> truth_, guess_;
};

}  // namespace agon::host
