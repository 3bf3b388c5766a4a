#include "host/evaluate/images/image_verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "host/evaluate/images/image_evaluation.hpp"
#include "host/evaluate/reasons.hpp"
#include "host/table/text.hpp"

namespace agon::host {
namespace {

using Limit = ImageVerdictLimits::Limit;

/// A class of which fewer real images are compared may be missing by chance.
constexpr double kEnoughOfClass = 20;

double above_floor(const ImageFigure& figure) { return figure.interval.low - figure.floor_interval.high; }
double below_floor(const ImageFigure& figure) { return figure.floor_interval.low - figure.interval.high; }

std::array<const Judgement*, 3> all_of(const ImageVerdict& verdict) {
  return {&verdict.likeness, &verdict.completeness, &verdict.privacy};
}

Judgement likeness_of_images(const ImageEvaluation& evaluation, const ImageVerdictLimits& limits) {
  Reasons reasons;
  const WaveletFigures& wavelet = evaluation.wavelet;
  const ImageFigure& distance = wavelet.distance;
  const double spread = wavelet.spread > 0 ? wavelet.spread : 1;
  reasons.add(
      above_floor(distance) / spread, limits.wavelet,
      fmt::format("Their wavelet packets lie {} from the training images', those of other real images "
                  "{}, in parts of how much these vary.",
                  in_percent(distance.value / spread), in_percent(distance.floor / spread)));
  const ImageFigure& precision = evaluation.features.precision;
  reasons.add(below_floor(precision), limits.precision,
              fmt::format("{} of them lie among the training images (precision; other real images: {}).",
                          in_percent(precision.value), in_percent(precision.floor)));
  return judgement("Do they look like real images?", std::move(reasons),
                   "Yes: these figures tell them from real images no better than other real images.",
                   "Mostly: these figures tell them from real images.",
                   "No: they differ plainly from real images.", "There is too little to tell.");
}

/// The classes that are there in real images, and not in synthetic ones, the first few by name.
std::string lost_classes(const ClassifierFigures& classifier, std::int64_t compared, double least) {
  constexpr int kNamed = 5;
  std::string names;
  int lost = 0;
  for (std::size_t c = 0; c < classifier.names.size(); ++c) {
    const double real = std::min(classifier.floor[c], classifier.trained[c]);
    if (real * static_cast<double>(compared) < kEnoughOfClass || classifier.synthetic[c] >= least * real)
      continue;
    if (++lost > kNamed) continue;
    names += fmt::format("{}{} ({} of them; real images: {})", names.empty() ? "" : ", ",
                         in_quotes(classifier.names[c]), in_percent(classifier.synthetic[c]),
                         in_percent(classifier.floor[c]));
  }
  if (lost > kNamed) names += fmt::format(", and {} more", lost - kNamed);
  return names;
}

void add_classes(const ImageEvaluation& evaluation, const ImageVerdictLimits& limits, Reasons& reasons) {
  const ClassifierFigures& classifier = *evaluation.classifier;
  const std::string lost = lost_classes(classifier, evaluation.compared.compared, limits.lost_class);
  if (!lost.empty()) reasons.add(Light::red, "Missing, by a classifier of real images: " + lost + ".");
  const ImageFigure& shares = classifier.share_distance;
  reasons.add(
      above_floor(shares), limits.classes,
      fmt::format("Shares of the classes differ from the training images' by {} (other real images: {}).",
                  in_percent(shares.value), in_percent(shares.floor)));
}

Judgement completeness_of(const ImageEvaluation& evaluation, const ImageVerdictLimits& limits) {
  Reasons reasons;
  const ImageFigure &coverage = evaluation.features.coverage, &recall = evaluation.features.recall;
  reasons.add(
      below_floor(coverage), limits.coverage,
      fmt::format("{} of the training images have one of them around (coverage; other real images: {}).",
                  in_percent(coverage.value), in_percent(coverage.floor)));
  reasons.add(below_floor(recall), limits.recall,
              fmt::format("{} of the training images lie among them (recall; other real images: {}).",
                          in_percent(recall.value), in_percent(recall.floor)));
  if (evaluation.classifier) add_classes(evaluation, limits, reasons);
  return judgement("Is every kind of real image there?", std::move(reasons),
                   "Yes, as far as these figures tell.", "Mostly: some kinds are rarer than they should be.",
                   "No: kinds of real images are missing.", "There is too little to tell.");
}

Judgement privacy_of_images(const ImageEvaluation& evaluation, const ImageVerdictLimits& limits) {
  const ImageMemorisation& found = evaluation.memorisation;
  const bool held_out = found.exact_held_out.of > 0;
  const char* const yardstick =
      found.yardstick_is_held_out ? "held-out images" : "training images among themselves";
  Reasons reasons;
  reasons.add(found.exact.share - (held_out ? found.exact_held_out.interval.high : 0), limits.copies,
              fmt::format("{} of {} are byte for byte a training image{}.", found.exact.hits, found.exact.of,
                          held_out ? fmt::format(" (held-out images: {} of {})", found.exact_held_out.hits,
                                                 found.exact_held_out.of)
                                   : ""));
  reasons.add(found.single.interval.low, limits.single,
              fmt::format("{} are nearer to one training image, beside the next one, than all but 1% of {}.",
                          in_percent(found.single.share), yardstick));
  Judgement out = judgement(
      "Does it keep patients private?", std::move(reasons),
      "No copies beyond what other real images have. That is no proof: no attack was tried on these images.",
      "Some are too near to a training image: look at them before you give them away.",
      "No: it gives training images away.", "There is too little to tell.");
  if (out.light == Light::green && !found.yardstick_is_held_out) {
    out.light = Light::unknown;
    out.answer =
        "Hardly a copy was found, but without a hundred held-out images, which the generator never saw, this "
        "cannot be "
        "told (train --held-out; --holdout).";
  }
  return out;
}

}  // namespace

ImageVerdict judge(const ImageEvaluation& evaluation, const ImageVerdictLimits& limits) {
  return {likeness_of_images(evaluation, limits), completeness_of(evaluation, limits),
          privacy_of_images(evaluation, limits)};
}

nlohmann::ordered_json to_json(const ImageVerdict& verdict) {
  return {{"likeness", to_json(verdict.likeness)},
          {"completeness", to_json(verdict.completeness)},
          {"privacy", to_json(verdict.privacy)}};
}

std::string in_short(const ImageVerdict& verdict) {
  std::string text;
  for (const Judgement* const one : all_of(verdict)) text += in_short(*one);
  return text;
}

std::string to_text(const ImageVerdict& verdict) {
  std::string text;
  for (const Judgement* const one : all_of(verdict)) text += to_text(*one);
  return text;
}

}  // namespace agon::host
