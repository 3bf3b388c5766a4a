// How a generator by class is asked for images: of the classes that a caller names, or by their shares.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/gan/config.hpp"
#include "engine/model/evaluator.hpp"
#include "engine/runtime/buffer.hpp"
#include "engine/runtime/queue.hpp"

namespace agon {

class ClassDraw {
 public:
  /// The queue must outlive the object.
  ClassDraw(const Queue& queue, const GanConfig& config);

  /// Of rows [first, first + count) of the draw that is named by the seed. A row's class depends on (seed,
  /// row) alone.
  std::vector<std::int32_t> by_shares(std::uint64_t first, std::int64_t count, std::uint64_t seed) const;
  /// The same for an Evaluator of the generator, which this object must outlive; but where rows from `first`
  /// on have classes in `asked`, which must outlive it as well, these are asked for.
  Evaluator::Amend amend(std::int64_t first = 0, std::span<const std::int32_t> asked = {});

 private:
  const Queue& queue_;
  std::int64_t inputs_, chunk_;              ///< columns and rows of the generator's input
  std::vector<std::int64_t> shares_behind_;  ///< of each class and all before it
  Buffer<float> one_hot_;                    ///< (chunk, classes)
};

/// From a discriminator's scores, (n, 1 + classes), the logit of each row's class (kernels/class_logit.hpp).
/// Throws ConfigurationError where `classes` are not n of those.
std::vector<float> logits_of_classes(const GanConfig& config, std::span<const float> scores,
                                     std::span<const std::int32_t> classes);

/// Throws ConfigurationError where these are not `count` classes of the configuration's.
void require_classes(const GanConfig& config, std::span<const std::int32_t> classes, std::int64_t count);

}  // namespace agon
