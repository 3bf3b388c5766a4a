// Bytes from the front to the end of a file, a compressed file, or a member of an archive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace agon::host {

class ByteStream {
 public:
  virtual ~ByteStream() = default;
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;

  /// The next `size` bytes, fewer at the end. Throws DataError "<path>: at byte <offset>: ..." where the data
  /// are damaged; offsets are of what is uncompressed.
  virtual std::size_t read(void* out, std::size_t size) = 0;

  /// What the whole stream holds at most, and whether exactly so, by the file's size.
  std::int64_t most_bytes() const { return most_; }
  bool exact() const { return exact_; }

 protected:
  ByteStream() = default;
  std::int64_t most_ = 0;
  bool exact_ = true;
};

/// A file; what gzip's data hold, where it has them. Throws DataError where it cannot be opened.
std::unique_ptr<ByteStream> open_file(const std::filesystem::path& path);

}  // namespace agon::host
