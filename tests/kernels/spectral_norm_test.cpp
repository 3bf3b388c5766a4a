// Spectral normalisation against plain loops in double precision, its gradient against finite differences.
#include <cmath>
#include <random>

#include "kernels/spectral_norm.hpp"
#include "tests/finite_differences.hpp"
#include "tests/kernels/device_fixture.hpp"

namespace agon::test {
namespace spectral_norm_test {

using Vector = std::vector<double>;

struct Shape {
  std::int64_t out, in;
};

std::vector<float> normal_numbers(std::int64_t n, std::mt19937& generator) {
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<std::size_t>(n));
  for (float& value : values) value = normal(generator);
  return values;
}

/// The paper's algorithm 1.
struct Oracle {
  std::size_t out, in;
  Vector w, u, v;

  void iterate() {
    v.assign(in, 0);
    for (std::size_t o = 0; o < out; ++o)
      for (std::size_t i = 0; i < in; ++i) v[i] += w[o * in + i] * u[o];
    to_unit(v);
    u.assign(out, 0);
    for (std::size_t o = 0; o < out; ++o)
      for (std::size_t i = 0; i < in; ++i) u[o] += w[o * in + i] * v[i];
    to_unit(u);
  }
  double sigma() const {
    double sum = 0;
    for (std::size_t o = 0; o < out; ++o)
      for (std::size_t i = 0; i < in; ++i) sum += u[o] * w[o * in + i] * v[i];
    return sum;
  }
  Vector normalised() const {
    Vector scaled(w);
    const double divisor = sigma();
    for (double& x : scaled) x /= divisor;
    return scaled;
  }
  static void to_unit(Vector& x) {
    double square = 0;
    for (const double value : x) square += value * value;
    for (double& value : x) value /= std::sqrt(square);
  }
};

class SpectralNorm : public OnDevice {
 protected:
  struct Layer {
    Oracle oracle;
    GuardedBuffer<float> weight, normalised, gradient, left, right, sigma, scratch;
    std::vector<float> given;  // gradient by the normalised weight
  };

  Layer make(const Shape& s, std::mt19937& generator) {
    const auto w = normal_numbers(s.out * s.in, generator), u = normal_numbers(s.out, generator);
    const auto g = normal_numbers(s.out * s.in, generator);
    const auto out = static_cast<std::size_t>(s.out), in = static_cast<std::size_t>(s.in);
    return {{out, in, {w.begin(), w.end()}, {u.begin(), u.end()}, {}},
            input(w),
            output<float>(out * in),
            inout(g),
            inout(u),
            output<float>(in),
            output<float>(1),
            output<float>(out + in),
            g};
  }

  kernels::SpectralNorm operation(const std::vector<Layer>& layers, std::int64_t iterations = 1) {
    kernels::SpectralNorm op{.iterations = iterations};
    for (const Layer& l : layers)
      op.layer[op.layers++] = {static_cast<std::int64_t>(l.oracle.out),
                               static_cast<std::int64_t>(l.oracle.in),
                               l.weight.data(),
                               l.normalised.data(),
                               l.gradient.data(),
                               l.left.data(),
                               l.right.data(),
                               l.sigma.data(),
                               l.scratch.data()};
    return op;
  }

  static void expect_same(const Layer& layer) {
    const double length = 1 / std::sqrt(static_cast<double>(std::min(layer.oracle.out, layer.oracle.in)));
    expect_near(layer.right.get(), layer.oracle.v, 2e-6 * length);
    expect_near(layer.left.get(), layer.oracle.u, 2e-6 * length);
    expect_near(layer.sigma.get(), Vector{layer.oracle.sigma()}, 0, 1e-6);
    expect_near(layer.normalised.get(), layer.oracle.normalised(), 1e-7, 2e-6);
  }
};
AGON_ON_EVERY_DEVICE(SpectralNorm);

const Shape kNormedShapes[] = {{1, 1},   {1, 7},   {7, 1},   {5, 9},   {8, 32},
                               {33, 31}, {64, 65}, {1, 300}, {300, 3}, {257, 129}};

TEST_P(SpectralNorm, IteratesAsThePaperDoes) {
  std::mt19937 generator(2);
  for (const Shape& s : kNormedShapes) {
    SCOPED_TRACE(testing::Message() << s.out << "x" << s.in);
    std::vector<Layer> layers{make(s, generator)};
    for (int i = 0; i < 3; ++i) {
      kernels::spectral_norm(queue(), operation(layers));
      layers[0].oracle.iterate();
      expect_same(layers[0]);
    }
    release();
  }
}

TEST_P(SpectralNorm, ManyLayersAtOnceAreEachItself) {
  std::mt19937 generator(3);
  std::vector<Layer> layers;
  for (std::size_t l = 2; l < 2 + kernels::kMostSpectralLayers; ++l)
    layers.push_back(make(kNormedShapes[l], generator));
  kernels::spectral_norm(queue(), operation(layers));
  for (Layer& layer : layers) {
    layer.oracle.iterate();
    expect_same(layer);
  }
}

TEST_P(SpectralNorm, WithoutAnIterationKeepsItsVectors) {
  std::mt19937 generator(4);
  std::vector<Layer> layers{make({23, 41}, generator), make({3, 70}, generator)};
  kernels::spectral_norm(queue(), operation(layers));
  const auto u = layers[0].left.get(), v = layers[0].right.get(), before = layers[0].normalised.get();
  kernels::spectral_norm(queue(), operation(layers, 0));
  EXPECT_EQ(layers[0].left.get(), u);
  EXPECT_EQ(layers[0].right.get(), v);
  expect_near(layers[0].normalised.get(), before, 1e-7, 1e-6);
}

TEST_P(SpectralNorm, FindsTheLargestSingularValue) {
  std::mt19937 generator(5);
  std::vector<Layer> layers{make({6, 11}, generator)};
  for (int i = 0; i < 300; ++i) kernels::spectral_norm(queue(), operation(layers));
  // Of W^T W by Jacobi's rotations, which share nothing with power iteration.
  const Oracle& o = layers[0].oracle;
  std::vector<Vector> a(o.out, Vector(o.out));
  for (std::size_t r = 0; r < o.out; ++r)
    for (std::size_t c = 0; c < o.out; ++c)
      for (std::size_t i = 0; i < o.in; ++i) a[r][c] += o.w[r * o.in + i] * o.w[c * o.in + i];
  for (int sweep = 0; sweep < 30; ++sweep)
    for (std::size_t p = 0; p < o.out; ++p)
      for (std::size_t q = p + 1; q < o.out; ++q) {
        const double angle = 0.5 * std::atan2(2 * a[p][q], a[q][q] - a[p][p]);
        const double c = std::cos(angle), s = std::sin(angle);
        for (std::size_t k = 0; k < o.out; ++k) {
          const double x = a[k][p], y = a[k][q];
          a[k][p] = c * x - s * y, a[k][q] = s * x + c * y;
        }
        for (std::size_t k = 0; k < o.out; ++k) {
          const double x = a[p][k], y = a[q][k];
          a[p][k] = c * x - s * y, a[q][k] = s * x + c * y;
        }
      }
  double largest = 0;
  for (std::size_t p = 0; p < o.out; ++p) largest = std::max(largest, a[p][p]);
  expect_near(layers[0].sigma.get(), Vector{std::sqrt(largest)}, 0, 1e-6);
}

TEST_P(SpectralNorm, GradientIsTheFiniteDifferences) {
  std::mt19937 generator(6);
  std::vector<Layer> layers;
  for (const Shape& s : {Shape{1, 1}, Shape{1, 7}, Shape{5, 9}, Shape{8, 32}, Shape{33, 31}})
    layers.push_back(make(s, generator));
  kernels::spectral_norm(queue(), operation(layers));
  kernels::spectral_gradient(queue(), {operation(layers)});
  for (Layer& layer : layers) {
    SCOPED_TRACE(testing::Message() << layer.oracle.out << "x" << layer.oracle.in);
    Oracle& o = layer.oracle;
    o.iterate();  // u and v then stay, whatever w does
    const auto loss = [&] {
      const Vector scaled = o.normalised();
      double sum = 0;
      for (std::size_t i = 0; i < scaled.size(); ++i) sum += scaled[i] * static_cast<double>(layer.given[i]);
      return sum;
    };
    expect_near(layer.gradient.get(), finite_differences(o.w, loss), 2e-6, 1e-5);
  }
}

}  // namespace spectral_norm_test
}  // namespace agon::test
