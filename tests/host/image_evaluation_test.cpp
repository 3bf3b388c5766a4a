// Every figure of an evaluation of images moves where what a bad generator does should move it.
#include "host/evaluate/images/image_evaluation.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/runtime/thread_pool.hpp"
#include "host/evaluate/images/wavelet_distance.hpp"
#include "kernels/error.hpp"
#include "tests/host/image_families.hpp"

namespace agon::test {
namespace image_evaluation_test {

using host::ImageEvaluation;
using host::ImageFigure;

constexpr std::int64_t kImages = 240;

const host::ImageSet& train_images() {
  static const host::ImageSet images = shape_images(2 * kImages, 11);
  return images;
}
const host::ImageSet& held_out_images() {
  static const host::ImageSet images = shape_images(kImages, 12);
  return images;
}
const host::ImageSet& fresh_images() {
  static const host::ImageSet images = shape_images(kImages, 13);
  return images;
}

host::ImageSet unlabelled(host::ImageSet images) {
  images.labels.clear();
  images.label_names.clear();
  return images;
}

/// Without labels: a classifier takes most of the time.
ImageEvaluation evaluation_of(const host::ImageSet& synthetic) {
  return evaluate_images(unlabelled(train_images()), unlabelled(held_out_images()), unlabelled(synthetic), {},
                         Device::cpu(2));
}

/// Whether it is as far from its floor as neither interval says.
bool above(const ImageFigure& figure) { return figure.interval.low > figure.floor_interval.high; }
bool below(const ImageFigure& figure) { return figure.interval.high < figure.floor_interval.low; }
bool level(const ImageFigure& figure) { return !above(figure) && !below(figure); }

TEST(ImageEvaluation, RealImagesAreAtTheFloor) {
  const ImageEvaluation real = evaluation_of(fresh_images());
  EXPECT_TRUE(real.compared.floor_is_held_out);
  double nearer = 0;
  for (const host::BesideReal& one : real.beside) nearer += one.features.nearer / 12;
  EXPECT_NEAR(nearer, 0.5, 0.3);  // as near as other real ones, half of which are nearer
  EXPECT_EQ(real.compared.reference, 2 * kImages);
  EXPECT_EQ(real.compared.compared, kImages);
  EXPECT_TRUE(level(real.wavelet.distance));
  EXPECT_NEAR(real.wavelet.distance.value, real.wavelet.distance.floor, 0.3 * real.wavelet.distance.floor);
  for (const ImageFigure host::RandomFeatureFigures::*figure :
       {&host::RandomFeatureFigures::kernel, &host::RandomFeatureFigures::density,
        &host::RandomFeatureFigures::coverage, &host::RandomFeatureFigures::precision,
        &host::RandomFeatureFigures::recall})
    EXPECT_TRUE(level(real.features.*figure));
  EXPECT_LT(real.features.kernel.interval.low, 0.01);
  EXPECT_TRUE(level(real.sliced.mean));
  EXPECT_FALSE(real.classifier);
}

TEST(ImageEvaluation, NoiseAndBlurRaiseTheWaveletDistanceStepByStep) {
  const host::WaveletShape shape = host::wavelet_shape(train_images().shape);
  const host::ImageRows real = haar_packets(train_images(), shape);
  for (const bool noise : {true, false}) {
    double before = 0;
    for (const int step : {0, 1, 2, 3, 4}) {
      const host::ImageSet made =
          noise ? with_noise(fresh_images(), 12 * step) : blurred(fresh_images(), step);
      const double distance = wavelet_distance(real, haar_packets(made, shape), shape).value;
      EXPECT_GT(distance, before) << noise << ' ' << step;
      before = 1.05 * distance;
    }
  }
}

TEST(ImageEvaluation, NoiseIsSeen) {
  const ImageEvaluation noisy = evaluation_of(with_noise(fresh_images(), 30));
  EXPECT_TRUE(above(noisy.wavelet.distance));
  EXPECT_GT(noisy.sliced.mean.value, noisy.sliced.mean.floor);
  EXPECT_TRUE(above(noisy.features.kernel));
  EXPECT_TRUE(below(noisy.features.density));
  EXPECT_TRUE(below(noisy.features.precision));
  EXPECT_TRUE(below(noisy.features.coverage));
}

/// Smooth images lie in the middle of real ones.
TEST(ImageEvaluation, BlurIsSeen) {
  const ImageEvaluation smooth = evaluation_of(blurred(fresh_images(), 2));
  EXPECT_TRUE(above(smooth.wavelet.distance));
  EXPECT_TRUE(above(smooth.sliced.mean));
  EXPECT_TRUE(above(smooth.features.kernel));
  EXPECT_TRUE(below(smooth.features.coverage));
  EXPECT_TRUE(below(smooth.features.recall));
}

TEST(ImageEvaluation, AShiftOfBrightnessIsSeen) {
  const ImageEvaluation bright =
      evaluation_of(each_pixel(fresh_images(), [](double pixel) { return pixel + 25; }));
  EXPECT_TRUE(above(bright.wavelet.distance));
  EXPECT_TRUE(above(bright.features.kernel));
  EXPECT_TRUE(below(bright.features.precision));
  // Where it lies is in the packet of the lowest frequencies.
  const auto& packets = bright.wavelet.packets;
  EXPECT_EQ(std::max_element(packets.begin(), packets.end()), packets.begin());
}

TEST(ImageEvaluation, ACollapseIsSeen) {
  const ImageEvaluation few = evaluation_of(collapsed(fresh_images(), 10));
  EXPECT_TRUE(below(few.features.coverage));
  EXPECT_TRUE(below(few.features.recall));
  EXPECT_TRUE(above(few.wavelet.distance) ||
              few.wavelet.distance.value > 3 * few.wavelet.distance.floor);  // ten images: no sure error
  EXPECT_EQ(few.memorisation.distinct, 10);
  EXPECT_EQ(few.memorisation.exact.hits, 0);
}

TEST(ImageEvaluation, CopiesLookGoodButAreFound) {
  const ImageEvaluation copies = evaluation_of(host::some_images(train_images(), [] {
    std::vector<std::int64_t> which;
    for (std::int64_t i = 0; i < kImages; ++i) which.push_back(2 * i);
    return which;
  }()));
  EXPECT_FALSE(above(copies.wavelet.distance));
  EXPECT_FALSE(below(copies.features.coverage));
  EXPECT_EQ(copies.memorisation.exact.share, 1);
  EXPECT_EQ(copies.memorisation.near.share, 1);
  EXPECT_EQ(copies.memorisation.closest[0].distance, 0);
  EXPECT_EQ(copies.memorisation.closest[0].train, 2 * copies.memorisation.closest[0].synthetic);
  ASSERT_EQ(copies.beside.size(), 12);
  for (const host::BesideReal& one : copies.beside) {
    EXPECT_EQ(one.features.synthetic, one.pixels.synthetic);
    EXPECT_EQ(one.pixels.train, 2 * one.pixels.synthetic);
    EXPECT_EQ(one.features.train, 2 * one.pixels.synthetic);
    EXPECT_EQ(one.pixels.nearer, 0);
    EXPECT_EQ(one.features.nearer, 0);
  }
}

TEST(ImageEvaluation, ALostClassIsSeen) {
  const ImageEvaluation whole =
      evaluate_images(train_images(), held_out_images(), fresh_images(), {}, Device::cpu(2));
  const ImageEvaluation lost =
      evaluate_images(train_images(), held_out_images(), shape_images(kImages, 14, 2), {}, Device::cpu(2));
  ASSERT_TRUE(whole.classifier && lost.classifier);
  EXPECT_GT(whole.classifier->accuracy.share, 0.9);
  EXPECT_GT(whole.classifier->agreement->share, 0.9);
  EXPECT_EQ(whole.classifier->present, 4);
  EXPECT_EQ(lost.classifier->present, 3);
  EXPECT_LT(lost.classifier->synthetic[2], 0.05);
  EXPECT_TRUE(level(whole.classifier->share_distance));
  EXPECT_TRUE(above(lost.classifier->share_distance));
  EXPECT_TRUE(below(lost.classifier->score));
  EXPECT_TRUE(above(lost.classifier->distance));
  EXPECT_GT(lost.features.kernel.value, lost.features.kernel.floor_interval.high);
  EXPECT_TRUE(above(lost.wavelet.distance));
  EXPECT_TRUE(level(lost.features.precision));

  const nlohmann::json json = to_json(lost);
  EXPECT_EQ(json.at("classifier").at("present"), 3);
  EXPECT_EQ(json.at("wavelet_distance").at("packets").size(), 4);
  EXPECT_EQ(json.at("images").at("floor"), "held-out images");
  const std::string text = to_text(lost);
  EXPECT_NE(text.find("3 of 4 classes are there"), std::string::npos) << text;
  EXPECT_EQ(text.back(), '\n');
}

TEST(ImageEvaluation, WithoutHeldOutImagesTheTrainingImagesAreHalved) {
  const host::ImageSet none{train_images().shape, 0, {}, {}, {}};
  const ImageEvaluation halves = evaluate_images(unlabelled(train_images()), none, unlabelled(fresh_images()),
                                                 {.most_images = 100}, Device::cpu(1));
  EXPECT_FALSE(halves.compared.floor_is_held_out);
  EXPECT_EQ(halves.compared.reference, 100);
  EXPECT_EQ(halves.compared.compared, 100);
  EXPECT_TRUE(level(halves.wavelet.distance));
  EXPECT_FALSE(halves.memorisation.yardstick_is_held_out);
}

TEST(ImageEvaluation, FiguresAreThoseOfAnyNumberOfThreads) {
  const auto figures = [](int threads) {
    host::ImageEvaluationOptions options;
    options.most_images = 60;
    set_host_threads(threads);
    return to_json(evaluate_images(train_images(), held_out_images(), fresh_images(), options,
                                   Device::cpu(threads)))
        .dump();
  };
  const std::string one = figures(1), three = figures(3);
  set_host_threads(Device::cpu().threads());
  EXPECT_EQ(one, three);
}

TEST(ImageEvaluation, SetsThatDoNotFitAreRefused) {
  const auto evaluate = [](const host::ImageSet& train, const host::ImageSet& held_out,
                           const host::ImageSet& synthetic) {
    evaluate_images(train, held_out, synthetic, {}, Device::cpu(1));
  };
  const host::ImageSet& train = train_images();
  const host::ImageSet none{train.shape, 0, {}, {}, {}};
  EXPECT_THROW(evaluate(none, none, none), DataError);
  EXPECT_THROW(evaluate(train, none, none), DataError);
  EXPECT_THROW(evaluate(train, none, shape_images(19, 1)), DataError);
  EXPECT_THROW(evaluate(shape_images(39, 1), none, train), DataError);
  EXPECT_THROW(evaluate(train, none, golden_images(1, 50, {16, 15, 1})), DataError);
  host::ImageSet huge{{1 << 20, 1 << 20, 1}, 100, {}, {}, {}};
  EXPECT_THROW(evaluate(huge, none, huge), DataError);
  huge.shape = {std::int64_t{1} << 31, std::int64_t{1} << 33, 3};
  EXPECT_THROW(evaluate(huge, none, huge), DataError);
  host::ImageSet torn = train;
  torn.pixels.pop_back();
  EXPECT_THROW(evaluate(train, none, torn), DataError);
  host::ImageSet label = train;
  label.labels[5] = 4;
  EXPECT_THROW(evaluate(label, none, train), DataError);
  label = train;
  label.label_names[0] = "square";
  EXPECT_THROW(evaluate(train, label, train), DataError);
  EXPECT_THROW(evaluate_images(train, none, train, {.most_values = 100}, Device::cpu(1)), DataError);
}

/// Every pixel the same: no deviation, no distance, no division by 0.
TEST(ImageEvaluation, FlatImages) {
  const host::ImageSet flat = unlabelled(each_pixel(fresh_images(), [](double) { return 9; }));
  const ImageEvaluation evaluation = evaluate_images(flat, flat, flat, {}, Device::cpu(1));
  EXPECT_EQ(evaluation.wavelet.distance.value, 0);
  EXPECT_NEAR(evaluation.features.kernel.value, 0, 1e-6);
  EXPECT_EQ(evaluation.features.coverage.value, 1);
  EXPECT_EQ(evaluation.memorisation.exact.share, 1);
}

}  // namespace image_evaluation_test
}  // namespace agon::test
