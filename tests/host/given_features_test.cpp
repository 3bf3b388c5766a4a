// Features that a user brings: their figures against numpy's, and files that are refused.
#include "host/evaluate/images/given_features.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/checkpoint/safetensors.hpp"
#include "host/evaluate/images/frechet.hpp"
#include "kernels/error.hpp"
#include "tests/host/image_families.hpp"
#include "tests/temporary_folder.hpp"

namespace agon::test {
namespace given_features_test {

using host::GivenFeatureFigures;
using host::GivenFeatures;
using host::ImageRows;
using nlohmann::json;
using safetensors::Tensor;

std::string file_of(const std::vector<Tensor>& tensors) {
  std::string file = safetensors::header({}, tensors);
  for (const Tensor& tensor : tensors) file += tensor.bytes;
  return file;
}

template <class Number>
std::string_view bytes_of_numbers(const std::vector<Number>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Number)};
}

Tensor tensor_of(const char* name, const ImageRows& rows) {
  return {name, "F32", {rows.rows, rows.width}, bytes_of_numbers(rows.values)};
}

/// As make_image_metrics.py, given().
GivenFeatures golden_given() {
  GivenFeatures features{golden_features(11, 60, 9, 0), golden_features(12, 40, 9, 0),
                         golden_features(13, 40, 9, 0.25)};
  std::copy_n(features.real.row(10), 4 * 9, features.synthetic.row(5));
  return features;
}

GivenFeatureFigures figures_of(const GivenFeatures& features) {
  return given_feature_figures(features, 1000, 1, Device::cpu(2));
}

/// Values, and whether each lies in its interval.
void expect_figure(const host::ImageFigure& figure, const json& golden, const char* name, double close) {
  SCOPED_TRACE(name);
  EXPECT_NEAR(figure.value, golden.at("synthetic").at(name).get<double>(), close);
  EXPECT_NEAR(figure.floor, golden.at("floor").at(name).get<double>(), close);
  EXPECT_LT(figure.interval.low, figure.value);
  EXPECT_GT(figure.interval.high, figure.value);
  EXPECT_LT(figure.floor_interval.low, figure.floor);
}

/// Rows that are others times c: covariances that commute, so (1 - c)^2 of the trace and of the mean's
/// square.
TEST(GivenFeatures, FrechetDistanceOfManyColumnsIsTheClosedForm) {
  constexpr std::int64_t kWide = 101, kRowsOfSet = 260;
  constexpr float kTimes = 1.5f;
  ImageRows one = golden_features(21, kRowsOfSet, kWide, 0), other = one;
  for (float& value : other.values) value *= kTimes;
  double expected = 0;
  for (std::int64_t c = 0; c < kWide; ++c) {
    double sum = 0, squares = 0;
    for (std::int64_t i = 0; i < kRowsOfSet; ++i)
      sum += one.row(i)[c], squares += double{one.row(i)[c]} * one.row(i)[c];
    const double mean = sum / kRowsOfSet;
    expected += mean * mean + (squares - sum * mean) / (kRowsOfSet - 1);
  }
  expected *= (kTimes - 1) * (kTimes - 1);
  EXPECT_NEAR(frechet_distance(sums_of_groups(one, 0, kWide), sums_of_groups(other, 0, kWide), -1), expected,
              1e-6 * expected);
}

TEST(GivenFeatures, FiguresAreNumpys) {
  const json golden =
      json::parse(golden::read(std::string(AGON_SOURCE_FOLDER) + "/tests/golden/image_metrics.json"))
          .at("given");
  const TemporaryFolder folder;
  const GivenFeatures made = golden_given();
  put(folder / "real", file_of({tensor_of("held_out", made.held_out), tensor_of("real", made.real)}));
  put(folder / "drawn", file_of({tensor_of("synthetic", made.synthetic)}));
  const GivenFeatures read = host::read_features({folder / "real", folder / "drawn"});
  const GivenFeatureFigures figures = figures_of(read);
  EXPECT_EQ(figures.width, 9);
  EXPECT_TRUE(figures.compared.floor_is_held_out);
  EXPECT_EQ(figures.compared.compared, 40);
  EXPECT_NEAR(figures.frechet_of_all, golden.at("synthetic").at("frechet").get<double>(), 1e-6);
  expect_figure(figures.frechet, golden, "frechet", 1e-5);
  expect_figure(figures.kernel, golden, "kernel", 1e-5);
  expect_figure(figures.density, golden, "density", 1e-9);
  expect_figure(figures.coverage, golden, "coverage", 1e-9);
  expect_figure(figures.precision, golden, "precision", 1e-9);
  expect_figure(figures.recall, golden, "recall", 1e-9);
}

/// Distances are between float's products: an offset that all features have must not take their digits.
TEST(GivenFeatures, AnOffsetOfAllChangesNoDistance) {
  GivenFeatures far = golden_given();
  const GivenFeatureFigures before = figures_of(far);
  for (ImageRows* const rows : {&far.real, &far.held_out, &far.synthetic})
    for (float& value : rows->values) value += 4096;
  const GivenFeatureFigures after = figures_of(far);
  EXPECT_NEAR(after.frechet.value, before.frechet.value, 1e-6);
  EXPECT_EQ(after.density.value, before.density.value);
  EXPECT_EQ(after.coverage.value, before.coverage.value);
  EXPECT_EQ(after.recall.floor, before.recall.floor);
}

/// By covariances and by rows: two formulas, of more rows than columns and of fewer.
TEST(GivenFeatures, FrechetDistanceByRows) {
  for (const std::int64_t width : {7, 60}) {
    const ImageRows a = golden_features(16, 40, width, 0), b = golden_features(17, 33, width, 0.5);
    const auto sums_a = host::sums_of_groups(a, 0, width), sums_b = host::sums_of_groups(b, 0, width);
    for (const int without : {-1, 0, 4, 9})
      for (const bool swapped : {false, true})
        EXPECT_NEAR(swapped ? frechet_distance(b, a, without) : frechet_distance(a, b, without),
                    frechet_distance(sums_a, sums_b, without), 1e-5)
            << width << ' ' << without;
  }
}

TEST(GivenFeatures, WithoutHeldOutOnesTheFloorIsOfHalves) {
  GivenFeatures features = golden_given();
  features.held_out = {};
  const GivenFeatureFigures figures = figures_of(features);
  EXPECT_FALSE(figures.compared.floor_is_held_out);
  EXPECT_EQ(figures.compared.reference, 30);
  EXPECT_EQ(figures.compared.compared, 30);
  EXPECT_FALSE(figures.few());
  // Fewer images than features: both Fréchet distances are far above that of all, which is biased least.
  GivenFeatures wide{golden_features(14, 44, 64, 0), {}, golden_features(15, 44, 64, 0)};
  const GivenFeatureFigures biased = figures_of(wide);
  EXPECT_TRUE(biased.few());
  EXPECT_GT(biased.frechet.value, 1.2 * biased.frechet_of_all);
  EXPECT_NEAR(biased.frechet.value, biased.frechet.floor, 0.15 * biased.frechet.floor);
}

TEST(GivenFeatures, EveryTypeOfNumberIsRead) {
  const std::vector<double> numbers{0, -0.0, 1, -1.5, 2.5, -0.125, 96, 0x1p-14, 0x1p-16, -0x1p-24};
  const std::vector<float> singles(numbers.begin(), numbers.end());
  // IEEE 754's binary16, and the upper half of a binary32.
  const std::vector<std::uint16_t> halves{0x0000, 0x8000, 0x3C00, 0xBE00, 0x4100,
                                          0xB000, 0x5600, 0x0400, 0x0100, 0x8001};
  const std::vector<std::uint16_t> upper{0x0000, 0x8000, 0x3F80, 0xBFC0, 0x4020,
                                         0xBE00, 0x42C0, 0x3880, 0x3780, 0xB380};
  const std::pair<const char*, std::string_view> types[] = {{"F64", bytes_of_numbers(numbers)},
                                                            {"F32", bytes_of_numbers(singles)},
                                                            {"F16", bytes_of_numbers(halves)},
                                                            {"BF16", bytes_of_numbers(upper)}};
  const TemporaryFolder folder;
  for (const auto& [dtype, bytes] : types) {
    put(folder / "f", file_of({{"real", dtype, {5, 2}, bytes}, {"synthetic", dtype, {5, 2}, bytes}}));
    const GivenFeatures read = host::read_features({folder / "f"});
    EXPECT_EQ(read.real.values, singles) << dtype;
    EXPECT_EQ(read.synthetic.rows, 5);
  }
}

std::string refusal_of(const std::string& content) {
  const TemporaryFolder folder;
  put(folder / "f", content);
  try {
    host::read_features({folder / "f"});
  } catch (const DataError& error) {
    const std::string text = error.what();
    EXPECT_TRUE(text.starts_with((folder / "f").string() + ": ")) << text;
    EXPECT_EQ(text.find('\n'), text.npos);
    return text.substr((folder / "f").string().size() + 2);
  }
  ADD_FAILURE() << "not refused";
  return {};
}

TEST(GivenFeatures, FilesThatAreRefused) {
  const ImageRows rows = golden_features(1, 4, 3, 0), wide = golden_features(1, 3, 4, 0);
  const Tensor real = tensor_of("real", rows), synthetic = tensor_of("synthetic", rows);
  const auto with = [&](Tensor tensor) { return refusal_of(file_of({std::move(tensor), synthetic})); };
  const auto expect = [](const std::string& refusal, const char* words) {
    EXPECT_NE(refusal.find(words), refusal.npos) << refusal;
  };
  const std::string whole = file_of({real, synthetic});
  expect(refusal_of(whole.substr(0, whole.size() - 1)), "it is cut off; write it again");
  expect(refusal_of(whole.substr(0, 40)), "no whole safetensors file: its header's length");
  expect(refusal_of(""), "the file is empty");
  expect(refusal_of(file_of({real})), "no tensor \"synthetic\"");
  expect(refusal_of(file_of({synthetic})), "no tensor \"real\"");
  expect(with(tensor_of("Real", rows)), "\"Real\" is none of those that are read; name them real, ");
  expect(with({"real", "F32", {12}, real.bytes}), "has 1 dimensions; it must be (images, features)");
  expect(with({"real", "I32", {4, 3}, real.bytes}), "is of type I32; write it as F32");
  expect(with({"real", "F32", {0, 3}, {}}), "is empty");
  expect(with(tensor_of("real", wide)), "\"synthetic\" has 3 features an image, \"real\" has 4");
  const ImageRows broad = host::zero_rows(1, 2049);
  expect(with(tensor_of("real", broad)), "2049 features an image; at most 2048");
  for (const float odd : {std::nanf(""), std::numeric_limits<float>::infinity(), -2e6f}) {
    ImageRows bad = rows;
    bad.row(2)[1] = odd;
    expect(with(tensor_of("real", bad)),
           std::abs(odd) < 1e9f ? "row 3, column 2: beyond a million" : "row 3, column 2: not finite");
  }
}

TEST(GivenFeatures, EachImageNeedsARow) {
  const GivenFeatures features = golden_given();
  EXPECT_NO_THROW(require_rows(features, 60, 40, 40));
  EXPECT_THROW(require_rows(features, 61, 40, 40), DataError);
  EXPECT_THROW(require_rows(features, 60, 0, 40), DataError);
  EXPECT_THROW(require_rows(features, 60, 40, 39), DataError);
  EXPECT_NO_THROW(host::require_rows({features.real, {}, features.synthetic}, 60, 40, 40));
  EXPECT_THROW(figures_of({golden_features(1, 39, 9, 0), {}, features.synthetic}), DataError);
  EXPECT_THROW(figures_of({features.real, {}, golden_features(1, 19, 9, 0)}), DataError);
}

}  // namespace given_features_test
}  // namespace agon::test
