#include <fmt/format.h>

#include <cmath>
#include <string>
#include <vector>

#include "host/evaluate/images/image_evaluation.hpp"
#include "host/evaluate/text_grid.hpp"
#include "host/table/text.hpp"

namespace agon::host {
namespace {

constexpr std::size_t kLongestClass = 28;

std::string image_number(double value) {
  if (std::isnan(value)) return "-";
  return fmt::format("{:.4f}", std::abs(value) < 5e-5 ? 0.0 : value);
}

std::string interval_words(const Interval& interval) {
  return image_number(interval.low) + " to " + image_number(interval.high);
}

std::string rate_words(const Rate& rate) {
  return fmt::format("{} of {} ({:.2f}%, 95% {:.2f}% to {:.2f}%)", rate.hits, rate.of, 100 * rate.share,
                     100 * rate.interval.low, 100 * rate.interval.high);
}

void add_line(TextGrid& grid, std::string name, const ImageFigure& figure, std::string words) {
  grid.add({std::move(name), image_number(figure.value), interval_words(figure.interval),
            image_number(figure.floor), interval_words(figure.floor_interval), std::move(words)});
}

std::string figures_grid(const ImageEvaluation& evaluation) {
  TextGrid grid(4);
  grid.add({"", "synthetic", "95%", "floor", "95%"});
  const WaveletFigures& wavelet = evaluation.wavelet;
  add_line(grid, "wavelet packet distance", wavelet.distance, "less is better");
  add_line(grid, "kernel distance", evaluation.features.kernel, "less is better, 0 is best");
  add_line(grid, "density", evaluation.features.density, "best at the floor");
  add_line(grid, "coverage", evaluation.features.coverage, "more is better");
  add_line(grid, "precision", evaluation.features.precision, "best at the floor");
  add_line(grid, "recall", evaluation.features.recall, "best at the floor");
  add_line(grid, "sliced patch distance", evaluation.sliced.mean, "less is better");
  for (std::size_t level = 0; level < evaluation.sliced.levels.size(); ++level)
    add_line(grid,
             fmt::format("  of {} x {} pixels", evaluation.sliced.shapes[level].height,
                         evaluation.sliced.shapes[level].width),
             evaluation.sliced.levels[level], "");
  if (evaluation.classifier) {
    add_line(grid, "classifier's score", evaluation.classifier->score, "more is better");
    add_line(grid, "  distance of logits", evaluation.classifier->distance, "less is better");
    add_line(grid, "  confidence", evaluation.classifier->confidence, "");
    add_line(grid, "  entropy", evaluation.classifier->entropy, "");
    add_line(grid, "  distance of class shares", evaluation.classifier->share_distance, "less is better");
  }
  return grid.text() +
         "Of smooth images density and precision are above the floor and recall is below; of noisy ones\n"
         "recall is above.\n";
}

std::string sets_words(const ComparedImages& compared) {
  return fmt::format("{} of {} synthetic images beside {} of {} training images; floor: as many {}\n",
                     compared.compared, compared.synthetic, compared.reference, compared.train,
                     compared.floor_is_held_out ? "held-out images" : "of the training images' other half");
}

std::string compared_words(const ImageEvaluation& evaluation) {
  return sets_words(evaluation.compared) +
         fmt::format(
             "wavelets: Haar, level {}, packets of {} x {}; features: {} networks with random weights\n",
             evaluation.wavelet.level, evaluation.wavelet.packet.height, evaluation.wavelet.packet.width,
             evaluation.features.networks);
}

std::string given_text(const GivenFeatureFigures& given) {
  TextGrid grid(4);
  grid.add({"by the given features", "synthetic", "95%", "floor", "95%"});
  add_line(grid, "Fréchet distance", given.frechet, "less is better, never 0: read it beside the floor");
  add_line(grid, "kernel distance", given.kernel, "less is better, 0 is best");
  add_line(grid, "density", given.density, "best at the floor");
  add_line(grid, "coverage", given.coverage, "more is better");
  add_line(grid, "precision", given.precision, "best at the floor");
  add_line(grid, "recall", given.recall, "best at the floor");
  return '\n' + grid.text() + sets_words(given.compared) +
         fmt::format(
             "{} features an image; Fréchet distance of all {} and {} images: {}; it is too large, by the "
             "more the fewer images\n{}",
             given.width, given.compared.train, given.compared.synthetic, image_number(given.frechet_of_all),
             given.few() ? "no more images are compared than there are features: the Fréchet distance is "
                           "mostly that; go by the others\n"
                         : "");
}

std::string classes_text(const ClassifierFigures& classifier) {
  std::string text = fmt::format(
      "\nclassifier of {} images: right about {} unseen real ones; {} of {} classes are there\n",
      classifier.learnt, rate_words(classifier.accuracy), classifier.present, classifier.names.size());
  if (classifier.agreement)
    text += fmt::format("synthetic images that it takes for what they are labelled: {}\n",
                        rate_words(*classifier.agreement));
  TextGrid grid(3);
  grid.add({"classes", "synthetic", "floor", "train"});
  const auto share = [](double value) { return fmt::format("{:.1f}%", 100 * value); };
  for (std::size_t c = 0; c < classifier.names.size(); ++c)
    grid.add(
        {classifier.is_rare(c) ? "(fewer than five images)" : printable(classifier.names[c], kLongestClass),
         share(classifier.synthetic[c]), share(classifier.floor[c]), share(classifier.trained[c])});
  return text + grid.text();
}

std::string memorisation_text(const ImageMemorisation& found) {
  std::string text = fmt::format("\ncopies of training images, byte for byte: {}", rate_words(found.exact));
  if (found.exact_held_out.of > 0)
    text += fmt::format("; of held-out ones {} of {}", found.exact_held_out.hits, found.exact_held_out.of);
  text += fmt::format("\nsynthetic images that differ: {} of {}\n", found.distinct, found.exact.of);
  const char* const yardstick = found.yardstick_is_held_out ? "held-out" : "other training";
  text += fmt::format(
      "nearest of {} training images: median {:.2f} grey levels away, of {} {} images {:.2f}\n"
      "nearer than all but 1% of these ({:.2f}): {}\n"
      "nearer to one, beside the next one, than all but 1% of these: {}\n",
      found.searched, found.median, found.yardstick, yardstick, found.yardstick_median, found.near_distance,
      rate_words(found.near), rate_words(found.single));
  return text;
}

}  // namespace

std::string to_text(const ImageEvaluation& evaluation) {
  std::string text =
      to_text(evaluation.verdict) + '\n' + figures_grid(evaluation) + compared_words(evaluation);
  if (evaluation.given) text += given_text(*evaluation.given);
  if (evaluation.classifier) text += classes_text(*evaluation.classifier);
  return text + memorisation_text(evaluation.memorisation);
}

}  // namespace agon::host
