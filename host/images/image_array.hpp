// Arrays of images: what IDX, NPY and NPZ files have in common.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "host/images/byte_stream.hpp"
#include "host/images/image_reader.hpp"
#include "host/images/read_images.hpp"

namespace agon::host {

/// (count, height, width, channels) samples, little endian where they are words or reals.
struct ImageArray {
  std::filesystem::path path;
  std::string where;  ///< behind the path in errors: "array 'images': ", or nothing
  std::int64_t count = 0, height = 0, width = 0, channels = 1;
  Sample sample = Sample::byte;
  std::int64_t header_bytes = 0;                        ///< before the first sample
  std::function<std::unique_ptr<ByteStream>()> open{};  ///< the whole stream, header and all
  std::vector<std::string> labels{};                    ///< of each image; or empty
  std::string labels_from{};                            ///< what the labels are named in findings
};

/// The product of an array's dimensions, which are >= 0. Throws DataError, "<path>: <where>", where it is
/// beyond 2^62.
std::int64_t checked_product(const std::filesystem::path& path, const std::string& where,
                             const std::vector<std::int64_t>& dimensions);

/// Reads it as read_images() says. Throws DataError where the stream holds less or more than the header says,
/// for a number that is not in [0, 1] (with the image's number, counted from 0), for labels of another count.
ReadImages read_array(const ImageArray& array, const ImageReading& options);

/// Describe the file's array and read its header. Throw DataError.
ImageArray idx_images(const std::filesystem::path& path);
ImageArray npy_images(const std::filesystem::path& path);
/// Appends which arrays were left alone.
ImageArray npz_images(const std::filesystem::path& path, std::vector<std::string>& findings);

/// Whether a zip archive holds a member whose name ends with .npy. False where it cannot be read.
bool is_npz(const std::filesystem::path& path);

}  // namespace agon::host
