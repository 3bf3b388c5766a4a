#include <array>
#include <nlohmann/json.hpp>

#include "host/evaluate/images/image_evaluation.hpp"

namespace agon::host {
namespace {

using nlohmann::ordered_json;

ordered_json interval_pair(const Interval& interval) { return {interval.low, interval.high}; }

ordered_json image_figure_json(const ImageFigure& figure) {
  return {{"value", figure.value},
          {"interval", interval_pair(figure.interval)},
          {"floor", figure.floor},
          {"floor_interval", interval_pair(figure.floor_interval)}};
}

ordered_json image_rate_json(const Rate& rate) {
  return {{"hits", rate.hits},
          {"of", rate.of},
          {"share", rate.share},
          {"interval", interval_pair(rate.interval)}};
}

ordered_json size_json(const ImageShape& shape) { return {shape.height, shape.width, shape.channels}; }

ordered_json compared_json(const ComparedImages& compared) {
  return {{"train", compared.train},
          {"held_out", compared.held_out},
          {"synthetic", compared.synthetic},
          {"reference", compared.reference},
          {"compared", compared.compared},
          {"floor", compared.floor_is_held_out ? "held-out images" : "two halves of the training images"}};
}

ordered_json wavelet_json(const WaveletFigures& wavelet) {
  ordered_json json{{"level", wavelet.level}, {"packet", size_json(wavelet.packet)}};
  json.update(image_figure_json(wavelet.distance));
  json["spread"] = wavelet.spread;
  json["packets"] = wavelet.packets;
  json["floor_packets"] = wavelet.floor_packets;
  return json;
}

ordered_json features_json(const RandomFeatureFigures& features) {
  return {{"networks", features.networks},
          {"kernel_distance", image_figure_json(features.kernel)},
          {"density", image_figure_json(features.density)},
          {"coverage", image_figure_json(features.coverage)},
          {"precision", image_figure_json(features.precision)},
          {"recall", image_figure_json(features.recall)}};
}

ordered_json given_json(const std::optional<GivenFeatureFigures>& given) {
  if (!given) return nullptr;
  return {{"width", given->width},
          {"images", compared_json(given->compared)},
          {"frechet_distance_of_all", given->frechet_of_all},
          {"frechet_distance", image_figure_json(given->frechet)},
          {"kernel_distance", image_figure_json(given->kernel)},
          {"density", image_figure_json(given->density)},
          {"coverage", image_figure_json(given->coverage)},
          {"precision", image_figure_json(given->precision)},
          {"recall", image_figure_json(given->recall)}};
}

ordered_json sliced_patches_json(const SlicedPatchFigures& sliced) {
  ordered_json json{{"images", sliced.images},
                    {"patches_of_image", sliced.patches_of_image},
                    {"directions", sliced.directions}};
  json.update(image_figure_json(sliced.mean));
  json["levels"] = ordered_json::array();
  for (std::size_t level = 0; level < sliced.levels.size(); ++level) {
    ordered_json one{{"size", size_json(sliced.shapes[level])}};
    one.update(image_figure_json(sliced.levels[level]));
    json["levels"].push_back(std::move(one));
  }
  return json;
}

ordered_json classifier_json(const std::optional<ClassifierFigures>& classifier) {
  if (!classifier) return nullptr;
  ordered_json json{{"learnt", classifier->learnt},
                    {"accuracy", image_rate_json(classifier->accuracy)},
                    {"agreement", classifier->agreement ? image_rate_json(*classifier->agreement) : nullptr},
                    {"present", classifier->present},
                    {"share_distance", image_figure_json(classifier->share_distance)},
                    {"confidence", image_figure_json(classifier->confidence)},
                    {"entropy", image_figure_json(classifier->entropy)},
                    {"score", image_figure_json(classifier->score)},
                    {"distance", image_figure_json(classifier->distance)}};
  json["classes"] = ordered_json::array();
  for (std::size_t c = 0; c < classifier->names.size(); ++c)
    json["classes"].push_back(
        {{"name", classifier->is_rare(c) ? ordered_json(nullptr) : ordered_json(classifier->names[c])},
         {"train", classifier->trained[c]},
         {"synthetic", classifier->synthetic[c]},
         {"floor", classifier->floor[c]}});
  return json;
}

ordered_json pair_json(const ClosePair& pair) {
  return {{"synthetic", pair.synthetic},
          {"train", pair.train},
          {"distance", pair.distance},
          {"nearer", pair.nearer}};
}

ordered_json beside_json(const std::vector<BesideReal>& beside) {
  ordered_json json = ordered_json::array();
  for (const BesideReal& one : beside)
    json.push_back({{"pixels", pair_json(one.pixels)}, {"features", pair_json(one.features)}});
  return json;
}

ordered_json memorisation_json(const ImageMemorisation& found) {
  ordered_json json{{"exact", image_rate_json(found.exact)},
                    {"exact_held_out", image_rate_json(found.exact_held_out)},
                    {"distinct", found.distinct},
                    {"searched", found.searched},
                    {"synthetic", found.synthetic},
                    {"yardstick_images", found.yardstick},
                    {"yardstick", found.yardstick_is_held_out ? "held-out images" : "training images"},
                    {"median", found.median},
                    {"yardstick_median", found.yardstick_median},
                    {"near_distance", found.near_distance},
                    {"near", image_rate_json(found.near)},
                    {"single_ratio", found.single_ratio},
                    {"single", image_rate_json(found.single)}};
  json["closest"] = ordered_json::array();
  for (const ClosePair& pair : found.closest) json["closest"].push_back(pair_json(pair));
  return json;
}

}  // namespace

ordered_json to_json(const ImageEvaluation& evaluation) {
  return {{"size", size_json(evaluation.shape)},
          {"seed", evaluation.seed},
          {"images", compared_json(evaluation.compared)},
          {"verdict", to_json(evaluation.verdict)},
          {"wavelet_distance", wavelet_json(evaluation.wavelet)},
          {"random_features", features_json(evaluation.features)},
          {"given_features", given_json(evaluation.given)},
          {"sliced_patches", sliced_patches_json(evaluation.sliced)},
          {"classifier", classifier_json(evaluation.classifier)},
          {"memorisation", memorisation_json(evaluation.memorisation)},
          {"beside", beside_json(evaluation.beside)}};
}

}  // namespace agon::host
