// The safetensors file format, https://github.com/huggingface/safetensors: reading and writing, nothing of
// agon's.
//
// A file is: the header's length (8 bytes, little-endian); the header, JSON that maps each tensor's name to
// {"dtype", "shape", "data_offsets": [begin, end)} and "__metadata__" to an object of strings; the tensors'
// bytes, little-endian, row-major, which the offsets cover from the first byte to the last without holes.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace agon::safetensors {

struct Tensor {
  std::string name;
  std::string dtype;  ///< "F32", "BF16", "I64", ...
  std::vector<std::int64_t> shape;
  std::string_view bytes;  ///< a view: of the file that was parsed, or of what shall be written
};

struct File {
  std::map<std::string, std::string> metadata;
  std::vector<Tensor> tensors;  ///< as their bytes lie in the file
};

/// `file` is a whole file; the result holds views of it. Strict: throws DataError, one line without a place,
/// on all that the format does not allow: a header that is cut off, is no JSON, names a key twice or holds
/// unknown ones; sizes that disagree with dtype and shape or overflow; bytes that overlap, are left over or
/// missing.
File parse(std::string_view file);

/// Metadata in the order in which it shall stand in the file.
using Metadata = std::vector<std::pair<std::string, std::string>>;

/// All that precedes the first tensor's bytes: length and header, padded with spaces to a multiple of 8. The
/// file is this and then every tensor's bytes, in this order. Throws DataError where a string is not UTF-8.
std::string header(const Metadata& metadata, std::span<const Tensor> tensors);

/// `text` as a JSON string, quotes included, cut where it is long: fit for an error message, whatever it
/// holds.
std::string printable(std::string_view text);

}  // namespace agon::safetensors
