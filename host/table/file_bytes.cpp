#include "host/table/file_bytes.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>

#include "kernels/error.hpp"

namespace agon::host {
namespace {

constexpr std::size_t kLeastRead = 1 << 18;

class InputFile {
 public:
  explicit InputFile(const std::string& path) : name_(name_of_file(path)), owned_(path != "-") {
    if (owned_) descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat status {};
    if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0) fail(errno);
    if (S_ISDIR(status.st_mode)) fail(EISDIR);
    if (S_ISREG(status.st_mode)) size_ = static_cast<std::size_t>(status.st_size);
  }
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  ~InputFile() {
    if (owned_ && descriptor_ >= 0) ::close(descriptor_);
  }

  // Bytes read into `text`; 0 at the end of the file.
  std::size_t read(char* text, std::size_t size) {
    for (;;) {
      const ssize_t got = ::read(descriptor_, text, size);
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) fail(errno);
    }
  }

  std::size_t size() const { return size_; }  // 0 where it is not known: a pipe

 private:
  [[noreturn]] void fail(int error) const {
    throw DataError(name_ + ": cannot read: " + std::generic_category().message(error));
  }

  std::string name_;
  bool owned_;
  int descriptor_ = STDIN_FILENO;
  std::size_t size_ = 0;
};

class Inflater {
 public:
  explicit Inflater(std::string_view name) : name_(name) {
    constexpr int kGzip = 16;
    if (::inflateInit2(&stream_, MAX_WBITS + kGzip) != Z_OK) throw Error("zlib has no memory");
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { ::inflateEnd(&stream_); }

  // Appends what the member at the front of `packed` holds, and takes it away there.
  void append_member(std::string_view& packed, std::string& out) {
    ::inflateReset(&stream_);
    for (int status = Z_OK; status != Z_STREAM_END;) {
      if (used_ == out.size()) out.resize(std::max(2 * out.size(), kLeastRead));
      const uInt given = at_most(packed.size()), room = at_most(out.size() - used_);
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
      stream_.avail_in = given;
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + used_);
      stream_.avail_out = room;
      status = ::inflate(&stream_, Z_NO_FLUSH);
      packed.remove_prefix(given - stream_.avail_in);
      used_ += room - stream_.avail_out;
      if (status == Z_BUF_ERROR && packed.empty()) fail("the file is cut off");
      if (status != Z_OK && status != Z_STREAM_END) fail(stream_.msg ? stream_.msg : "not gzip's format");
    }
  }

  std::size_t used() const { return used_; }

 private:
  static uInt at_most(std::size_t size) {
    return static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
  }
  [[noreturn]] void fail(const std::string& why) const {
    throw DataError(name_ + ": damaged gzip data: " + why);
  }

  std::string name_;
  z_stream stream_{};
  std::size_t used_ = 0;  // of the output
};

bool is_gzip(std::string_view bytes) { return bytes.starts_with("\x1F\x8B"); }

}  // namespace

std::string name_of_file(const std::string& path) { return path == "-" ? "standard input" : path; }

std::string read_bytes(const std::string& path) {
  InputFile file(path);
  std::string bytes(file.size() + 1, '\0');  // one more, so that the end is seen without growing
  std::size_t held = 0;
  for (;;) {
    if (held == bytes.size()) bytes.resize(std::max(2 * held, kLeastRead));
    const std::size_t got = file.read(bytes.data() + held, bytes.size() - held);
    if (got == 0) break;
    held += got;
  }
  bytes.resize(held);
  return bytes;
}

std::string unpacked(std::string bytes, std::string_view name) {
  if (!is_gzip(bytes)) return bytes;
  Inflater inflater(name);
  std::string out;
  std::string_view rest = bytes;
  while (is_gzip(rest)) inflater.append_member(rest, out);
  if (rest.find_first_not_of('\0') != rest.npos) {
    throw DataError(std::string(name) + ": " + std::to_string(rest.size()) +
                    " bytes that are not gzip's behind the compressed table");
  }
  out.resize(inflater.used());
  return out;
}

}  // namespace agon::host
