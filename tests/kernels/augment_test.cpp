// Images augmented in plain steps in double precision, from Random123's words; the way back by the
// transpose's definition; the probability in closed form.
#include "kernels/augment.hpp"

#include <cmath>
#include <limits>
#include <numbers>

#include "tests/kernels/linear_fixture.hpp"
#include "tests/kernels/random_oracle.hpp"
#include "tests/kernels/replica_arena.hpp"

namespace agon::test {
namespace augment_test {

using kernels::AdaptAugmentation, kernels::Augment, kernels::AugmentKinds, kernels::ImageShape;
using kernels::RandomPurpose;

constexpr std::uint64_t kSeed = 0x2545f491'4f6cdd1du, kStep = 0x1'0000'0007u;
constexpr std::uint32_t kPurpose = 17;

/// (height, width, channels) in double.
struct PlainImage {
  ImageShape shape;
  std::vector<double> value;

  double& at(std::int64_t v, std::int64_t u, std::int64_t k) {
    return value[static_cast<std::size_t>((v * shape.width + u) * shape.channels + k)];
  }
};

/// Calls of(v, u, k) for every element.
template <class Of>
void each(const ImageShape& shape, const Of& of) {
  for (std::int64_t v = 0; v < shape.height; ++v)
    for (std::int64_t u = 0; u < shape.width; ++u)
      for (std::int64_t k = 0; k < shape.channels; ++k) of(v, u, k);
}

/// Places of a side with as many more before and behind as `reach`, as numpy.pad's "reflect" has them.
std::vector<std::int64_t> reflected(std::int64_t side, std::int64_t reach) {
  std::vector<std::int64_t> places;
  for (std::int64_t i = reach; i > 0; --i) places.push_back(i);
  for (std::int64_t i = 0; i < side; ++i) places.push_back(i);
  for (std::int64_t i = 2; i < reach + 2; ++i) places.push_back(side - i);
  return places;
}

/// The steps one after the other, each on the whole image.
class PlainAugmentation {
 public:
  PlainAugmentation(double p, std::int64_t image) : p_(p), image_(static_cast<std::uint64_t>(image)) {}

  PlainImage of(PlainImage image, const AugmentKinds& kinds) const {
    if (kinds.flip && chosen(0) && (word(6) & 0x80000000u) != 0) image = flipped(image);
    if (kinds.translation && chosen(1)) image = shifted(image);
    if (kinds.colour) recolour(image);
    if (kinds.cutout && chosen(2)) cut(image);
    return image;
  }

 private:
  std::uint32_t word(std::uint64_t e) const { return stream_word(kSeed, kPurpose, kStep, 16 * image_ + e); }
  double uniform(std::uint64_t e) const { return std::floor(word(e) / 256.0) / 16777216.0; }
  bool chosen(std::uint64_t e) const { return uniform(e) < p_; }
  /// Of Box and Muller, from the words of e's pair.
  double normal(std::uint64_t e) const {
    const double radius = std::sqrt(-2 * std::log((word(e & ~1u) + 0.5) * 0x1p-32));
    const double angle = 2 * std::numbers::pi * word(e | 1u) * 0x1p-32;
    return radius * (e % 2 == 0 ? std::cos(angle) : std::sin(angle));
  }

  static PlainImage flipped(PlainImage from) {
    PlainImage to = from;
    each(from.shape,
         [&](auto v, auto u, auto k) { to.at(v, u, k) = from.at(v, from.shape.width - 1 - u, k); });
    return to;
  }

  PlainImage shifted(PlainImage from) const {
    PlainImage to = from;
    const auto [height, width, channels] = from.shape;
    const auto rows = reflected(height, height / 8), columns = reflected(width, width / 8);
    const auto begin = [&](std::uint64_t e, std::int64_t reach) {
      return 2 * reach - static_cast<std::int64_t>(word(e) * 0x1p-32 * static_cast<double>(2 * reach + 1));
    };
    const std::int64_t first_row = begin(8, height / 8), first_column = begin(9, width / 8);
    each(from.shape, [&](auto v, auto u, auto k) {
      to.at(v, u, k) = from.at(rows[static_cast<std::size_t>(first_row + v)],
                               columns[static_cast<std::size_t>(first_column + u)], k);
    });
    return to;
  }

  void recolour(PlainImage& image) const {
    if (chosen(3))
      for (double& x : image.value) x += 0.2 * normal(12);
    if (chosen(4))
      for (double& x : image.value) x *= std::exp2(0.5 * normal(13));
    if (image.shape.channels != 3 || !chosen(5)) return;
    const double s = std::exp2(normal(14));
    for (std::size_t i = 0; i < image.value.size(); i += 3) {
      double* const x = &image.value[i];
      const double mean = (x[0] + x[1] + x[2]) / 3;
      for (int k = 0; k < 3; ++k) x[k] = mean + s * (x[k] - mean);
    }
  }

  void cut(PlainImage& image) const {
    const double y = uniform(10), x = uniform(11);
    each(image.shape, [&](auto v, auto u, auto k) {
      const double down = (static_cast<double>(v) + 0.5) / static_cast<double>(image.shape.height);
      const double right = (static_cast<double>(u) + 0.5) / static_cast<double>(image.shape.width);
      if (std::abs(down - y) < 0.25 && std::abs(right - x) < 0.25) image.at(v, u, k) = 0;
    });
  }

  double p_;
  std::uint64_t image_;
};

struct AugmentCase {
  ImageShape shape;
  std::int64_t images, first;
};

constexpr AugmentCase kCases[] = {{{1, 1, 1}, 5, 0},   {{8, 8, 1}, 40, 3},   {{9, 17, 3}, 24, 1000},
                                  {{16, 16, 3}, 9, 0}, {{7, 33, 2}, 12, 77}, {{33, 40, 1}, 6, 5}};

constexpr AugmentKinds kKinds[] = {
    {.flip = true}, {.translation = true}, {.colour = true}, {.cutout = true}, {true, true, true, true}};

class AugmentTest : public OnDevice {
 protected:
  std::vector<float> run(const AugmentCase& c, const AugmentKinds& kinds, float p,
                         const std::vector<float>& images, bool back) {
    const auto x = input(images), probability = input<float>({p});
    const auto counter = input<std::uint64_t>({kStep});
    const auto y = output<float>(images.size());
    kernels::augment(queue(), {.images = c.images,
                               .shape = c.shape,
                               .first = c.first,
                               .kinds = kinds,
                               .back = back,
                               .probability = probability.data(),
                               .x = x.data(),
                               .y = y.data(),
                               .random = {kSeed, RandomPurpose::augmentation, counter.data()}});
    std::vector<float> got = y.get();
    release();
    return got;
  }

  static std::vector<float> images_of(const AugmentCase& c, unsigned seed) {
    std::mt19937 generator(seed);
    return numbers(c.images * c.shape.size(), generator);
  }
};
AGON_ON_EVERY_DEVICE(AugmentTest);

/// Returns whether any image differs from what it was.
void expect_plain(const AugmentCase& c, const AugmentKinds& kinds, float p, const std::vector<float>& x,
                  const std::vector<float>& got, int* changed) {
  const auto size = static_cast<std::size_t>(c.shape.size());
  for (std::int64_t i = 0; i < c.images; ++i) {
    const auto at = static_cast<std::size_t>(i) * size;
    const PlainImage before{
        c.shape,
        {x.begin() + static_cast<std::ptrdiff_t>(at), x.begin() + static_cast<std::ptrdiff_t>(at + size)}};
    const PlainImage after = PlainAugmentation(p, c.first + i).of(before, kinds);
    *changed += after.value != before.value;
    for (std::size_t e = 0; e < size; ++e)
      ASSERT_NEAR(got[at + e], after.value[e], 4e-6 * (1 + std::abs(after.value[e])))
          << "image " << i << ", element " << e;
  }
}

TEST_P(AugmentTest, IsWhatThePlainStepsMake) {
  for (const AugmentKinds& kinds : kKinds) {
    int changed = 0, images = 0;
    for (const AugmentCase& c : kCases)
      for (const float p : {0.4f, 1.0f}) {
        SCOPED_TRACE(testing::Message()
                     << c.shape.height << " x " << c.shape.width << " x " << c.shape.channels << ", p " << p);
        const auto x = images_of(c, 3);
        expect_plain(c, kinds, p, x, run(c, kinds, p, x, /*back=*/false), &changed);
        images += static_cast<int>(c.images);
      }
    EXPECT_GT(changed, images / 8);
    EXPECT_LT(changed, images);
  }
}

TEST_P(AugmentTest, LeavesImagesAloneAtProbabilityZero) {
  for (const AugmentCase& c : kCases)
    for (const bool back : {false, true}) {
      auto x = images_of(c, 4);
      x.front() = -0.0f;
      EXPECT_EQ(bits(run(c, kKinds[4], 0.0f, x, back)), bits(x));
    }
}

/// <A x, g> = <x, A' g> of each image; A x is what is left of y where b is taken away, which is 0's.
TEST_P(AugmentTest, GoesBackByTheTranspose) {
  for (const AugmentKinds& kinds : kKinds)
    for (const AugmentCase& c : kCases) {
      const auto x = images_of(c, 5), g = images_of(c, 6);
      const auto y = run(c, kinds, 0.7f, x, false), back = run(c, kinds, 0.7f, g, true);
      const auto b = run(c, kinds, 0.7f, std::vector<float>(x.size()), false);
      const auto size = static_cast<std::size_t>(c.shape.size());
      for (std::size_t image = 0; image < x.size(); image += size) {
        double there = 0, here = 0, scale = 0;
        for (std::size_t e = image; e < image + size; ++e) {
          there += (static_cast<double>(y[e]) - b[e]) * g[e];
          here += static_cast<double>(x[e]) * back[e];
          scale += std::abs(static_cast<double>(x[e]) * back[e]) + std::abs(b[e] * g[e]);
        }
        ASSERT_NEAR(there, here, 1e-6 * scale + 1e-7) << "image " << image / size;
      }
    }
}

class AugmentReplicas : public OnReplicas {};
AGON_ON_EVERY_DEVICE(AugmentReplicas);

TEST_P(AugmentReplicas, EachDrawsItsOwn) {
  std::mt19937 generator(7);
  auto content = numbers(kReplicas * 1024, generator);
  for (int r = 0; r < kReplicas; ++r)
    content[static_cast<std::size_t>(r) * 1024 + 960] = 0.3f * static_cast<float>(r + 1);
  expect_replicas_as_alone(content, [&](QueueView view, float* at, int r) {
    const std::uint64_t seed = view.replicas.count == 1 ? kSeed + static_cast<std::uint64_t>(r) : kSeed;
    kernels::augment(view, {.images = 7,
                            .shape = {8, 8, 1},
                            .kinds = kKinds[4],
                            .probability = at + 960,
                            .x = at,
                            .y = at + 448,
                            .random = {seed, RandomPurpose::augmentation}});
    kernels::adapt_augmentation(
        view, {.rows = 64, .real = at, .fake = at + 64, .change = 0.1f, .probability = at + 960});
  });
}

class AdaptAugmentationTest : public OnDevice {
 protected:
  float run(AdaptAugmentation op, const std::vector<float>& real, const std::vector<float>& fake, float p) {
    const auto first = input(real), second = input(fake);
    const auto probability = inout<float>({p});
    op.rows = static_cast<std::int64_t>(real.size());
    op.real = first.data(), op.fake = second.data(), op.probability = probability.data();
    kernels::adapt_augmentation(queue(), op);
    const float moved = probability.get().front();
    release();
    return moved;
  }
};
AGON_ON_EVERY_DEVICE(AdaptAugmentationTest);

/// `above` logits of 2, the rest of -0.5.
std::vector<float> logits(std::size_t rows, std::size_t above, float shift = 0) {
  std::vector<float> all(rows, -0.5f + shift);
  std::fill_n(all.begin() + static_cast<std::ptrdiff_t>(rows - above), above, 2.0f + shift);
  return all;
}

TEST_P(AdaptAugmentationTest, MovesTowardsTheTargetAndStops) {
  const AdaptAugmentation op{.target = 0.6f, .change = 0.25f};
  const std::vector<float> fakes(10, -3.0f);
  EXPECT_EQ(run(op, logits(10, 9), fakes, 0.5f), 0.75f);  // r = 0.8
  EXPECT_EQ(run(op, logits(10, 7), fakes, 0.5f), 0.25f);  // r = 0.4
  EXPECT_EQ(run(op, logits(10, 0), fakes, 0.5f), 0.25f);
  EXPECT_EQ(run(op, logits(10, 10), fakes, 0.7f), kernels::kMostAdapted);
  EXPECT_EQ(run(op, logits(10, 3), fakes, 0.125f), 0.0f);
  EXPECT_EQ(run({.target = 0.5f, .change = 0.25f}, logits(8, 6), fakes, 0.5f), 0.5f);  // r is the target
}

TEST_P(AdaptAugmentationTest, CountsSignsOfManyRows) {
  constexpr std::size_t kRows = 2000;  // r > 0.6: more than 1600 above
  const AdaptAugmentation op{.target = 0.6f, .change = 0.125f};
  EXPECT_EQ(run(op, logits(kRows, 1601), logits(kRows, 0), 0.5f), 0.625f);
  EXPECT_EQ(run(op, logits(kRows, 1599), logits(kRows, 0), 0.5f), 0.375f);
  std::vector<float> none(kRows, 0.0f);  // no sign
  none.back() = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(run(op, none, none, 0.5f), 0.375f);
}

/// The centre of 2 * 9 + -0.5 + 10 * -3.5 is -0.875: r = 1; of fakes at 3.5 it is 2.625: r = -1.
TEST_P(AdaptAugmentationTest, CentredIsBlindToAShiftOfAllLogits) {
  const AdaptAugmentation op{.centred = true, .target = 0.6f, .change = 0.25f};
  for (const float shift : {0.0f, 100.0f, -100.0f}) {
    EXPECT_EQ(run(op, logits(10, 9, shift), std::vector<float>(10, -3.5f + shift), 0.5f), 0.75f);
    EXPECT_EQ(run(op, logits(10, 9, shift), std::vector<float>(10, 3.5f + shift), 0.5f), 0.25f);
    EXPECT_EQ(run(op, logits(10, 9, shift), logits(10, 9, shift), 0.5f), 0.75f);  // r = 0.8, of 1.75
  }
}

}  // namespace augment_test
}  // namespace agon::test
