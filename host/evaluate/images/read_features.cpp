#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string_view>

#include "engine/checkpoint/safetensors.hpp"
#include "host/evaluate/images/given_features.hpp"
#include "host/table/file_bytes.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

constexpr std::int64_t kMostFeatures = 2048;
constexpr double kLargest = 1e6;  // cubes of products of rows are sums of float

using safetensors::Tensor;

/// IEEE 754's 16 bits.
double half_number(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  double size = std::ldexp(exponent == 0 ? fraction : fraction + 1024, (exponent == 0 ? 1 : exponent) - 25);
  if (exponent == 31) size = fraction == 0 ? std::numeric_limits<double>::infinity() : std::nan("");
  return bits >> 15 != 0 ? -size : size;
}

double bfloat_number(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t{bits} << 16); }

template <class Number>
Number read_number(const Tensor& tensor, std::size_t index) {
  Number number{};
  std::memcpy(&number, tensor.bytes.data() + index * sizeof(Number), sizeof(Number));
  return number;
}

double feature_at(const Tensor& tensor, std::size_t index) {
  if (tensor.dtype == "F64") return read_number<double>(tensor, index);
  if (tensor.dtype == "F32") return read_number<float>(tensor, index);
  const auto bits = read_number<std::uint16_t>(tensor, index);
  return tensor.dtype == "F16" ? half_number(bits) : bfloat_number(bits);
}

/// Errors begin with the file and the tensor.
class FeatureTensor {
 public:
  FeatureTensor(const std::string& path, const Tensor& tensor) : path_(path), tensor_(tensor) {}

  ImageRows rows() const {
    require_form();
    ImageRows rows = zero_rows(tensor_.shape[0], tensor_.shape[1]);
    for (std::size_t i = 0; i < rows.values.size(); ++i) {
      const double number = feature_at(tensor_, i);
      if (!(std::abs(number) <= kLargest)) refuse_number(number, static_cast<std::int64_t>(i));
      rows.values[i] = static_cast<float>(number);
    }
    return rows;
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw DataError(path_ + ": tensor " + safetensors::printable(tensor_.name) + why);
  }

  void require_form() const {
    const std::string& dtype = tensor_.dtype;
    if (dtype != "F64" && dtype != "F32" && dtype != "F16" && dtype != "BF16")
      refuse(" is of type " + dtype + "; write it as F32 (or F64, F16, BF16)");
    if (tensor_.shape.size() != 2)
      refuse(" has " + std::to_string(tensor_.shape.size()) +
             " dimensions; it must be (images, features): flatten or pool what the network gives");
    if (tensor_.shape[0] < 1 || tensor_.shape[1] < 1) refuse(" is empty; it must be (images, features)");
    if (tensor_.shape[1] > kMostFeatures)
      refuse(" has " + std::to_string(tensor_.shape[1]) + " features an image; at most " +
             std::to_string(kMostFeatures) + " can be compared: pool them, or project them (PCA)");
  }

  [[noreturn]] void refuse_number(double number, std::int64_t index) const {
    const std::int64_t width = tensor_.shape[1];
    refuse(", row " + std::to_string(index / width + 1) + ", column " + std::to_string(index % width + 1) +
           (std::isfinite(number) ? ": beyond a million; scale all features down"
                                  : ": not finite; see what the network was given there"));
  }

  const std::string& path_;
  const Tensor& tensor_;
};

void take_tensors(const std::string& path, GivenFeatures& features) {
  const std::string bytes = read_bytes(path);
  safetensors::File file;
  try {
    file = safetensors::parse(bytes);
  } catch (const DataError& error) {
    throw DataError(path + ": no whole safetensors file: " + error.what() +
                    "; write it again (safetensors.numpy.save_file)");
  }
  for (const Tensor& tensor : file.tensors) {
    ImageRows* const to = tensor.name == "real"        ? &features.real
                          : tensor.name == "synthetic" ? &features.synthetic
                          : tensor.name == "held_out"  ? &features.held_out
                                                       : nullptr;
    if (to == nullptr)
      throw DataError(path + ": tensor " + safetensors::printable(tensor.name) +
                      " is none of those that are read; name them real, synthetic and held_out");
    if (to->rows > 0)
      throw DataError(path + ": tensor " + safetensors::printable(tensor.name) +
                      " was in an earlier file; give each once");
    *to = FeatureTensor(path, tensor).rows();
  }
}

}  // namespace

GivenFeatures read_features(const std::vector<std::string>& paths) {
  GivenFeatures features;
  for (const std::string& path : paths) take_tensors(path, features);
  const std::string& last = paths.back();
  for (const auto& [name, rows] :
       {std::pair("real", &features.real), std::pair("synthetic", &features.synthetic)})
    if (rows->rows == 0)
      throw DataError(last + ": no tensor \"" + name + "\"; the features of the " + name +
                      " images must have that name");
  for (const auto& [name, rows] :
       {std::pair("synthetic", &features.synthetic), std::pair("held_out", &features.held_out)})
    if (rows->rows > 0 && rows->width != features.real.width)
      throw DataError(last + ": tensor \"" + name + "\" has " + std::to_string(rows->width) +
                      " features an image, \"real\" has " + std::to_string(features.real.width) +
                      "; take both from the same layer of one network");
  return features;
}

void require_rows(const GivenFeatures& features, std::int64_t real, std::int64_t held_out,
                  std::int64_t synthetic) {
  const auto require = [](const char* name, std::int64_t rows, std::int64_t images) {
    if (rows != images)
      throw DataError("--features: tensor \"" + std::string(name) + "\" has " + std::to_string(rows) +
                      " rows and there are " + std::to_string(images) +
                      " such images; each image needs a row, in the order in which they are read");
  };
  require("real", features.real.rows, real);
  require("synthetic", features.synthetic.rows, synthetic);
  if (features.held_out.rows > 0) require("held_out", features.held_out.rows, held_out);
}

}  // namespace agon::host
