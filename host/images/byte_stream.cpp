#include "host/images/byte_stream.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>

#include "host/images/image_error.hpp"
#include "host/images/image_reader.hpp"

namespace agon::host {
namespace {

/// zlib's files hand on bytes as they are where they are not gzip's.
class GzipStream final : public ByteStream {
 public:
  explicit GzipStream(const std::filesystem::path& path) : path_(path) {
    std::error_code unknown;
    const bool regular = std::filesystem::is_regular_file(path, unknown);
    if (!unknown && !regular) refuse_images(path, "cannot read: not a regular file");
    most_ = unknown ? 0 : static_cast<std::int64_t>(std::filesystem::file_size(path, unknown));
    if (unknown) refuse_images(path, "cannot read: " + unknown.message());
    errno = 0;
    file_ = ::gzopen(path.c_str(), "rbe");
    if (!file_)
      refuse_images(path, "cannot read: " + std::generic_category().message(errno ? errno : ENOMEM));
    ::gzbuffer(file_, 1 << 17);
    exact_ = ::gzdirect(file_) == 1;
    if (!exact_)
      most_ = std::min(most_, std::numeric_limits<std::int64_t>::max() / kMostDeflation) * kMostDeflation;
  }
  ~GzipStream() override { ::gzclose_r(file_); }

  std::size_t read(void* out, std::size_t size) override {
    constexpr std::size_t kPiece = std::size_t{1} << 30;
    std::size_t held = 0;
    while (held < size) {
      const auto wanted = static_cast<unsigned>(std::min(size - held, kPiece));
      const int got = ::gzread(file_, static_cast<char*>(out) + held, wanted);
      if (got > 0) held += static_cast<std::size_t>(got);
      int error = Z_OK;
      const std::string why = ::gzerror(file_, &error);
      if (error != Z_OK && error != Z_STREAM_END) fail(error, why);
      if (got == 0) break;
    }
    offset_ += static_cast<std::int64_t>(held);
    return held;
  }

 private:
  [[noreturn]] void fail(int error, const std::string& why) const {
    const std::string text = error == Z_BUF_ERROR ? "the compressed file is cut off"
                             : error == Z_ERRNO   ? "cannot read: " + std::generic_category().message(errno)
                                                  : "damaged gzip data: " + why.substr(why.rfind(": ") + 1);
    refuse_images(path_, fmt::format("at byte {}: {}; fetch the file anew", offset_, text));
  }

  std::filesystem::path path_;
  gzFile file_ = nullptr;
  std::int64_t offset_ = 0;
};

}  // namespace

std::unique_ptr<ByteStream> open_file(const std::filesystem::path& path) {
  return std::make_unique<GzipStream>(path);
}

}  // namespace agon::host
