// The lights of images that are wrong in known ways, and of images that are not.
#include "host/evaluate/images/image_verdict.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "host/evaluate/images/image_evaluation.hpp"
#include "host/evaluate/images/image_rows.hpp"
#include "tests/host/image_families.hpp"

namespace agon::test {
namespace image_verdict_test {

using host::ImageEvaluation;
using host::ImageSet;
using host::Light;

constexpr std::int64_t kImages = 240;

ImageSet without_labels(ImageSet images) {
  images.labels.clear();
  images.label_names.clear();
  return images;
}
ImageSet plain_shapes(std::int64_t count, std::uint32_t seed, int without_class = -1) {
  return without_labels(shape_images(count, seed, without_class));
}

/// Of one family of training and held-out images, without labels.
ImageEvaluation seen(const ImageSet& synthetic, std::uint32_t family = 0) {
  return evaluate_images(plain_shapes(2 * kImages, 100 + family), plain_shapes(kImages, 200 + family),
                         synthetic, {.seed = 1 + family}, Device::cpu(2));
}

std::string lights(const ImageEvaluation& evaluation) {
  const host::ImageVerdict& verdict = evaluation.verdict;
  std::string text;
  for (const host::Judgement* const one : {&verdict.likeness, &verdict.completeness, &verdict.privacy})
    text += (text.empty() ? "" : " ") + std::string(word_of(one->light));
  return text;
}

TEST(ImageVerdict, RealImagesAreGreen) {
  for (const std::uint32_t family : {0u, 1u})
    EXPECT_EQ(lights(seen(plain_shapes(kImages, 300 + family), family)), "green green green") << family;
  const ImageEvaluation few =
      evaluate_images(plain_shapes(60, 1), plain_shapes(30, 2), plain_shapes(30, 3), {}, Device::cpu(2));
  EXPECT_EQ(lights(few), "green green unknown");  // too few are held out
}

TEST(ImageVerdict, NoiseAndBlurDoNotLookReal) {
  const ImageSet fresh = plain_shapes(kImages, 300);
  EXPECT_EQ(seen(with_noise(fresh, 24)).verdict.likeness.light, Light::red);
  EXPECT_EQ(seen(blurred(fresh, 2)).verdict.likeness.light, Light::red);
  EXPECT_EQ(seen(each_pixel(fresh, [](double pixel) { return pixel + 25; })).verdict.likeness.light,
            Light::red);
}

TEST(ImageVerdict, WhatIsMissingIsSaid) {
  const ImageEvaluation lost = evaluate_images(shape_images(2 * kImages, 100), shape_images(kImages, 200),
                                               shape_images(kImages, 400, 2), {}, Device::cpu(2));
  EXPECT_EQ(lost.verdict.completeness.light, Light::red);
  EXPECT_NE(lost.verdict.completeness.reasons.at(0).find("'cross'"), std::string::npos);
  EXPECT_NE(to_text(lost).find("'cross'"), std::string::npos);
  EXPECT_EQ(seen(collapsed(plain_shapes(kImages, 300), 10)).verdict.completeness.light, Light::red);
}

/// Every second training image.
ImageSet copies_of_train() {
  std::vector<std::int64_t> which;
  for (std::int64_t i = 0; i < kImages; ++i) which.push_back(2 * i);
  return some_images(plain_shapes(2 * kImages, 100), which);
}

TEST(ImageVerdict, CopiesGivePatientsAway) {
  ImageSet one_in_ten = plain_shapes(kImages, 300);
  const ImageSet copies = copies_of_train();
  std::copy_n(copies.pixels.begin(), kImages / 10 * copies.shape.size(), one_in_ten.pixels.begin());
  EXPECT_EQ(lights(seen(one_in_ten)), "green green red");
  EXPECT_EQ(seen(with_noise(copies_of_train(), 6)).verdict.privacy.light, Light::red);  // none is exact
}

TEST(ImageVerdict, WithoutHeldOutImagesPrivacyIsUnknownButNotCopies) {
  const ImageSet train = plain_shapes(2 * kImages, 100), none{train.shape, 0, {}, {}, {}};
  const auto light = [&](const ImageSet& synthetic) {
    return evaluate_images(train, none, synthetic, {}, Device::cpu(2)).verdict.privacy.light;
  };
  EXPECT_EQ(light(plain_shapes(kImages, 300)), Light::unknown);
  EXPECT_EQ(light(copies_of_train()), Light::red);
}

/// A perfect set of figures, by hand.
ImageEvaluation perfect() {
  ImageEvaluation all;
  all.compared = {.train = 1000,
                  .held_out = 500,
                  .synthetic = 500,
                  .reference = 1000,
                  .compared = 500,
                  .floor_is_held_out = true};
  all.wavelet.spread = 2;
  all.wavelet.distance = {0.1, {0.09, 0.11}, 0.1, {0.09, 0.11}};
  const host::ImageFigure share{0.9, {0.88, 0.92}, 0.9, {0.88, 0.92}};
  all.features.precision = all.features.coverage = all.features.recall = share;
  all.memorisation.exact = host::rate_of(0, 500);
  all.memorisation.exact_held_out = host::rate_of(0, 500);
  all.memorisation.single = host::rate_of(5, 500);
  all.memorisation.yardstick_is_held_out = true;
  all.verdict = judge(all);
  return all;
}

template <class Change>
std::string lights_of(const Change& change) {
  ImageEvaluation all = perfect();
  change(all);
  all.verdict = judge(all);
  return lights(all);
}

TEST(ImageVerdict, LimitsAreThoseOfTheManual) {
  EXPECT_EQ(lights(perfect()), "green green green");
  const auto wavelet = [](double gap) {  // beyond the floor's upper end, in parts of the spread
    return lights_of([&](ImageEvaluation& all) { all.wavelet.distance.interval = {0.11 + 2 * gap, 9}; });
  };
  EXPECT_EQ(wavelet(0.019), "green green green");
  EXPECT_EQ(wavelet(0.021), "amber green green");
  EXPECT_EQ(wavelet(0.101), "red green green");
  const auto share = [](host::ImageFigure host::RandomFeatureFigures::*figure, double gap) {
    return lights_of([&](ImageEvaluation& all) { (all.features.*figure).interval = {0, 0.88 - gap}; });
  };
  using Figures = host::RandomFeatureFigures;
  EXPECT_EQ(share(&Figures::precision, 0.04), "green green green");
  EXPECT_EQ(share(&Figures::precision, 0.06), "amber green green");
  EXPECT_EQ(share(&Figures::precision, 0.26), "red green green");
  for (const auto figure : {&Figures::coverage, &Figures::recall}) {
    EXPECT_EQ(share(figure, 0.04), "green green green");
    EXPECT_EQ(share(figure, 0.06), "green amber green");
    EXPECT_EQ(share(figure, 0.26), "green red green");
  }
  const auto single = [](std::int64_t hits) {
    return lights_of([&](ImageEvaluation& all) { all.memorisation.single = host::rate_of(hits, 500); });
  };
  EXPECT_EQ(single(10), "green green green");
  EXPECT_EQ(single(20), "green green amber");
  EXPECT_EQ(single(40), "green green red");
  const auto exact = [](std::int64_t hits, std::int64_t of) {
    return lights_of([&](ImageEvaluation& all) {
      all.memorisation.exact = host::rate_of(hits, of);
      all.memorisation.exact_held_out = host::rate_of(0, 100'000);
    });
  };
  EXPECT_EQ(exact(1, 5000), "green green green");
  EXPECT_EQ(exact(10, 5000), "green green amber");
  EXPECT_EQ(exact(100, 5000), "green green red");
}

TEST(ImageVerdict, ClassesThatAreLostOrRare) {
  const auto of = [](double lost, double real, double learnt) {
    return lights_of([&](ImageEvaluation& all) {
      host::ClassifierFigures& classifier = all.classifier.emplace();
      classifier.names = {"a", "b"};
      classifier.learnt = static_cast<std::int64_t>(learnt);
      classifier.trained = classifier.floor = {1 - real, real};
      classifier.synthetic = {1 - lost, lost};
      classifier.share_distance = {0.02, {0.01, 0.03}, 0.02, {0.01, 0.03}};
    });
  };
  EXPECT_EQ(of(0.10, 0.10, 1000), "green green green");
  EXPECT_EQ(of(0.009, 0.10, 1000), "green red green");
  EXPECT_EQ(of(0, 0.03, 1000), "green green green");  // 15 of the images that are compared: it may be chance
  host::ClassifierFigures rare;
  rare.learnt = 1000;
  rare.trained = {0.996, 0.004};
  EXPECT_FALSE(rare.is_rare(0));
  EXPECT_TRUE(rare.is_rare(1));
}

TEST(ImageVerdict, IsSaidInTextAndJson) {
  const ImageEvaluation all = perfect();
  const auto json = to_json(all.verdict);
  EXPECT_EQ(json.at("likeness").at("light"), "green");
  EXPECT_EQ(json.at("completeness").at("reasons").size(), 2);
  const std::string text = in_short(all.verdict);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
  EXPECT_NE(to_text(all.verdict).find("  - 90% of the training images"), std::string::npos);
}

}  // namespace image_verdict_test
}  // namespace agon::test
