// Every algorithm that a device lists for a layer computes the layer; and an algorithm that is asked for is
// taken.
#include "kernels/linear_algorithms.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <set>

#include "tests/kernels/linear_oracle.hpp"

namespace agon::test {
namespace linear_algorithms_test {

using kernels::LayerBackend;
using kernels::LayerChoice;
using kernels::LayerChoices;
using kernels::LinearBackward;
using kernels::LinearForward;
using kernels::LinearShape;
using kernels::Precision;
using kernels::TileKind;

/// Wide, thin on either side, and rows enough for several splits; none a multiple of a tile.
constexpr LinearShape kListedShapes[] = {{33, 150, 41}, {130, 37, 67}, {70, 10, 40}, {67, 45, 1}};
constexpr float kSlope = 0.2f;

using Bits = std::vector<std::uint32_t>;
Bits bits_of(const std::vector<float>& values) {
  Bits bits(values.size());
  std::memcpy(bits.data(), values.data(), 4 * values.size());
  return bits;
}

/// A library's rounding is its own: see kernels/linear.hpp.
double tolerance(const LayerChoice& choice, Precision precision) {
  const bool library = choice.by == LayerBackend::library || choice.by == LayerBackend::fused;
  if (!library || precision == Precision::fp32) return kFp32Tolerance;
  return precision == Precision::tf32 ? 2e-3 : 1.6e-2;
}

class LinearAlgorithms : public LinearOnDevice {
 protected:
  /// A layer on the device: what is computed of it comes back in the order of the products asked for.
  struct Layer {
    Oracle data;
    GuardedBuffer<float> x, weight, bias, z, y, dx, dweight, dbias;
  };
  Layer layer(const LinearShape& shape) {
    Oracle data(shape, generator_);
    return {data,
            input(data.x),
            input(data.weight),
            input(data.bias),
            input(data.dz),
            output<float>(data.dz.size()),
            output<float>(data.x.size()),
            output<float>(data.weight.size()),
            output<float>(data.bias.size())};
  }
  LinearForward forward_of(const Layer& l, const LayerChoice& choice = {}) const {
    return {l.data.shape, l.x.data(), l.weight.data(), l.bias.data(), l.y.data(), kSlope, precision, choice};
  }
  LinearBackward input_gradient(const Layer& l, const LayerChoice& choice = {}) const {
    return {.shape = l.data.shape,
            .x = l.x.data(),
            .weight = l.weight.data(),
            .dz = l.z.data(),
            .dx = l.dx.data(),
            .input_slope = kSlope,
            .precision = precision,
            .choice = choice};
  }
  LinearBackward weight_gradient(const Layer& l, const LayerChoice& choice = {}) const {
    return {.shape = l.data.shape,
            .x = l.x.data(),
            .dz = l.z.data(),
            .dweight = l.dweight.data(),
            .dbias = l.dbias.data(),
            .precision = precision,
            .choice = choice};
  }

  void expect_input_gradient(const Layer& l, const LayerChoice& choice) const {
    expect_sums(l.dx.get(), l.data.rounded(precision).dx(kSlope), "dx", tolerance(choice, precision));
  }
  void expect_weight_gradient(const Layer& l, const LayerChoice& choice) const {
    expect_sums(l.dweight.get(), l.data.rounded(precision).dweight(), "dweight",
                tolerance(choice, precision));
    expect_sums(l.dbias.get(), l.data.dbias(), "dbias", tolerance(choice, precision));
  }

  /// Of those with `columns` a row: the first row's are NaN, and no others.
  static void expect_first_row_none(const std::vector<float>& values, std::int64_t columns) {
    for (std::size_t i = 0; i < values.size(); ++i)
      ASSERT_EQ(std::isnan(values[i]), i < static_cast<std::size_t>(columns)) << i;
  }

  Bits y_by(const LinearShape& shape, const LayerChoice& choice) {
    generator_.seed(3);
    const Layer l = layer(shape);
    kernels::linear_forward(queue(), forward_of(l, choice));
    return bits_of(l.y.get());
  }
  Bits dweight_by(const LinearShape& shape, const LayerChoice& choice) {
    generator_.seed(3);
    const Layer l = layer(shape);
    kernels::linear_backward(queue(), weight_gradient(l, choice));
    return bits_of(l.dweight.get());
  }

  std::mt19937 generator_{8};
};
AGON_ON_EVERY_DEVICE(LinearAlgorithms);

TEST_P(LinearAlgorithms, EachGivesTheProducts) {
  for (const LinearShape& shape : kListedShapes)
    for (const Precision p : kPrecisions) {
      precision = p;
      const Layer l = layer(shape);
      for (const LayerChoice& choice : kernels::linear_choices(queue(), forward_of(l))) {
        kernels::linear_forward(queue(), forward_of(l, choice));
        expect_sums(l.y.get(), l.data.rounded(p).y(kSlope), "y", tolerance(choice, p));
      }
      for (const LayerChoice& choice : kernels::linear_choices(queue(), input_gradient(l))) {
        kernels::linear_backward(queue(), input_gradient(l, choice));
        expect_input_gradient(l, choice);
      }
      for (const LayerChoice& choice : kernels::linear_choices(queue(), weight_gradient(l))) {
        kernels::linear_backward(queue(), weight_gradient(l, choice));
        expect_weight_gradient(l, choice);
      }
      release();
    }
}

/// cuDNN says nothing where it lists no algorithm, be it for want of its compiler's library: so say it here.
TEST_P(LinearAlgorithms, CudnnsAreAmongThemWhereItIs) {
  precision = Precision::tf32;
  const Layer l = layer({128, 256, 512});
  const auto fused = [](const std::vector<LayerChoice>& algorithms) {
    return std::count_if(algorithms.begin(), algorithms.end(),
                         [](auto& algorithm) { return algorithm.by == LayerBackend::fused; });
  };
  const auto of_forward = fused(kernels::linear_choices(queue(), forward_of(l))),
             of_gradient = fused(kernels::linear_choices(queue(), input_gradient(l)));
  const std::string version = kernels::linear_library_version(queue().device().kind());
  const bool turing = queue().device().description().find("compute capability 7.") != std::string::npos;
  if (version.find("cuDNN") == std::string::npos || turing) {
    EXPECT_EQ(of_forward + of_gradient, 0);
    return;
  }
  EXPECT_GT(of_forward, 0) << version << ": CUDNN_LOGLEVEL_DBG=2 CUDNN_LOGDEST_DBG=stderr show why";
  EXPECT_GT(of_gradient, 0);
  EXPECT_EQ(fused(kernels::linear_choices(queue(), weight_gradient(l))), 0);
}

/// Else a run that has diverged would look as if it had not.
TEST_P(LinearAlgorithms, EachKeepsNumbersThatAreNone) {
  const LinearShape shape{40, 64, 48};
  for (const Precision p : kPrecisions) {
    precision = p;
    generator_.seed(3);
    Oracle data(shape, generator_);
    data.x[5] = std::numeric_limits<float>::quiet_NaN();
    data.dz[7] = std::numeric_limits<float>::quiet_NaN();
    const auto x = input(data.x), weight = input(data.weight), bias = input(data.bias), dz = input(data.dz);
    const auto y = output<float>(data.dz.size()), dx = output<float>(data.x.size());
    LinearForward forward{shape, x.data(), weight.data(), bias.data(), y.data(), kSlope, p};
    for (const LayerChoice& choice : kernels::linear_choices(queue(), forward)) {
      forward.choice = choice;
      kernels::linear_forward(queue(), forward);
      expect_first_row_none(y.get(), shape.out);
    }
    LinearBackward backward{.shape = shape, .x = x.data(), .weight = weight.data(), .dz = dz.data()};
    backward.dx = dx.data(), backward.input_slope = kSlope, backward.precision = p;
    for (const LayerChoice& choice : kernels::linear_choices(queue(), backward)) {
      backward.choice = choice;
      kernels::linear_backward(queue(), backward);
      expect_first_row_none(dx.get(), shape.in);
    }
    release();
  }
}

TEST_P(LinearAlgorithms, EachGivesTheProductsOfTwoLayers) {
  for (const LinearShape& shape : kListedShapes) {
    const Layer l = layer(shape), above = layer({shape.batch, shape.out, 29});
    for (const LayerChoices& choices :
         kernels::linear_choices(queue(), input_gradient(l), weight_gradient(above))) {
      kernels::linear_backward_beside(
          queue(), {input_gradient(l, choices.first), weight_gradient(above, choices.beside)});
      expect_input_gradient(l, choices.first);
      expect_weight_gradient(above, choices.beside);
    }
    release();
  }
}

/// Layers on their own tiles become two launches, on one kind of tile one: the same bits.
TEST_P(LinearAlgorithms, BesideAnotherTheBitsAreThoseAlone) {
  const LinearShape shape{130, 90, 70};
  for (const TileKind tile : {TileKind::small, TileKind::medium, TileKind::large})
    for (const TileKind other : {TileKind::small, TileKind::large}) {
      const LayerChoice choice{LayerBackend::own, tile, 2}, beside{LayerBackend::own, other, 1};
      const Bits alone = dweight_by(shape, choice);
      generator_.seed(3);
      const Layer l = layer(shape), second = layer({130, 70, 33});
      kernels::linear_backward_beside(queue(), {weight_gradient(l, choice), input_gradient(second, beside)});
      EXPECT_EQ(bits_of(l.dweight.get()), alone);
      expect_input_gradient(second, beside);
      release();
    }
}

/// Sums are in another order on each kind of tile and with each number of splits, and so their last bits. The
/// processor has one algorithm.
TEST_P(LinearAlgorithms, WhatIsAskedForIsTaken) {
  const LinearShape shape{130, 300, 70};
  constexpr std::uint8_t kSplits[] = {1, 2, 4};
  std::set<Bits> y, dweight;
  for (const TileKind tile : {TileKind::small, TileKind::medium, TileKind::large}) {
    const LayerChoice choice{LayerBackend::own, tile, 1};
    y.insert(y_by(shape, choice));
    y.insert(y_by(shape, choice));
    for (const std::uint8_t splits : kSplits)
      dweight.insert(dweight_by(shape, {LayerBackend::own, tile, splits}));
  }
  EXPECT_EQ(y.size(), on_cuda() ? 3u : 1u);
  EXPECT_EQ(dweight.size(), on_cuda() ? 9u : 1u);
}

/// What the library has not got, or cannot do, is ours.
TEST_P(LinearAlgorithms, AChoiceThatCannotBeIsOurs) {
  const LinearShape shape{64, 40, 40};
  const Bits ours = y_by(shape, {.by = LayerBackend::own});
  if (simulated()) {
    EXPECT_EQ(y_by(shape, {.by = LayerBackend::library}), ours);
    precision = Precision::tf32;
    EXPECT_EQ(y_by(shape, {.by = LayerBackend::fused}), y_by(shape, {.by = LayerBackend::own}));
    precision = Precision::fp32;
  }
  if (on_cuda()) {
    EXPECT_EQ(y_by(shape, {.by = LayerBackend::library, .algorithm = 255}), ours);
    EXPECT_EQ(y_by(shape, {.by = LayerBackend::fused}), ours);  // there is none in fp32
    EXPECT_EQ(dweight_by(shape, {.by = LayerBackend::fused}), dweight_by(shape, {.by = LayerBackend::own}));
  }
  EXPECT_EQ(dweight_by({3, 40, 40}, {.by = LayerBackend::own, .splits = 64}).size(), 1600u);
}

TEST_P(LinearAlgorithms, TheEstimateIsTheFirst) {
  for (const LinearShape& shape : kListedShapes) {
    const Layer l = layer(shape);
    const auto first = kernels::linear_choices(queue(), forward_of(l)).front();
    const Bits automatic = y_by(shape, {});
    EXPECT_EQ(y_by(shape, first), automatic);
    release();
  }
}

TEST_P(LinearAlgorithms, AreDifferent) {
  const Layer l = layer({128, 64, 64});
  const auto algorithms = kernels::linear_choices(queue(), weight_gradient(l));
  EXPECT_EQ(std::set<LayerChoice>(algorithms.begin(), algorithms.end()).size(), algorithms.size());
  if (!on_cuda()) {
    EXPECT_EQ(algorithms.size(), 1u);
  } else if (simulated()) {
    EXPECT_EQ(algorithms.size(), 9u);  // three tiles, 1, 2 and 4 splits
  } else {
    EXPECT_GE(algorithms.size(), 9u);
  }
}

}  // namespace linear_algorithms_test
}  // namespace agon::test
