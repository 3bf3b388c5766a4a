#include "host/images/placement.hpp"

#include <algorithm>
#include <utility>

namespace agon::host {
namespace {

/// a * b / c, rounded, at least 1; a, b and c are up to kMostSide.
std::int64_t rounded_share(std::int64_t a, std::int64_t b, std::int64_t c) {
  return std::max<std::int64_t>(1, (2 * a * b + c) / (2 * c));
}

/// The largest size of the proportions of `shape` that fits into `room`.
ImageSize inside(const ImageSize& room, const ImageSize& shape) {
  if (room.width * shape.height > shape.width * room.height)
    return {room.height, std::min(room.width, rounded_share(shape.width, room.height, shape.height))};
  return {std::min(room.height, rounded_share(shape.height, room.width, shape.width)), room.width};
}

ImageBox centred(const ImageSize& part, const ImageSize& whole) {
  return {(whole.height - part.height) / 2, (whole.width - part.width) / 2, part};
}

}  // namespace

Placement place_image(const ImageSize& image, const ImageSize& target, ImageFit fit) {
  const ImageBox all_image{0, 0, image}, all_target{0, 0, target};
  if (fit == ImageFit::crop) return {centred(inside(image, target), image), all_target};
  if (fit == ImageFit::pad) return {all_image, centred(inside(target, image), target)};
  return {all_image, all_target};
}

ImageBox Orientation::stored(const ImageBox& displayed, const ImageSize& stored_image) const {
  ImageBox box{displayed.top, displayed.left, turned(displayed.size)};
  if (transposed) std::swap(box.top, box.left);
  if (flip_rows) box.top = stored_image.height - box.top - box.size.height;
  if (flip_columns) box.left = stored_image.width - box.left - box.size.width;
  return box;
}

std::int64_t Orientation::index(std::int64_t y, std::int64_t x, const ImageSize& stored_image) const {
  if (transposed) std::swap(y, x);
  if (flip_rows) y = stored_image.height - 1 - y;
  if (flip_columns) x = stored_image.width - 1 - x;
  return y * stored_image.width + x;
}

}  // namespace agon::host
