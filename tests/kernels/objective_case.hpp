// Logits of two segments under an objective, and what they lose and are drawn to, in long double.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <random>
#include <vector>

#include "tests/kernels/objective_oracle.hpp"

namespace agon::test {

/// Two segments of one phase: real rows and fakes, or the generator's and their partners.
struct ObjectiveCase {
  std::vector<float> logits;
  std::size_t split = 0;
  Objective objective = Objective::non_saturating;
  bool generator = false;
  float label = 1;

  RowRole role_of(int s) const {
    if (generator) return s == 0 ? RowRole::generated : RowRole::reference;
    return s == 0 ? RowRole::real : RowRole::fake;
  }
  int segment(std::size_t i) const { return i < split ? 0 : 1; }
  std::size_t length(int s) const { return s == 0 ? split : logits.size() - split; }
  float partner(std::size_t i) const {
    if (!kernels::is_paired(objective)) return 0;
    return logits[i < split ? i + split : i - split];
  }
  kernels::LossTerm term(int s) const { return loss_term(objective, role_of(s), label); }
};

inline std::ostream& operator<<(std::ostream& stream, const ObjectiveCase& c) {
  return stream << to_string(c.objective) << (c.generator ? ", generator, " : ", ") << c.logits.size()
                << " logits split at " << c.split;
}

inline std::vector<float> normal_logits(std::size_t n, float scale) {
  std::mt19937 generator(static_cast<std::uint32_t>(n));
  std::normal_distribution<float> normal(0, scale);
  std::vector<float> logits(n);
  for (float& z : logits) z = normal(generator);
  return logits;
}

/// Calls `use` for halves of so many logits under every objective, in both phases.
template <class Use>
void for_every_objective(std::initializer_list<std::size_t> halves, const Use& use) {
  for (const Objective objective : kObjectives)
    for (const bool generator : {false, true})
      for (const std::size_t half : halves)
        use(ObjectiveCase{.logits = normal_logits(2 * half, 2),
                          .split = half,
                          .objective = objective,
                          .generator = generator});
}

/// For every size and notable splits.
template <class Use>
void for_every_split(std::initializer_list<std::size_t> sizes, const Use& use) {
  for (const std::size_t n : sizes)
    for (const std::size_t split : {std::size_t{0}, std::size_t{1}, n / 2, n - 1, n})
      use(ObjectiveCase{.logits = normal_logits(n, 3), .split = split});
}

/// For pairs of logits, the first of each from next to nothing to far beyond what training sees.
template <class Use>
void for_extreme_pairs(const Use& use) {
  std::vector<float> all;
  for (const float z :
       {0.0f, 1e-30f, 1e-8f, 0.3f, 1.0f, 8.0f, 17.0f, 40.0f, 80.0f, 88.0f, 104.0f, 1e3f, 1e4f})
    all.insert(all.end(), {z, -z});
  for (const Objective objective : kObjectives)
    for (const bool generator : {false, true})
      for (const float z : all)
        for (const float partner : {0.5f, -80.0f, 1e4f})
          use(ObjectiveCase{
              .logits = {z, partner}, .split = 1, .objective = objective, .generator = generator});
}

/// For targets of real rows below 1.
template <class Use>
void for_smoothed_labels(const Use& use) {
  for (const Objective objective : {Objective::non_saturating, Objective::minimax, Objective::least_squares})
    for (const float label : {0.1f, 0.75f, 0.9f})
      use(ObjectiveCase{
          .logits = normal_logits(301, 4), .split = 150, .objective = objective, .label = label});
}

}  // namespace agon::test
