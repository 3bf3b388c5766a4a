#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "host/table/csv_parser.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

class InputFile {
 public:
  explicit InputFile(const std::filesystem::path& path) : name_(path.string()) {
    descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor_ < 0) fail(errno);
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) fail(errno);
    if (S_ISDIR(status.st_mode)) fail(EISDIR);
    if (S_ISREG(status.st_mode)) size_ = status.st_size;
  }
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  ~InputFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  // Bytes read into `text`; 0 at the end of the file.
  std::size_t read(char* text, std::size_t size) {
    for (;;) {
      const ssize_t got = ::read(descriptor_, text, size);
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) fail(errno);
    }
  }

  const std::string& name() const { return name_; }
  std::int64_t size() const { return size_; }  // 0 where it is not known: a pipe

 private:
  [[noreturn]] void fail(int error) const {
    throw DataError(name_ + ": cannot read: " + std::generic_category().message(error));
  }

  std::string name_;
  int descriptor_ = -1;
  std::int64_t size_ = 0;
};

}  // namespace

Table parse_csv(std::string_view text, std::string_view name, const CsvOptions& options) {
  CsvParser parser{std::string(name), options};
  parser.feed(text, true);
  return std::move(parser).finish();
}

Table read_csv(const std::filesystem::path& path, const CsvOptions& options) {
  InputFile file(path);
  CsvParser parser(file.name(), options);
  std::vector<char> window(std::size_t{1} << 20);
  std::size_t held = 0;
  std::int64_t consumed = 0;
  for (bool last = false; !last;) {
    if (held == window.size()) window.resize(2 * window.size());
    const std::size_t got = file.read(window.data() + held, window.size() - held);
    held += got;
    last = got == 0;
    const std::size_t used = parser.feed({window.data(), held}, last);
    std::memmove(window.data(), window.data() + used, held - used);
    held -= used;
    if (consumed == 0 && used != 0) {
      parser.expect_rows(static_cast<std::int64_t>(1.02 * static_cast<double>(parser.rows()) *
                                                   static_cast<double>(file.size()) /
                                                   static_cast<double>(used)));
    }
    consumed += static_cast<std::int64_t>(used);
  }
  return std::move(parser).finish();
}

}  // namespace agon::host
