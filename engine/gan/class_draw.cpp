#include "engine/gan/class_draw.hpp"

#include <algorithm>
#include <numeric>
#include <string>

#include "kernels/columns.hpp"
#include "kernels/error.hpp"
#include "kernels/formula/philox.hpp"
#include "kernels/random.hpp"

namespace agon {

ClassDraw::ClassDraw(const Queue& queue, const GanConfig& config)
    : queue_(queue),
      inputs_(config.inputs()),
      chunk_(Evaluator::chunk_of(config.generator)),
      one_hot_(queue.device(), static_cast<std::size_t>(chunk_ * config.classes())) {
  const std::vector<std::int64_t>& shares = config.generator.records.conditions.shares;
  std::partial_sum(shares.begin(), shares.end(), std::back_inserter(shares_behind_));
}

std::vector<std::int32_t> ClassDraw::by_shares(std::uint64_t first, std::int64_t count,
                                               std::uint64_t seed) const {
  const auto purpose = static_cast<std::uint32_t>(kernels::RandomPurpose::sampling_conditions);
  const auto all = static_cast<double>(shares_behind_.back());
  std::vector<std::int32_t> classes;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto block =
        kernels::formula::random_block(seed, purpose, first + static_cast<std::uint64_t>(i), 0);
    const auto place = static_cast<std::int64_t>(block.word[0] * 0x1p-32 * all);
    const auto found = std::ranges::upper_bound(shares_behind_, place);
    classes.push_back(static_cast<std::int32_t>(found - shares_behind_.begin()));
  }
  return classes;
}

Evaluator::Amend ClassDraw::amend(std::int64_t first, std::span<const std::int32_t> asked) {
  return [=, this](float* input, float*, const kernels::RandomStream& random, std::uint64_t chunk) {
    const std::uint64_t begin = chunk * static_cast<std::uint64_t>(chunk_);
    std::vector<std::int32_t> classes = by_shares(begin, chunk_, random.seed);
    for (std::size_t i = 0; i < classes.size(); ++i) {
      const std::uint64_t place = begin + i - static_cast<std::uint64_t>(first);
      if (place < asked.size()) classes[i] = asked[place];
    }
    const auto levels = std::ssize(shares_behind_);
    std::vector<float> one_hot(one_hot_.size());
    for (std::size_t i = 0; i < classes.size(); ++i)
      one_hot[i * static_cast<std::size_t>(levels) + static_cast<std::size_t>(classes[i])] = 1.0f;
    queue_.upload(one_hot_.data(), std::span<const float>(one_hot));
    kernels::columns(queue_, {.rows = chunk_,
                              .width = levels,
                              .from = one_hot_.data(),
                              .from_width = levels,
                              .to = input,
                              .to_width = inputs_,
                              .first_to = inputs_ - levels});
    queue_.wait();
  };
}

std::vector<float> logits_of_classes(const GanConfig& config, std::span<const float> scores,
                                     std::span<const std::int32_t> classes) {
  const auto width = static_cast<std::size_t>(1 + config.classes());
  require_classes(config, classes, static_cast<std::int64_t>(scores.size() / width));
  std::vector<float> logits;
  for (std::size_t i = 0; i < classes.size(); ++i)
    logits.push_back(scores[i * width] + scores[i * width + 1 + static_cast<std::size_t>(classes[i])]);
  return logits;
}

void require_classes(const GanConfig& config, std::span<const std::int32_t> classes, std::int64_t count) {
  if (!config.by_class()) throw ConfigurationError("the networks are not by class");
  if (std::ssize(classes) != count)
    throw ConfigurationError(std::to_string(classes.size()) + " classes for " + std::to_string(count) +
                             " images");
  for (const std::int32_t one : classes)
    if (one < 0 || one >= config.classes())
      throw ConfigurationError("class " + std::to_string(one) + ", counted from 0, is none of the " +
                               std::to_string(config.classes()));
}

}  // namespace agon
