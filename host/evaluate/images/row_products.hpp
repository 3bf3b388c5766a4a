// The products of the rows of two tables with each other, on the engine's device, block by block.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "engine/runtime/device.hpp"
#include "host/evaluate/images/image_rows.hpp"

namespace agon::host {

/// product[i * columns + j] is row first_row + i of a times row first_column + j of b.
struct ProductBlock {
  std::int64_t first_row = 0, rows = 0;        ///< of a
  std::int64_t first_column = 0, columns = 0;  ///< rows of b
  const float* product = nullptr;

  const float* of(std::int64_t row) const { return product + row * columns; }
};

/// Works on a queue of its own. Memory: a block's rows and products, some 64 MiB for rows of 1000 numbers,
/// never a whole matrix of products. Products are sums of float: a relative error of some 1e-6 of the rows'
/// lengths.
class RowProducts {
 public:
  explicit RowProducts(const Device& device);
  RowProducts(RowProducts&&) noexcept;
  ~RowProducts();

  /// Calls `use` for blocks that cover all pairs, those of a's first rows first, b's rows rising. The rows
  /// are equally wide. Throws DeviceError.
  void each(const ImageRows& a, const ImageRows& b,
            const std::function<void(const ProductBlock&)>& use) const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// Each row's product with itself, in double, rounded once.
std::vector<float> squared_lengths(const ImageRows& rows);

/// |x - y|^2 of |x|^2, |y|^2 and x y. What is below 1e-5 of |x|^2 + |y|^2 is rounding and counts as 0, so
/// that equal rows have no distance.
inline float squared_distance(float length_x, float length_y, float product) {
  const float lengths = length_x + length_y, distance = lengths - 2 * product;
  return distance < 1e-5f * lengths ? 0.0f : distance;
}

}  // namespace agon::host
