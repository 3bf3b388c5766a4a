// Reads the golden files of PyTorch and repeats the numbers that went into them (README.md says how they are
// made).
#pragma once

#include <zlib.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace agon::golden {

/// SplitMix64 as a counter: a 64-bit word for each (source, index).
inline std::uint64_t word(std::uint64_t source, std::uint64_t index) {
  std::uint64_t x = ((source << 32) + index + 1) * 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

enum class Kind : std::uint64_t { parameters, rows, noise_d, noise_g };

/// The stream of tensor `number`, or of step `number`'s inputs.
inline std::uint64_t stream(std::uint64_t scenario, std::uint64_t attempt, Kind kind, std::uint64_t number) {
  return ((scenario * 256 + attempt) * 4 + static_cast<std::uint64_t>(kind)) * 256 + number;
}

/// Uniform on [-bound, bound), one float rounding; `bound` is itself rounded to float.
inline std::vector<float> uniform(std::uint64_t source, std::int64_t count, double bound) {
  std::vector<float> out(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto k = static_cast<std::int64_t>(word(source, i) >> 40) - (std::int64_t{1} << 23);
    out[i] = static_cast<float>(k) * 0x1p-23f * static_cast<float>(bound);
  }
  return out;
}

/// 65536 times a nearly normal number, as an integer: the sum of twelve 16-bit pieces less its mean.
inline std::int64_t bell(std::uint64_t source, std::uint64_t element) {
  std::int64_t sum = -393210;
  for (std::uint64_t w = 3 * element; w < 3 * element + 3; ++w)
    for (int shift = 0; shift < 64; shift += 16)
      sum += static_cast<std::int64_t>(word(source, w) >> shift & 0xFFFF);
  return sum;
}

inline std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// zlib over the four byte planes of d's zigzag form, d = the floats' bits less those of `reference` modulo
/// 2^32.
inline std::vector<float> unpack(const std::string& compressed, const std::vector<float>& reference) {
  const std::size_t n = reference.size();
  std::vector<unsigned char> planes(4 * n);
  auto length = static_cast<uLongf>(planes.size());
  const auto* source = reinterpret_cast<const Bytef*>(compressed.data());
  if (uncompress(planes.data(), &length, source, static_cast<uLong>(compressed.size())) != Z_OK ||
      length != 4 * n)
    throw std::runtime_error("a golden file does not unpack to the network's size");
  std::vector<float> out(n);
  for (std::size_t i = 0; i < n; ++i) {
    std::uint32_t bits = 0;
    for (std::size_t plane = 4; plane-- > 0;) bits = bits << 8 | planes[plane * n + i];
    const std::uint32_t difference = (bits >> 1) ^ (0u - (bits & 1u));
    out[i] = std::bit_cast<float>(difference + std::bit_cast<std::uint32_t>(reference[i]));
  }
  return out;
}

/// One objective's run.
class Run {
 public:
  Run(std::string folder, const std::string& objective)
      : folder_(std::move(folder)),
        objective_(objective),
        index_(nlohmann::json::parse(read(folder_ + "/golden.json"))),
        scenario_(index_.at("scenario").get<std::uint64_t>()) {}

  const nlohmann::json& index() const { return index_; }
  std::vector<std::int64_t> widths(const char* network) const { return index_.at(network); }

  /// Tensor `position` of the list, with `inputs` columns to its layer.
  std::vector<float> initial(std::uint64_t position, std::int64_t count, std::int64_t inputs) const {
    const double bound = 1.0 / std::sqrt(static_cast<double>(inputs));
    return uniform(stream(scenario_, 0, Kind::parameters, position), count, bound);
  }

  /// (2, batch, latent) of step `step`, counted from 0: the discriminator's phase, the generator's.
  std::vector<float> noise(std::uint64_t step) const {
    const std::size_t half = batch_size() * static_cast<std::size_t>(widths("generator").front());
    std::vector<float> out(2 * half);
    for (std::size_t e = 0; e < out.size(); ++e) {
      const std::size_t phase = e / half;
      const Kind kind = phase == 0 ? Kind::noise_d : Kind::noise_g;
      out[e] =
          static_cast<float>(bell(stream(scenario_, attempt(step, phase), kind, step), e % half)) / 65536.0f;
    }
    return out;
  }

  /// (batch, width) of step `step`: column j is (3 own + 2 shared) / 4.
  std::vector<float> batch(std::uint64_t step) const {
    const std::uint64_t source = stream(scenario_, attempt(step, 0), Kind::rows, step);
    const auto width = static_cast<std::size_t>(widths("discriminator").front());
    std::vector<float> out(batch_size() * width);
    for (std::size_t e = 0; e < out.size(); ++e) {
      const std::size_t row = e / width * (width + 1);
      out[e] =
          static_cast<float>(3 * bell(source, row + e % width) + 2 * bell(source, row + width)) / 262144.0f;
    }
    return out;
  }

  /// Every tensor after `step` steps, end to end, from the initial ones end to end: PyTorch's float32 run.
  std::vector<float> snapshot(std::uint64_t step, const std::vector<float>& start) const {
    return unpack(read(path(step) + ".z"), start);
  }
  /// The same run in float64, rounded at the end.
  std::vector<float> exact(std::uint64_t step, const std::vector<float>& start) const {
    return unpack(read(path(step) + "-float64.z"), snapshot(step, start));
  }

 private:
  std::size_t batch_size() const { return index_.at("batch").get<std::size_t>(); }
  std::uint64_t attempt(std::uint64_t step, std::size_t phase) const {
    return index_.at("attempts").at(objective_).at(step).at(phase).get<std::uint64_t>();
  }
  std::string path(std::uint64_t step) const {
    return folder_ + "/" + objective_ + "-" + std::to_string(step);
  }

  std::string folder_, objective_;
  nlohmann::json index_;
  std::uint64_t scenario_;
};

}  // namespace agon::golden
