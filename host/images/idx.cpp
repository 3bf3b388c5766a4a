// IDX files (Yann LeCun, Corinna Cortes, Christopher Burges: The MNIST database): two zero bytes, a type, a
// number of dimensions, the dimensions as big-endian 32-bit numbers, the samples.
#include <fmt/format.h>

#include <array>
#include <optional>
#include <string_view>
#include <system_error>

#include "host/images/image_array.hpp"
#include "host/images/image_error.hpp"

namespace agon::host {
namespace {

struct IdxHeader {
  std::vector<std::int64_t> dimensions;
  std::int64_t bytes = 0;
};

IdxHeader read_idx_header(const std::filesystem::path& path, ByteStream& stream, std::size_t dimensions,
                          const char* what) {
  constexpr std::uint8_t kUnsignedByte = 8;
  std::array<std::uint8_t, 4> magic{};
  if (stream.read(magic.data(), magic.size()) != magic.size())
    refuse_images(path, "at byte 0: an IDX header that ends early; fetch the file anew");
  if (magic[0] != 0 || magic[1] != 0)
    refuse_images(path, "at byte 0: no IDX file begins so; fetch the file anew");
  if (magic[2] != kUnsignedByte)
    refuse_images(
        path, fmt::format("at byte 2: an IDX file of type {:#04x}; {} are bytes, type 0x08", magic[2], what));
  if (magic[3] != dimensions)
    refuse_images(
        path, fmt::format("at byte 3: an IDX file of {} dimensions; {} have {}{}", magic[3], what, dimensions,
                          magic[3] == 1 ? ", labels 1: name the file with the images" : ""));
  IdxHeader header;
  for (std::size_t i = 0; i < dimensions; ++i) {
    std::array<std::uint8_t, 4> size{};
    if (stream.read(size.data(), size.size()) != size.size())
      refuse_images(path, "at byte 4: an IDX header that ends early; fetch the file anew");
    header.dimensions.push_back(std::int64_t{size[0]} << 24 | size[1] << 16 | size[2] << 8 | size[3]);
  }
  header.bytes = 4 + 4 * static_cast<std::int64_t>(dimensions);
  return header;
}

void replace_last(std::string& text, std::string_view from, std::string_view to) {
  const std::size_t at = text.rfind(from);
  if (at != text.npos) text.replace(at, from.size(), to);
}

/// The labels' file beside the images', compressed or not, where there is one.
std::optional<std::filesystem::path> labels_beside(const std::filesystem::path& path) {
  std::string name = path.filename().string();
  const std::string images = name;
  replace_last(name, "images", "labels");
  replace_last(name, "idx3", "idx1");
  if (name == images) return std::nullopt;
  const std::string other = name.ends_with(".gz") ? name.substr(0, name.size() - 3) : name + ".gz";
  for (const std::string& one : {name, other}) {
    std::error_code unknown;
    const std::filesystem::path labels = path.parent_path() / one;
    if (std::filesystem::is_regular_file(labels, unknown)) return labels;
  }
  return std::nullopt;
}

std::vector<std::string> read_idx_labels(const std::filesystem::path& path, std::int64_t images) {
  const std::unique_ptr<ByteStream> stream = open_file(path);
  const IdxHeader header = read_idx_header(path, *stream, 1, "labels");
  const std::int64_t count = header.dimensions[0];
  if (count != images)
    refuse_images(
        path, fmt::format(
                  "at byte 4: {} labels, but {} images beside it; take the labels that belong to the images",
                  count, images));
  if (count > stream->most_bytes())
    refuse_images(
        path, fmt::format("the header says {} labels, but there are {} bytes at most; fetch the file anew",
                          count, stream->most_bytes()));
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count) + 1);
  const std::size_t got = stream->read(bytes.data(), bytes.size());
  if (got != static_cast<std::size_t>(count))
    refuse_images(path, fmt::format("{} bytes of labels than the header's {}; fetch the file anew",
                                    got > static_cast<std::size_t>(count) ? "more" : "fewer", count));
  std::vector<std::string> labels;
  for (std::int64_t i = 0; i < count; ++i)
    labels.push_back(std::to_string(bytes[static_cast<std::size_t>(i)]));
  return labels;
}

}  // namespace

ImageArray idx_images(const std::filesystem::path& path) {
  const std::unique_ptr<ByteStream> stream = open_file(path);
  const IdxHeader header = read_idx_header(path, *stream, 3, "images");
  ImageArray array;
  array.path = path;
  array.count = header.dimensions[0];
  array.height = header.dimensions[1];
  array.width = header.dimensions[2];
  array.header_bytes = header.bytes;
  array.open = [path] { return open_file(path); };
  if (const auto labels = labels_beside(path)) {
    array.labels = read_idx_labels(*labels, array.count);
    array.labels_from = shown(*labels);
  }
  return array;
}

}  // namespace agon::host
