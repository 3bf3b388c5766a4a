#include "host/evaluate/images/image_evaluation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "host/evaluate/images/feature_figures.hpp"
#include "host/evaluate/images/pyramid_distance.hpp"
#include "host/evaluate/images/random_features.hpp"
#include "host/evaluate/images/wavelet_distance.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

constexpr std::int64_t kFewestTrain = 40, kFewestSynthetic = 20;
constexpr std::int64_t kMostOfSide = 16'384;
constexpr int kNetworks = 3;
constexpr std::int64_t kMostBeside = 12, kMostOfYardstick = 1000;
constexpr std::int64_t kDirections = 128, kMostPatches = 65'536, kMostPatchesOfImage = 16;

void require_images(const ImageSet& images, const ImageSet& train, const char* name) {
  const auto refuse = [&](const std::string& why) { throw DataError("images: " + std::string(name) + why); };
  if (images.count == 0) return;
  if (images.shape != train.shape) refuse(" are not of the training images' size");
  const auto size = static_cast<std::size_t>(images.shape.size());
  if (images.pixels.size() % size != 0 ||
      images.pixels.size() / size != static_cast<std::size_t>(images.count))
    refuse(": their pixels are not as many as their size says");
  if (!images.labelled()) return;
  if (images.labels.size() != static_cast<std::size_t>(images.count)) refuse(": not each has a label");
  const auto classes = static_cast<std::int32_t>(images.label_names.size());
  for (const std::int32_t label : images.labels)
    if (label < 0 || label >= classes) refuse(": a label without a name");
  if (train.labelled() && images.label_names != train.label_names)
    refuse(" have other classes than the training images");
}

void require_sets(const ImageSet& train, const ImageSet& held_out, const ImageSet& synthetic) {
  const ImageShape& shape = train.shape;
  if (shape.height < 1 || shape.width < 1 || (shape.channels != 1 && shape.channels != 3))
    throw DataError("images: training images of one grey or three colour channels are needed");
  if (std::max(shape.height, shape.width) > kMostOfSide)
    throw DataError("images: more than " + std::to_string(kMostOfSide) +
                    " pixels a side cannot be compared; scale them down");
  if (train.count < kFewestTrain)
    throw DataError("images: " + std::to_string(train.count) + " training images; " +
                    std::to_string(kFewestTrain) + " or more are needed");
  if (synthetic.count < kFewestSynthetic)
    throw DataError("images: " + std::to_string(synthetic.count) + " synthetic images; " +
                    std::to_string(kFewestSynthetic) + " or more are needed");
  require_images(train, train, "training images");
  require_images(held_out, train, "held-out images");
  require_images(synthetic, train, "synthetic images");
}

struct ImageSets {
  ImageSet reference, floor, synthetic;
  ChosenImages chosen;
};

ImageSets compared_sets(const ImageSet& train, const ImageSet& held_out, const ImageSet& synthetic,
                        const ImageEvaluationOptions& options) {
  const std::int64_t most =
      std::min(options.most_images, options.most_values / wavelet_shape(train.shape).size());
  if (most < kFewestSynthetic)
    throw DataError("images: too large to compare " + std::to_string(kFewestSynthetic) +
                    " of them; scale them down");
  ChosenImages chosen = choose_images(train.count, held_out.count, synthetic.count, most, options.seed);
  const ImageSet& others = chosen.compared.floor_is_held_out ? held_out : train;
  return {some_images(train, chosen.reference), some_images(others, chosen.floor),
          some_images(synthetic, chosen.synthetic), std::move(chosen)};
}

/// Variances of the rows' columns, all together, over the number of packets.
double spread_of_packets(const ImageRows& rows, std::int64_t packets) {
  const RowScale scale(rows);
  double sum = 0;
  for (std::int64_t row = 0; row < rows.rows; ++row)
    for (std::int64_t i = 0; i < rows.width; ++i) {
      const double away = double{rows.row(row)[i]} - double{scale.mean[i]};
      sum += away * away;
    }
  return sum / static_cast<double>((rows.rows - 1) * packets);
}

WaveletFigures wavelet_figures(const ImageSets& sets) {
  const WaveletShape shape = wavelet_shape(sets.reference.shape);
  WaveletFigures figures{shape.level, shape.packet, {}, 0, {}, {}};
  const ImageRows real = haar_packets(sets.reference, shape);
  figures.spread = spread_of_packets(real, shape.packets());
  const Jackknifed made =
      wavelet_distance(real, haar_packets(sets.synthetic, shape), shape, &figures.packets);
  const Jackknifed floor =
      wavelet_distance(real, haar_packets(sets.floor, shape), shape, &figures.floor_packets);
  figures.distance = beside_floor(made, floor);
  return figures;
}

/// Of each network, the three sets' features, standardised by the reference's.
struct SetFeatures {
  std::vector<ImageRows> reference, floor, synthetic;
};

SetFeatures features_of_sets(const ImageSets& sets, std::uint64_t seed, const Device& device) {
  SetFeatures features;
  for (std::uint64_t net = 0; net < kNetworks; ++net) {
    const RandomFeatures network(device, sets.reference.shape, channel_scale(sets.reference), seed, net);
    ImageRows reference = network.of(sets.reference), floor = network.of(sets.floor),
              synthetic = network.of(sets.synthetic);
    const RowScale scale(reference);
    for (ImageRows* rows : {&reference, &floor, &synthetic}) scale.apply(*rows);
    features.reference.push_back(std::move(reference));
    features.floor.push_back(std::move(floor));
    features.synthetic.push_back(std::move(synthetic));
  }
  return features;
}

RandomFeatureFigures feature_figures_of(const RowProducts& products, const SetFeatures& features) {
  std::vector<FeatureFigures> made, floor;
  for (int net = 0; net < kNetworks; ++net) {
    const FeatureSet reference = feature_set(products, features.reference[net]);
    made.push_back(compare_features(products, reference, feature_set(products, features.synthetic[net])));
    floor.push_back(compare_features(products, reference, feature_set(products, features.floor[net])));
  }
  const auto mean_of_nets = [](const std::vector<FeatureFigures>& nets, Jackknifed FeatureFigures::*figure) {
    std::vector<Jackknifed> each;
    for (const FeatureFigures& net : nets) each.push_back(net.*figure);
    return mean_of_figures(each);
  };
  RandomFeatureFigures figures;
  figures.networks = kNetworks;
  const std::array<std::pair<ImageFigure RandomFeatureFigures::*, Jackknifed FeatureFigures::*>, 5> all = {
      {{&RandomFeatureFigures::kernel, &FeatureFigures::kernel},
       {&RandomFeatureFigures::density, &FeatureFigures::density},
       {&RandomFeatureFigures::coverage, &FeatureFigures::coverage},
       {&RandomFeatureFigures::precision, &FeatureFigures::precision},
       {&RandomFeatureFigures::recall, &FeatureFigures::recall}}};
  for (const auto& [to, from] : all)
    figures.*to = beside_floor(mean_of_nets(made, from), mean_of_nets(floor, from));
  return figures;
}

ImageRows first_rows(const std::vector<ImageRows>& networks, std::int64_t count) {
  ImageRows rows = side_by_side(networks);
  rows.rows = std::min(rows.rows, count);
  rows.values.resize(static_cast<std::size_t>(rows.rows * rows.width));
  return rows;
}

/// By features, of the first synthetic images.
std::vector<ClosePair> nearest_by_features(const RowProducts& products, const ChosenImages& chosen,
                                           const SetFeatures& features) {
  const ImageRows reference = side_by_side(features.reference);
  const std::vector<double> yardstick =
      rising_distances(nearest_images(products, first_rows(features.floor, kMostOfYardstick), reference));
  std::vector<ClosePair> pairs;
  for (const NearestImage& one :
       nearest_images(products, first_rows(features.synthetic, kMostBeside), reference))
    pairs.push_back({chosen.synthetic[pairs.size()], chosen.reference[one.index], one.distance,
                     share_as_near(yardstick, one.distance)});
  return pairs;
}

ImageSet first_images(const ImageSet& images, std::int64_t count) {
  ImageSet some{images.shape, count, {}, {}, {}};
  some.pixels.assign(images.pixels.begin(), images.pixels.begin() + count * images.shape.size());
  return some;
}

SlicedPatchFigures sliced_figures(const ImageSets& sets, std::uint64_t seed) {
  SlicedPatchFigures figures;
  figures.images = std::min(sets.reference.count, sets.chosen.compared.compared);
  figures.patches_of_image = std::clamp<std::int64_t>(kMostPatches / figures.images, 1, kMostPatchesOfImage);
  figures.directions = kDirections;
  const auto patches_of = [&](const ImageSet& images) {
    return pyramid_patches(first_images(images, figures.images), figures.patches_of_image, seed);
  };
  const std::vector<ImageRows> real = patches_of(sets.reference);
  std::vector<ImageRows> made = patches_of(sets.synthetic), floor = patches_of(sets.floor);
  std::vector<Jackknifed> of_made, of_floor;
  ImageShape shape = sets.reference.shape;
  for (std::size_t level = 0; level < real.size(); ++level) {
    const std::array<ImageRows, 2> others = {std::move(made[level]), std::move(floor[level])};
    const auto distances =
        patch_distances(real[level], others, random_directions(kDirections, real[level].width, seed + level),
                        figures.patches_of_image);
    of_made.push_back(distances[0]);
    of_floor.push_back(distances[1]);
    figures.levels.push_back(beside_floor(distances[0], distances[1]));
    figures.shapes.push_back(shape);
    shape = {(shape.height + 1) / 2, (shape.width + 1) / 2, shape.channels};
  }
  figures.mean = beside_floor(mean_of_figures(of_made), mean_of_figures(of_floor));
  return figures;
}

std::optional<ClassifierFigures> classifier_figures(const ImageSets& sets, const SetFeatures& features) {
  if (!sets.reference.labelled() || !sets.floor.labelled() || sets.reference.label_names.size() < 2)
    return {};
  const ImageRows reference = side_by_side(features.reference), floor = side_by_side(features.floor),
                  synthetic = side_by_side(features.synthetic);
  return classify_images({reference, sets.reference.labels}, {floor, sets.floor.labels},
                         {synthetic, sets.synthetic.labels}, sets.reference.label_names);
}

}  // namespace

ImageEvaluation evaluate_images(const ImageSet& train, const ImageSet& held_out, const ImageSet& synthetic,
                                const ImageEvaluationOptions& options, const Device& device) {
  require_sets(train, held_out, synthetic);
  ImageEvaluation evaluation;
  evaluation.shape = train.shape;
  evaluation.seed = options.seed;
  const ImageSets sets = compared_sets(train, held_out, synthetic, options);
  evaluation.compared = sets.chosen.compared;
  options.begins("wavelet packets");
  evaluation.wavelet = wavelet_figures(sets);
  options.begins("random features");
  const RowProducts products(device);
  std::vector<ClosePair> by_features;
  {
    const SetFeatures features = features_of_sets(sets, options.seed, device);
    evaluation.features = feature_figures_of(products, features);
    by_features = nearest_by_features(products, sets.chosen, features);
    options.begins("classifier");
    evaluation.classifier = classifier_figures(sets, features);
  }
  options.begins("patches");
  evaluation.sliced = sliced_figures(sets, options.seed);
  options.begins("memorisation");
  MemorisationOptions asked{options.most_images, options.most_values, options.seed, {}};
  for (const ClosePair& pair : by_features) asked.beside.push_back(pair.synthetic);
  evaluation.memorisation = find_memorised(products, train, held_out, synthetic, asked);
  for (std::size_t i = 0; i < by_features.size(); ++i)
    evaluation.beside.push_back({evaluation.memorisation.beside[i], by_features[i]});
  evaluation.verdict = judge(evaluation);
  return evaluation;
}

}  // namespace agon::host
