#include "host/evaluate/images/given_features.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "engine/runtime/thread_pool.hpp"
#include "host/evaluate/images/feature_figures.hpp"
#include "host/evaluate/images/frechet.hpp"
#include "host/evaluate/images/row_products.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

constexpr std::int64_t kFewestRealRows = 40, kFewestDrawnRows = 20;

void require_enough(const char* name, std::int64_t rows, std::int64_t fewest) {
  if (rows < fewest)
    throw DataError("--features: " + std::to_string(rows) + " rows of " + name + " images; " +
                    std::to_string(fewest) + " or more are needed");
}

struct GivenSets {
  ImageRows reference, floor, synthetic;
};

/// About the reference's means: distances are the same, and a common offset takes no digits of theirs.
GivenSets centred_sets(const GivenSets& sets) {
  RowScale scale(sets.reference);
  std::ranges::fill(scale.deviation, 1.0f);
  GivenSets centred = sets;
  for (ImageRows* const rows : {&centred.reference, &centred.floor, &centred.synthetic}) scale.apply(*rows);
  return centred;
}

/// Of all rows and without each group, on as many threads as there are.
template <class Of>
Jackknifed jackknifed_in_parts(const Of& of) {
  std::array<double, kJackknifeGroups + 1> figures{};
  host_pool().each(static_cast<int>(figures.size()), [&](int part) { figures[part] = of(part - 1); });
  return Jackknifed::by([&](int group) { return figures[group + 1]; });
}

/// Whether rows are faster than their covariances.
bool few_rows(const ImageRows& a, const ImageRows& b) { return std::min(a.rows, b.rows) < a.width; }

Jackknifed frechet_figure(const ImageRows& a, const ImageRows& b) {
  if (few_rows(a, b)) return jackknifed_in_parts([&](int group) { return frechet_distance(a, b, group); });
  const auto sums_a = sums_of_groups(a, 0, a.width), sums_b = sums_of_groups(b, 0, b.width);
  return jackknifed_in_parts([&](int group) { return frechet_distance(sums_a, sums_b, group); });
}

double frechet_of_all(const ImageRows& a, const ImageRows& b) {
  if (few_rows(a, b)) return frechet_distance(a, b, -1);
  return frechet_distance(sums_of_groups(a, 0, a.width), sums_of_groups(b, 0, b.width), -1);
}

struct ComparedPair {
  FeatureFigures made, floor;
};

ComparedPair compare_sets(const RowProducts& products, GivenSets sets) {
  const FeatureSet reference = feature_set(products, std::move(sets.reference));
  return {compare_features(products, reference, feature_set(products, std::move(sets.synthetic))),
          compare_features(products, reference, feature_set(products, std::move(sets.floor)))};
}

}  // namespace

GivenFeatureFigures given_feature_figures(const GivenFeatures& features, std::int64_t most,
                                          std::uint64_t seed, const Device& device) {
  require_enough("real", features.real.rows, kFewestRealRows);
  require_enough("synthetic", features.synthetic.rows, kFewestDrawnRows);
  const ChosenImages chosen =
      choose_images(features.real.rows, features.held_out.rows, features.synthetic.rows, most, seed);
  const ImageRows& others = chosen.compared.floor_is_held_out ? features.held_out : features.real;
  const GivenSets sets{some_rows(features.real, chosen.reference), some_rows(others, chosen.floor),
                       some_rows(features.synthetic, chosen.synthetic)};
  const GivenSets centred = centred_sets(sets);
  GivenFeatureFigures figures;
  figures.width = features.real.width;
  figures.compared = chosen.compared;
  figures.frechet_of_all = frechet_of_all(features.real, features.synthetic);
  figures.frechet = beside_floor(frechet_figure(centred.reference, centred.synthetic),
                                 frechet_figure(centred.reference, centred.floor));
  const RowProducts products(device);
  const ComparedPair kernel = compare_sets(products, sets);  // its kernel is about the origin
  figures.kernel = beside_floor(kernel.made.kernel, kernel.floor.kernel);
  const ComparedPair balls = compare_sets(products, centred);
  figures.density = beside_floor(balls.made.density, balls.floor.density);
  figures.coverage = beside_floor(balls.made.coverage, balls.floor.coverage);
  figures.precision = beside_floor(balls.made.precision, balls.floor.precision);
  figures.recall = beside_floor(balls.made.recall, balls.floor.recall);
  return figures;
}

}  // namespace agon::host
