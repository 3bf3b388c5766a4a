// A small checkpoint with everything in it that could go wrong.
#pragma once

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "engine/checkpoint/checkpoint.hpp"
#include "kernels/error.hpp"

namespace agon::test {

/// Any finite float, every exponent alike: subnormal numbers and both zeros are among them.
inline std::vector<float> finite_floats(std::size_t count, std::mt19937& random) {
  std::vector<float> values;
  while (values.size() < count) {
    const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
    if (std::isfinite(value)) values.push_back(value);
  }
  values.front() = -0.0f;
  values.back() = std::numeric_limits<float>::denorm_min();
  return values;
}

inline Checkpoint example_checkpoint(std::vector<std::int64_t> generator = {2, 3, 2},
                                     std::vector<std::int64_t> discriminator = {2, 1}) {
  Checkpoint checkpoint;
  checkpoint.config = {.generator = {std::move(generator), 0.1f},
                       .discriminator = {std::move(discriminator), 0.3f},
                       .objective = Objective::minimax,
                       .generator_rate = 0.1,
                       .discriminator_rate = 1.0 / 3,
                       .beta1 = std::nextafter(0.5, 1),
                       .beta2 = std::nextafter(1.0, 0),
                       .epsilon = std::numeric_limits<double>::denorm_min(),
                       .real_label = 0.9,
                       .batch = 65,
                       .seed = UINT64_MAX,
                       .precision = kernels::Precision::tf32};
  checkpoint.snapshot = {
      .step = UINT64_MAX, .generator_updates = 1, .discriminator_updates = 1ull << 63, .tensors = {}};
  std::mt19937 random(3);
  const auto add = [&](const std::string& name, std::vector<std::int64_t> shape) {
    std::size_t count = 1;
    for (const auto length : shape) count *= static_cast<std::size_t>(length);
    checkpoint.snapshot.tensors.push_back({name, std::move(shape), finite_floats(count, random),
                                           finite_floats(count, random), finite_floats(count, random)});
  };
  for (const auto& [name, spec] : {std::pair("generator", &checkpoint.config.generator),
                                   std::pair("discriminator", &checkpoint.config.discriminator)})
    for (std::size_t l = 0; l + 1 < spec->widths.size(); ++l) {
      const std::string layer = std::string(name) + "." + std::to_string(l);
      add(layer + ".weight", {spec->widths[l + 1], spec->widths[l]});
      add(layer + ".bias", {spec->widths[l + 1]});
    }
  checkpoint.device = "cuda:7";
  checkpoint.threads = 12;
  checkpoint.metadata = {
      {"columns", R"(["age","b\"mi\"",null])"}, {"", ""}, {"ünï", "line\nbreak\t\x01 \xf0\x9f\x98\x80"}};
  return checkpoint;
}

/// What parse_checkpoint has against these bytes.
inline std::string error_of(std::string_view file) {
  try {
    parse_checkpoint(file);
  } catch (const DataError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace agon::test
