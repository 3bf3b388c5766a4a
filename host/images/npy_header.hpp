// The header of NumPy's .npy format (numpy.lib.format, versions 1.0 to 3.0).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "host/images/byte_stream.hpp"
#include "host/images/image_array.hpp"

namespace agon::host {

struct NpyHeader {
  std::string type;  ///< "<f4", "|u1"; empty for a structure
  bool fortran = false;
  std::vector<std::int64_t> shape;  ///< each >= 0
  std::int64_t bytes = 0;           ///< of the header, magic and all
};

/// Reads it from the front of a stream. Throws DataError "<path>: <where>at byte <offset>: ...".
NpyHeader read_npy_header(const std::filesystem::path& path, const std::string& where, ByteStream& stream);

/// The array of images that a header describes. Throws DataError where it is none.
ImageArray array_of_header(const std::filesystem::path& path, const std::string& where,
                           const NpyHeader& header);

}  // namespace agon::host
