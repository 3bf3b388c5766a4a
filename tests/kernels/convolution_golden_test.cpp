// Convolutions, their gradients, and a penalty on a discriminator's slope, against PyTorch
// (tests/golden/make_convolution.py).
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/kernels/convolution_oracle.hpp"

namespace agon::test {
namespace convolution_golden_test {

using kernels::ConvolutionShape;
using nlohmann::json;

const json& golden() {
  static const json content = json::parse(std::ifstream(AGON_GOLDEN_FOLDER "/convolution.json"));
  return content;
}

ConvolutionShape shape_of(const json& layer) {
  const auto s = layer.at("shape").get<std::vector<std::int64_t>>();
  return {.batch = s[0],
          .fine = {s[1], s[2], s[3]},
          .coarse_channels = s[4],
          .kernel = s[5],
          .stride = s[6],
          .padding = s[7],
          .groups = s[8],
          .transposed = s[9] != 0};
}

class ConvolutionGolden : public ConvolutionOnDevice {
 protected:
  float slope() const { return golden().at("slope").get<float>(); }

  /// The numbers are small multiples of powers of two: fp32 has most of them exactly.
  static void expect_equal(const std::vector<float>& got, const json& wanted) {
    const auto values = wanted.get<std::vector<double>>();
    double greatest = 0;
    for (const double value : values) greatest = std::max(greatest, std::abs(value));
    expect_near(got, values, 1e-6 * greatest);
  }
};
AGON_ON_EVERY_DEVICE(ConvolutionGolden);

TEST_P(ConvolutionGolden, LayersEqualPyTorchs) {
  weighted = false;
  std::mt19937 generator(1);
  ASSERT_GE(golden().at("layers").size(), 6u);
  for (const json& layer : golden().at("layers")) {
    ConvolutionData data(shape_of(layer), generator);
    SCOPED_TRACE(text_of(data.shape));
    layer.at("x").get_to(data.x), layer.at("weight").get_to(data.weight);
    layer.at("bias").get_to(data.bias), layer.at("dz").get_to(data.dz);
    expect_equal(forward(data, slope()), layer.at("y"));
    const ConvolutionGradients g = backward(data, 1.0f);
    expect_equal(g.dx, layer.at("dx"));
    expect_equal(g.dweight, layer.at("dweight"));
    expect_equal(g.dbias, layer.at("dbias"));
    release();
  }
}

/// The gradients of sum |d logit / d x|^2 / 2 without a tape: the slope by the way back, its tangents
/// forward, and the weights' gradients of deltas and tangents (Pearlmutter 1994; kernels/linear_tangent.hpp).
TEST_P(ConvolutionGolden, APenaltyOnTheSlopeEqualsPyTorchs) {
  const json& wanted = golden().at("penalty");
  weighted = false;
  std::mt19937 generator(1);
  ConvolutionData first(
      {.batch = 3, .fine = {8, 8, 2}, .coarse_channels = 4, .kernel = 4, .stride = 2, .padding = 1},
      generator);
  ConvolutionData second(
      {.batch = 3, .fine = {4, 4, 4}, .coarse_channels = 6, .kernel = 3, .padding = 1, .groups = 2},
      generator);
  wanted.at("x").get_to(first.x);
  wanted.at("weights").at(0).get_to(first.weight), wanted.at("biases").at(0).get_to(first.bias);
  wanted.at("weights").at(1).get_to(second.weight), wanted.at("biases").at(1).get_to(second.bias);
  const auto last = wanted.at("weights").at(2).get<std::vector<float>>();

  first.activation = second.x = forward(first, slope());
  second.activation = forward(second, slope());
  for (std::size_t i = 0; i < second.dz.size(); ++i)
    second.dz[i] = last[i % last.size()] * (second.activation[i] > 0 ? 1 : slope());
  first.dz = backward(second, slope(), true, false).dx;
  const std::vector<float> by_x = backward(first, 1.0f, true, false).dx;
  double value = 0;
  for (const float one : by_x) value += 0.5 * static_cast<double>(one) * static_cast<double>(one);
  EXPECT_NEAR(value, wanted.at("value").get<double>(), 1e-6 * value);

  first.x = by_x;
  second.x = tangent(first, slope()).y;
  const std::vector<float> tangents = tangent(second, slope()).y;
  expect_equal(backward(first, 1.0f, false, true).dweight, wanted.at("gradients").at(0));
  expect_equal(backward(second, 1.0f, false, true).dweight, wanted.at("gradients").at(1));
  std::vector<float> by_last(last.size());
  for (std::size_t i = 0; i < tangents.size(); ++i) by_last[i % last.size()] += tangents[i];
  expect_equal(by_last, wanted.at("gradients").at(2));
}

}  // namespace convolution_golden_test
}  // namespace agon::test
