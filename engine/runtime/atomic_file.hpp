// Files that appear whole or not at all.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace agon {

/// Writes `content` to a temporary file in the same folder, fsyncs it, renames it to `path`, fsyncs the
/// folder. Whatever goes wrong (full disk, no permission, a crash at any moment), an earlier file at `path`
/// stays as it was and no temporary file of a finished call is left. Throws Error: "<path>: cannot write:
/// <reason>".
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

/// The same in pieces, for content that is too large to hold: nothing is to be seen at `path` before
/// commit(). The temporary file is ".<name>.<pid>-<n>.agon-tmp" beside `path`. A symbolic link at `path` is
/// followed; an earlier file's permissions are kept; a device or pipe at `path` (/dev/stdout, /dev/null) is
/// written to directly. Every function but the destructor throws Error as above. Move-only.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path);
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&& other) noexcept;
  /// Without commit(), removes the temporary file.
  ~AtomicFile();

  /// Appends. Small pieces are collected, so that a call per field is cheap.
  void write(std::string_view text);
  void write(std::span<const std::byte> bytes);
  /// Makes the file appear at `path`, durably. Nothing can be written afterwards.
  void commit();

 private:
  void flush();
  void write_through(std::string_view text);
  [[noreturn]] void fail(int error);
  void abandon() noexcept;

  std::filesystem::path path_;       // as the caller gave it, for messages
  std::filesystem::path target_;     // where the file shall appear
  std::filesystem::path temporary_;  // empty where target_ is written directly
  std::string buffer_;
  int descriptor_ = -1;
};

/// Creates `path`, where no file may be yet, with `content`, under its own name and without waiting for the
/// disk: for many files of a folder that shall appear whole, under its own name, after sync_file_system().
/// Throws Error as above.
void write_file_at_once(const std::filesystem::path& path, std::string_view content);

/// Waits until all that was written to the folder's file system is on the disk: one wait for a thousand small
/// files, which one by one take 13 s on ext4. Returns the errno, 0 if all went well.
int sync_file_system(const std::filesystem::path& folder);

/// Waits until the folder's entries (what was renamed, made or removed in it) are on the disk. Returns the
/// errno, 0 if all went well. File systems that cannot sync a folder say EINVAL: nothing is lost by it.
int sync_folder(const std::filesystem::path& folder);

/// Removes temporary files in `folder` whose writer is gone (killed, or the machine went down); those of a
/// running process, this one included, stay. Returns how many were removed. Never throws: a folder that
/// cannot be read has none.
std::size_t remove_stale_temporaries(const std::filesystem::path& folder) noexcept;

}  // namespace agon
