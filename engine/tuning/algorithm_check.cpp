#include "engine/tuning/algorithm_check.hpp"

#include <cmath>

#include "engine/runtime/decimal_text.hpp"

namespace agon {
namespace {

using Kind = LayerProduct::Kind;

/// Of the product of two factors, each rounded to nearest.
double rounding_of(kernels::Precision precision) {
  const auto of_factors = [](double each) { return 2 * each + each * each; };
  switch (precision) {
    case kernels::Precision::tf32:
      return of_factors(0x1p-11);
    case kernels::Precision::bf16:
      return of_factors(0x1p-8);
    default:
      return 0;
  }
}

/// Of a convolution's sums, at most: a fine pixel is one of as many as the strides allow.
std::int64_t terms_of(const kernels::ConvolutionShape& s, Kind kind) {
  if (kind == Kind::weight_gradient) return s.coarse_pixels();
  if (s.transposed == (kind == Kind::input_gradient)) return s.patch();
  const std::int64_t taps = (s.kernel + s.stride - 1) / s.stride;
  return taps * taps * s.coarse_group();
}

double terms_of(const LayerProduct& product) {
  if (product.convolution) return static_cast<double>(terms_of(*product.convolution, product.kind));
  const auto& [batch, in, out] = product.shape;
  return static_cast<double>(product.kind == Kind::weight_gradient  ? batch
                             : product.kind == Kind::input_gradient ? out
                                                                    : in);
}

}  // namespace

LayerRun plain_run() {
  return [](const LaunchOperands& operands, QueueView queue, const kernels::LayerChoices& choices) {
    operands.enqueue(queue, choices);
  };
}

std::string difference(const LayerOutcome& ours, const LayerOutcome& other) {
  constexpr double kSums = 2e-6, kSumsTogether = 2e-7;  // fp32's, of their terms' sizes
  const double rounding = rounding_of(ours.product.precision), size = terms_of(ours.product) / 4 + 1;
  const double each = 3.1 * rounding * size + 2 * kSums * size;
  double squares = 0, squares_of_ours = 0;
  for (std::size_t i = 0; i < ours.values.size(); ++i) {
    const double a = double{ours.values[i]}, b = double{other.values[i]};
    if (!(std::abs(a - b) <= each))
      return "a result is " + short_decimal(b, 6) + ", by our kernels " + short_decimal(a, 6) +
             " (allowed: " + short_decimal(each, 2) + " apart)";
    squares += (a - b) * (a - b);
    squares_of_ours += a * a;
  }
  const auto n = static_cast<double>(ours.values.size());
  const double off = std::sqrt(squares / n), norm = std::sqrt(squares_of_ours / n);
  const double allowed = 1.5 * rounding * norm + 2 * kSumsTogether * size;
  if (off <= allowed) return {};
  return "results are " + short_decimal(off, 2) + " off our kernels', which are of size " +
         short_decimal(norm, 2) + " (allowed: " + short_decimal(allowed, 2) + ")";
}

AlgorithmCheck::AlgorithmCheck(const LaunchOperands& operands, const kernels::LayerChoices& ours,
                               LayerRun run)
    : operands_(operands), run_(std::move(run)), ours_(outcomes_of(ours)) {}

std::string AlgorithmCheck::operator()(const kernels::LayerChoices& algorithm) const {
  const std::vector<LayerOutcome> found = outcomes_of(algorithm);
  for (std::size_t i = 0; i < ours_.size(); ++i)
    if (std::string wrong = difference(ours_[i], found[i]); !wrong.empty())
      return to_string(ours_[i].product.kind) + ": " + wrong;
  return {};
}

std::vector<LayerOutcome> AlgorithmCheck::outcomes_of(const kernels::LayerChoices& algorithm) const {
  operands_.forget();
  run_(operands_, operands_.queue(), algorithm);
  return operands_.outcomes();
}

}  // namespace agon
