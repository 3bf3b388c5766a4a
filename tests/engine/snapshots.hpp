// What training has changed, compared: bit for bit, and by distance.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>

#include "engine/gan/gan.hpp"

namespace agon::test {

inline void expect_same_bits(const Gan::Snapshot& a, const Gan::Snapshot& b) {
  EXPECT_EQ(a.step, b.step);
  EXPECT_EQ(a.generator_updates, b.generator_updates);
  EXPECT_EQ(a.discriminator_updates, b.discriminator_updates);
  ASSERT_EQ(a.tensors.size(), b.tensors.size());
  for (std::size_t i = 0; i < a.tensors.size(); ++i) {
    const auto &left = a.tensors[i], &right = b.tensors[i];
    EXPECT_EQ(left.name, right.name);
    EXPECT_EQ(left.value, right.value) << left.name;
    EXPECT_EQ(left.moment1, right.moment1) << left.name;
    EXPECT_EQ(left.moment2, right.moment2) << left.name;
    EXPECT_EQ(left.average, right.average) << left.name;
    EXPECT_EQ(left.left_singular, right.left_singular) << left.name;
    EXPECT_EQ(left.right_singular, right.right_singular) << left.name;
    EXPECT_EQ(left.running_mean, right.running_mean) << left.name;
    EXPECT_EQ(left.running_variance, right.running_variance) << left.name;
  }
}

inline void expect_same_bits(const Gan& a, const Gan& b) { expect_same_bits(a.snapshot(), b.snapshot()); }

/// Of what the last step left of a network's, "generator." or "discriminator.".
inline double gradient_norm(const Gan& gan, std::string_view network) {
  double square = 0;
  for (const TensorView& tensor : gan.parameters())
    if (tensor.name.starts_with(network))
      for (const float g : gan.gradient(tensor.name)) square += double{g} * g;
  return std::sqrt(square);
}

/// ||a - b|| / ||b||.
inline double distance(std::span<const float> a, std::span<const float> b) {
  EXPECT_EQ(a.size(), b.size());
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    difference += std::pow(double{a[i]} - double{b[i]}, 2);
    size += std::pow(double{b[i]}, 2);
  }
  return std::sqrt(difference / size);
}

/// That of the worst tensor, of parameters and moments.
inline double worst_distance(const Gan::Snapshot& a, const Gan::Snapshot& b) {
  double worst = 0;
  for (std::size_t i = 0; i < b.tensors.size(); ++i) {
    const auto &left = a.tensors.at(i), &right = b.tensors[i];
    worst = std::max({worst, distance(left.value, right.value), distance(left.moment1, right.moment1),
                      distance(left.moment2, right.moment2)});
  }
  return worst;
}

}  // namespace agon::test
