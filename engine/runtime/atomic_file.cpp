#include "engine/runtime/atomic_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <system_error>
#include <utility>

#include "kernels/error.hpp"

namespace agon {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".agon-tmp";
constexpr std::size_t kBufferBytes = 1 << 18;
constexpr std::size_t kLongestName = 200;  // of 255 that a file system takes: the rest is for pid and suffix

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

fs::path temporary_beside(const fs::path& target) {
  static std::atomic<unsigned> count{0};
  const std::string name = "." + target.filename().string().substr(0, kLongestName) + "." +
                           std::to_string(::getpid()) + "-" + std::to_string(count++) + std::string(kSuffix);
  return folder_of(target) / name;
}

/// Takes the lock that says "in use". False where remove_stale_temporaries was faster and the name is gone.
bool claim(int descriptor) {
  while (::flock(descriptor, LOCK_EX) != 0 && errno == EINTR) {
  }  // a file system without locks: nobody will take the file for stale either
  struct stat status {};
  return ::fstat(descriptor, &status) != 0 || status.st_nlink > 0;
}

/// Removes `file` if nobody holds its lock.
bool remove_if_stale(const fs::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool removed = ::flock(descriptor, LOCK_EX | LOCK_NB) == 0 && ::unlink(file.c_str()) == 0;
  ::close(descriptor);
  return removed;
}

}  // namespace

int sync_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return errno == EACCES ? 0 : errno;  // writable but not readable
  const int error = ::fsync(descriptor) == 0 || errno == EINVAL ? 0 : errno;
  ::close(descriptor);
  return error;
}

int sync_file_system(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return errno;
  const int error = ::syncfs(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  return error;
}

AtomicFile::AtomicFile(fs::path path) : path_(std::move(path)), target_(path_) {
  struct stat earlier {};
  const bool exists = ::stat(path_.c_str(), &earlier) == 0;
  if (exists && S_ISDIR(earlier.st_mode)) fail(EISDIR);
  if (!path_.has_filename()) fail(path_.empty() ? ENOENT : EISDIR);
  if (exists && !S_ISREG(earlier.st_mode)) {
    descriptor_ = ::open(path_.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC);
    if (descriptor_ < 0) fail(errno);
    return;
  }
  std::error_code unresolved;
  if (exists) target_ = fs::canonical(path_, unresolved);
  if (unresolved) fail(unresolved.value());
  const mode_t mode = exists ? earlier.st_mode & 0777 : 0666;
  do {
    if (descriptor_ >= 0) ::close(descriptor_);
    temporary_ = temporary_beside(target_);
    descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (descriptor_ < 0 && errno != EEXIST) fail(errno);
  } while (descriptor_ < 0 || !claim(descriptor_));
  if (exists && ::fchmod(descriptor_, mode) != 0) fail(errno);
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      target_(std::move(other.target_)),
      temporary_(std::exchange(other.temporary_, {})),
      buffer_(std::exchange(other.buffer_, {})),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

AtomicFile& AtomicFile::operator=(AtomicFile&& other) noexcept {
  if (this == &other) return *this;
  abandon();
  path_ = std::move(other.path_);
  target_ = std::move(other.target_);
  temporary_ = std::exchange(other.temporary_, {});
  buffer_ = std::exchange(other.buffer_, {});
  descriptor_ = std::exchange(other.descriptor_, -1);
  return *this;
}

AtomicFile::~AtomicFile() { abandon(); }

void AtomicFile::write(std::string_view text) {
  if (descriptor_ < 0) fail(EBADF);
  if (buffer_.size() + text.size() > kBufferBytes) flush();
  if (text.size() > kBufferBytes) return write_through(text);
  buffer_.append(text);
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  write(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

void AtomicFile::commit() {
  if (descriptor_ < 0) fail(EBADF);
  flush();
  if (!temporary_.empty()) {
    if (::fsync(descriptor_) != 0) fail(errno);
    if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail(errno);
    temporary_.clear();
    if (const int error = sync_folder(folder_of(target_))) fail(error);
  }
  if (::close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR) fail(errno);
}

void AtomicFile::flush() {
  write_through(buffer_);
  buffer_.clear();
}

void AtomicFile::write_through(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor_, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

void AtomicFile::fail(int error) {
  abandon();
  throw Error(path_.string() + ": cannot write: " + std::generic_category().message(error));
}

void AtomicFile::abandon() noexcept {
  if (!temporary_.empty() && descriptor_ >= 0) ::unlink(temporary_.c_str());
  temporary_.clear();
  buffer_.clear();
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

void write_file_at_once(const fs::path& path, std::string_view content) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  int error = descriptor < 0 ? errno : 0;
  while (error == 0 && !content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written >= 0) content.remove_prefix(static_cast<std::size_t>(written));
    if (written < 0 && errno != EINTR) error = errno;
  }
  if (descriptor >= 0 && ::close(descriptor) != 0 && errno != EINTR && error == 0) error = errno;
  if (error != 0) throw Error(path.string() + ": cannot write: " + std::generic_category().message(error));
}

void write_file_atomically(const fs::path& path, std::string_view content) {
  AtomicFile file(path);
  file.write(content);
  file.commit();
}

std::size_t remove_stale_temporaries(const fs::path& folder) noexcept {
  std::size_t removed = 0;
  try {
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
      const std::string name = entry->path().filename().string();
      if (name.starts_with('.') && name.ends_with(kSuffix)) removed += remove_if_stale(entry->path());
    }
  } catch (const std::exception&) {  // out of memory: the files do no harm
  }
  return removed;
}

}  // namespace agon
