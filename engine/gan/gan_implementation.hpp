// What a Gan is made of.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/gan/class_draw.hpp"
#include "engine/gan/condition_tables.hpp"
#include "engine/gan/gan.hpp"
#include "engine/gan/step_memory.hpp"
#include "engine/gan/step_program.hpp"
#include "engine/gan/training_table.hpp"
#include "engine/metrics/health_reference.hpp"
#include "engine/model/evaluator.hpp"
#include "engine/model/model.hpp"

namespace agon {

/// As many health samples as there are rows of statistics.
inline constexpr std::int64_t kHealthRing = Gan::kStatisticsRing / kHealthEvery;

struct Gan::Implementation {
  Implementation(const GanConfig& the_config, const Device& device, const LoopOptions& loop, int replicas);

  void set_deviation(int replica, float deviation);
  void learn_from(TrainingTable its);
  void probe_beside(const TrainingTable& its);
  const ConditionTables* by_shares() const { return conditions ? &*conditions : nullptr; }
  Evaluator& sampler(int index) { return asked(samplers, model.network(kGenerator, index), index); }
  Evaluator& scorer(int index) {
    return asked(scorers, model.network(kGenerator, index).without_heads(), index);
  }
  Evaluator& asked(std::vector<std::unique_ptr<Evaluator>>& all, const Network& network, int index);
  /// By class its output is the scores that its logit is chosen from.
  Evaluator& discriminator(int index);
  void unsettle(int index);
  /// Throws where a replica has no more than its generator.
  void require_whole(const char* what) const;

  GanConfig config;
  GanGame game;
  Buffer<kernels::HealthSample> health_ring;
  std::optional<TrainingTable> table;
  std::vector<std::string> warnings;  // of the table
  std::optional<ConditionTables> conditions;
  std::optional<ClassDraw> class_draw;  // of images by class
  Model model;                          // behind what its step works on
  // Of replicas; made when first asked for. Scorers are samplers without heads.
  std::vector<std::unique_ptr<Evaluator>> samplers, scorers, discriminators;
  std::vector<char> generator_alone;  // what has been restored last, of each replica
  Weights drawn_from;
};

}  // namespace agon
