// The linear layer's backward against central differences in double precision, an oracle that shares no code
// with it.
#include <algorithm>
#include <cmath>

#include "tests/finite_differences.hpp"
#include "tests/kernels/linear_fixture.hpp"

namespace agon::test {
namespace linear_gradient_test {

using kernels::LayerBackend;
using kernels::LinearShape;

class LinearGradient : public LinearOnDevice {};
AGON_ON_EVERY_DEVICE(LinearGradient);

/// Two layers' worth of calculus in double: L(u, W, b) = sum c * phi(phi(u) W^T + b). It is piecewise linear
/// in each single number, so a central difference that crosses no kink is exact but for rounding.
class Composition {
 public:
  Composition(const LinearShape& s, std::mt19937& generator) : shape(s) {
    std::normal_distribution<double> normal;
    for (std::int64_t i = 0; i < s.batch * s.in; ++i) u.push_back(away_from_zero(normal(generator)));
    for (std::int64_t i = 0; i < s.out * s.in; ++i) weight.push_back(normal(generator));
    for (std::int64_t i = 0; i < s.out; ++i) bias.push_back(normal(generator));
    for (std::int64_t i = 0; i < s.batch * s.out; ++i) c.push_back(normal(generator));
  }

  double z(std::int64_t b, std::int64_t o) const {
    double sum = bias[o];
    for (std::int64_t i = 0; i < shape.in; ++i) sum += phi(u[b * shape.in + i]) * weight[o * shape.in + i];
    return sum;
  }
  double value() const {
    double total = 0;
    for (std::int64_t b = 0; b < shape.batch; ++b) {
      for (std::int64_t o = 0; o < shape.out; ++o) total += c[b * shape.out + o] * phi(z(b, o));
    }
    return total;
  }
  double nearest_kink() const {
    double nearest = 1;
    for (std::int64_t b = 0; b < shape.batch; ++b) {
      for (std::int64_t o = 0; o < shape.out; ++o) nearest = std::min(nearest, std::abs(z(b, o)));
    }
    return nearest;
  }
  std::vector<double> differences(std::vector<double>& numbers) const {
    return finite_differences(numbers, [this] { return value(); });
  }

  static double phi(double z) { return z > 0 ? z : 0.25 * z; }
  static double away_from_zero(double v) { return v > 0 ? v + 0.01 : v - 0.01; }

  LinearShape shape;
  std::vector<double> u, weight, bias, c;
};

/// In floats, exactly where floats can, so that both sides speak of the same point.
std::vector<float> rounded(std::vector<double>& numbers) {
  std::vector<float> floats(numbers.begin(), numbers.end());
  numbers.assign(floats.begin(), floats.end());
  return floats;
}

TEST_P(LinearGradient, BackwardIsTheDerivativeOfForward) {
  std::mt19937 generator(6);
  for (const LinearShape& shape :
       {LinearShape{5, 7, 6}, {1, 1, 1}, {9, 20, 3}, {16, 10, 33}, {3, 40, 1}, {20, 33, 17}}) {
    Composition f(shape, generator);
    LinearData data(shape, generator);
    const auto u = rounded(f.u);
    data.weight = rounded(f.weight), data.bias = rounded(f.bias);
    while (f.nearest_kink() < 1e-3) {  // moving one bias moves the kinks of one column
      for (double& b : f.bias) b += 0.0625 * static_cast<double>(generator() % 16);
      data.bias = rounded(f.bias);
    }
    for (std::size_t i = 0; i < u.size(); ++i) data.x[i] = static_cast<float>(Composition::phi(f.u[i]));
    for (std::int64_t b = 0; b < shape.batch; ++b) {
      for (std::int64_t o = 0; o < shape.out; ++o) {
        const std::int64_t i = b * shape.out + o;
        data.dz[i] = static_cast<float>(f.c[i] * (f.z(b, o) > 0 ? 1 : 0.25));
      }
    }
    for (const LayerBackend backend : backends()) {
      const LinearGradients g = backward(data, 0.25f, backend);
      expect_near(g.dx, f.differences(f.u), 1e-5, 1e-5);
      expect_near(g.dweight, f.differences(f.weight), 1e-5, 1e-5);
      expect_near(g.dbias, f.differences(f.bias), 1e-5, 1e-5);
    }
  }
}

}  // namespace linear_gradient_test
}  // namespace agon::test
