#include "host/evaluate/images/row_products.hpp"

#include <algorithm>

#include "engine/runtime/buffer.hpp"
#include "engine/runtime/queue.hpp"
#include "kernels/linear.hpp"

namespace agon::host {
namespace {

constexpr std::int64_t kRowsOfProduct = 1024, kColumnsOfProduct = 4096;

/// At least as large as asked for; what it held is lost where it grows.
void grow_buffer(Buffer<float>& buffer, const Device& device, std::int64_t size) {
  if (static_cast<std::int64_t>(buffer.size()) < size)
    buffer = Buffer<float>(device, static_cast<std::size_t>(size));
}

}  // namespace

struct RowProducts::Implementation {
  explicit Implementation(const Device& device) : queue(device) {}

  void upload_rows(const ImageRows& rows, std::int64_t first, std::int64_t count, Buffer<float>& to) const {
    queue.upload(to.data(),
                 std::span<const float>(rows.row(first), static_cast<std::size_t>(count * rows.width)));
  }

  Queue queue;
  Buffer<float> a, b, zeroes, product;
  std::vector<float> on_host;
};

RowProducts::RowProducts(const Device& device) : implementation_(std::make_unique<Implementation>(device)) {}
RowProducts::RowProducts(RowProducts&&) noexcept = default;
RowProducts::~RowProducts() = default;

void RowProducts::each(const ImageRows& a, const ImageRows& b,
                       const std::function<void(const ProductBlock&)>& use) const {
  Implementation& on = *implementation_;
  const std::int64_t rows = std::min(a.rows, kRowsOfProduct), columns = std::min(b.rows, kColumnsOfProduct);
  grow_buffer(on.a, on.queue.device(), rows * a.width);
  grow_buffer(on.b, on.queue.device(), columns * b.width);
  grow_buffer(on.zeroes, on.queue.device(), columns);
  grow_buffer(on.product, on.queue.device(), rows * columns);
  on.on_host.resize(static_cast<std::size_t>(rows * columns));
  for (std::int64_t i = 0; i < a.rows; i += rows) {
    const std::int64_t some = std::min(rows, a.rows - i);
    on.upload_rows(a, i, some, on.a);
    for (std::int64_t j = 0; j < b.rows; j += columns) {
      const std::int64_t wide = std::min(columns, b.rows - j);
      on.upload_rows(b, j, wide, on.b);
      kernels::linear_forward(on.queue, {.shape = {some, a.width, wide},
                                         .x = on.a.data(),
                                         .weight = on.b.data(),
                                         .bias = on.zeroes.data(),
                                         .y = on.product.data()});
      on.queue.download(std::span(on.on_host).first(static_cast<std::size_t>(some * wide)),
                        on.product.data());
      use({i, some, j, wide, on.on_host.data()});
    }
  }
}

std::vector<float> squared_lengths(const ImageRows& rows) {
  std::vector<float> lengths;
  for (std::int64_t i = 0; i < rows.rows; ++i) {
    double sum = 0;
    for (std::int64_t c = 0; c < rows.width; ++c) sum += double{rows.row(i)[c]} * double{rows.row(i)[c]};
    lengths.push_back(static_cast<float>(sum));
  }
  return lengths;
}

}  // namespace agon::host
