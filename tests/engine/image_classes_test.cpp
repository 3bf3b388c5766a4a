// Images by class: what is asked for, what is refused, and that a class is learnt.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "engine/gan/gan.hpp"
#include "kernels/error.hpp"
#include "tests/engine/error_of.hpp"
#include "tests/engine/on_device.hpp"

namespace agon {
namespace image_classes_test {

constexpr std::int64_t kPixels = 16;

/// 4 x 4, of three classes, the last of which no image has.
GanConfig three_classes() {
  GanConfig config;
  config.generator = {.widths = {6 + 3, 8, 1}, .slope = 0.2f, .output = ActivationKind::tanh};
  config.discriminator = {.widths = {1, 8, 1 + 3}, .slope = 0.2f};
  config.generator.images = {.role = ImageRole::makes, .shape = {4, 4, 1}};
  config.discriminator.images = {.role = ImageRole::reads, .shape = {4, 4, 1}, .classes = 3};
  config.generator.records.conditions.shares = {750'000'000, 250'000'000, 0};
  config.generator_rate = config.discriminator_rate = 0.01;
  config.batch = 12;
  return config;
}

/// Dark of class 0, bright of class 1, three to one.
struct Shades {
  std::vector<std::uint8_t> pixels;
  std::vector<std::int32_t> classes;

  explicit Shades(std::int64_t count = 40) {
    for (std::int64_t i = 0; i < count; ++i) {
      classes.push_back(i % 4 == 3 ? 1 : 0);
      for (std::int64_t p = 0; p < kPixels; ++p)
        pixels.push_back(static_cast<std::uint8_t>((classes.back() == 1 ? 190 : 40) + (i * 7 + p * 5) % 24));
    }
  }
  void show_to(Gan& gan) const { gan.set_images(pixels, std::ssize(classes), classes); }
};

double mean(std::span<const float> numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), 0.0) / static_cast<double>(numbers.size());
}

double mean_of_class(const Gan& gan, std::int32_t one) {
  return mean(gan.sample({0, 64}, 3, std::vector<std::int32_t>(64, one)));
}

class ImageClasses : public test::EngineOnDevice {};

/// In pieces, and with no operation merged; the simulated device takes a second for some 50 launches.
TEST_P(ImageClasses, GoOnToTheSameBits) {
  GanConfig config = three_classes();
  config.objective = Objective::relativistic;
  config.discriminator_steps = on_cuda() ? 1 : 2;
  config.micro_batch = on_cuda() ? 0 : 4;
  const std::uint64_t steps = on_cuda() ? 2 : 7;
  Gan whole(config, device()), first(config, device()),
      second(config, device(), {.steps_per_launch = -1, .fuse = on_cuda() ? "all" : "none"});
  for (Gan* const gan : {&whole, &first, &second}) Shades().show_to(*gan);
  whole.train(steps);
  first.train(1);
  second.restore(first.snapshot());
  second.train(steps - 1);
  for (const TensorView& tensor : whole.parameters())
    EXPECT_EQ(second.parameter(tensor.name), whole.parameter(tensor.name)) << tensor.name;
}

INSTANTIATE_TEST_SUITE_P(Devices, ImageClasses, testing::ValuesIn(test::test_devices()),
                         [](const auto& device) { return device.param.name(); });

TEST(ImageClassDraw, AClassIsLearnt) {
  Gan gan(three_classes(), Device::cpu(1));
  Shades().show_to(gan);
  gan.train(300);
  EXPECT_LT(mean_of_class(gan, 0), mean_of_class(gan, 1) - 0.5);  // -0.6 and 0.58 among the images
}

/// The fakes of both phases have the same classes: these are looked up once, and G makes both in one sweep.
TEST(ImageClassDraw, BothPhasesFakesAreMadeTogether) {
  for (const auto& [fuse, lookups] : {std::pair("none", 2), std::pair("all", 1)}) {
    Gan gan(three_classes(), Device::cpu(1), {.fuse = fuse});
    Shades().show_to(gan);
    const std::vector<OperationSummary> step = gan.operations();
    EXPECT_EQ(std::ranges::count(step, "batch_classes", &OperationSummary::name), lookups);
    const auto made = [](const OperationSummary& one) { return one.name == "linear_forward" && one.in == 9; };
    EXPECT_EQ(std::ranges::count_if(step, made), lookups);
  }
}

/// Replicas draw and order their rows by their own seeds, and take each row's class with it.
TEST(ImageClassDraw, ReplicasAreAsAlone) {
  GanConfig config = three_classes();
  Gan together(config, Device::cpu(1), {}, 2);
  Shades().show_to(together);
  together.train(5);
  config.seed += 1;
  Gan alone(config, Device::cpu(1));
  Shades().show_to(alone);
  alone.train(5);
  for (const TensorView& tensor : alone.parameters())
    EXPECT_EQ(together.parameter(tensor.name, 1), alone.parameter(tensor.name)) << tensor.name;
}

TEST(ImageClassDraw, RowsAreOfTheClassesThatAreAsked) {
  const Gan gan(three_classes(), Device::cpu(1));
  const std::vector<std::int32_t> drawn = gan.sampled_classes({0, 4000}, 5);
  EXPECT_NEAR(static_cast<double>(std::ranges::count(drawn, 0)), 3000, 110);  // four deviations
  EXPECT_EQ(std::ranges::count(drawn, 2), 0);
  const std::vector<std::int32_t> later = gan.sampled_classes({1000, 100}, 5);
  EXPECT_TRUE(std::ranges::equal(later, std::span(drawn).subspan(1000, 100)));
  EXPECT_NE(gan.sampled_classes({0, 100}, 6), std::vector(drawn.begin(), drawn.begin() + 100));

  const std::vector<float> by_shares = gan.sample({0, 1500}, 5);
  EXPECT_EQ(gan.sample({0, 1500}, 5, std::span(drawn).first(1500)), by_shares);
  std::vector<std::int32_t> other(drawn.begin() + 1020, drawn.begin() + 1030);  // across a chunk's end
  other[4] = 2;
  const std::vector<float> some = gan.sample({1020, 10}, 5, other);
  for (std::int64_t i = 0; i < 10; ++i) {
    const auto of = [&](const std::vector<float>& rows, std::int64_t row) {
      return std::vector(rows.begin() + row * kPixels, rows.begin() + (row + 1) * kPixels);
    };
    EXPECT_EQ(of(some, i) == of(by_shares, 1020 + i), i != 4) << i;
  }
}

TEST(ImageClassDraw, TheDiscriminatorJudgesAnImageAsOneOfItsClass) {
  Gan gan(three_classes(), Device::cpu(1));
  gan.set_parameter("discriminator.1.weight", std::vector<float>(4 * 32));
  gan.set_parameter("discriminator.1.bias", std::vector<float>{100, 1, 10, 4});
  EXPECT_EQ(gan.discriminate(std::vector<float>(3 * kPixels), std::vector<std::int32_t>{0, 2, 1}),
            (std::vector<float>{101, 104, 110}));
}

TEST(ImageClassDraw, RefusesWhatIsNotOfItsClasses) {
  GanConfig plain = three_classes();
  plain.generator.records.conditions.shares.clear();
  plain.discriminator.images.classes = 0;
  plain.generator.widths.front() = 6, plain.discriminator.widths.back() = 1;
  Gan by_class(three_classes(), Device::cpu(1)), all_one(plain, Device::cpu(1));
  const Shades shades;
  const std::vector<float> rows(kPixels);
  const std::vector<std::int32_t> one{1}, none, far{3}, below{-1};
  const auto refused = [](const std::string& says, auto ask) {
    EXPECT_NE(test::error_of(ask).find(says), std::string::npos) << test::error_of(ask);
  };
  refused("40 training images with 0 classes", [&] { by_class.set_images(shades.pixels, 40); });
  refused("not by class", [&] { shades.show_to(all_one); });
  std::vector<std::int32_t> odd = shades.classes;
  odd[7] = 3;
  refused("class 3, counted from 0, of 3", [&] { by_class.set_images(shades.pixels, 40, odd); });
  refused("2 classes for 1 images", [&] { by_class.sample({0, 1}, 1, std::vector{0, 1}); });
  refused("class 3, counted from 0, is none", [&] { by_class.sample({0, 1}, 1, far); });
  refused("class -1", [&] { by_class.sample({0, 1}, 1, below); });
  refused("not by class", [&] { all_one.sample({0, 1}, 1, one); });
  refused("not by class", [&] { all_one.sampled_classes({0, 1}, 1); });
  refused("not by class", [&] { all_one.discriminate(rows, one); });
  refused("0 classes for 1 images", [&] { by_class.discriminate(rows, none); });
  refused("as one of its class", [&] { by_class.discriminate(rows); });
  refused("judges by class", [&] { by_class.discriminator_slopes(rows); });
}

TEST(ImageClassDraw, RefusesConfigurationsThatDisagree) {
  const auto complaint = [](auto change) {
    GanConfig config = three_classes();
    change(config);
    return test::error_of([&] { config.validate(); });
  };
  const auto refused = [&](const std::string& says, auto change) {
    EXPECT_NE(complaint(change).find(says), std::string::npos) << complaint(change);
  };
  refused("one more for each of the 3 classes", [](GanConfig& c) { c.discriminator.widths.back() = 1; });
  refused("output width must be 1, one logit a row",
          [](GanConfig& c) { c.discriminator.images.classes = 0; });
  refused("other classes than the 3", [](GanConfig& c) { c.generator.records.conditions.shares.pop_back(); });
  refused("one class tells nothing apart", [](GanConfig& c) { c.discriminator.images.classes = 1; });
  refused("of no heads", [](GanConfig& c) { c.generator.records.conditions.heads = {0}; });
  refused("no class has a share", [](GanConfig& c) { c.generator.records.conditions.shares = {0, 0, 0}; });
  refused("classes are for a discriminator", [](GanConfig& c) { c.generator.images.classes = 3; });
  refused("the condition alone", [](GanConfig& c) { c.generator.widths.front() = 3; });
}

}  // namespace image_classes_test
}  // namespace agon
