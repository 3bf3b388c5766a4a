#include "host/images/image_folder.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "host/images/image_error.hpp"
#include "host/images/image_reader.hpp"

namespace agon::host {
namespace {

namespace fs = std::filesystem;

bool named_as_image(const fs::path& file) {
  std::string end = file.extension().string();
  std::transform(end.begin(), end.end(), end.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return end == ".png" || end == ".jpg" || end == ".jpeg";
}

/// Visits every file below a folder.
class FolderWalk {
 public:
  /// `visit(path, name within the folder)` returns false to end the walk.
  template <class Visit>
  bool walk(const fs::path& folder, const std::string& within, const Visit& visit) {
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0 || !seen_.emplace(status.st_dev, status.st_ino).second)
      return true;
    for (const fs::path& entry : entries(folder)) {
      const std::string name = within + entry.filename().string();
      std::error_code unknown;
      const fs::file_status kind = fs::status(entry, unknown);
      if (fs::is_directory(kind) && !walk(entry, name + '/', visit)) return false;
      if (fs::is_regular_file(kind) && !visit(entry, name)) return false;
    }
    return true;
  }

 private:
  static std::vector<fs::path> entries(const fs::path& folder) {
    std::error_code error;
    std::vector<fs::path> found;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
      if (!entry->path().filename().string().starts_with('.')) found.push_back(entry->path());
    if (error) refuse_images(folder, "cannot read: " + error.message());
    std::sort(found.begin(), found.end());
    return found;
  }

  std::set<std::pair<dev_t, ino_t>> seen_;  // folders
};

bool taken_for_image(const fs::path& file) {
  return named_as_image(file) || image_format(file) != ImageFormat::none;
}

}  // namespace

FolderImages images_of_folder(const fs::path& folder) {
  FolderImages found;
  FolderWalk().walk(folder, "", [&](const fs::path& file, const std::string& name) {
    if (taken_for_image(file)) {
      found.files.push_back(name);
    } else {
      ++found.others;
      found.first_other = found.first_other.empty() ? name : std::min(found.first_other, name);
    }
    return true;
  });
  std::sort(found.files.begin(), found.files.end());
  return found;
}

bool holds_images(const fs::path& folder) {
  return !FolderWalk().walk(folder, "",
                            [](const fs::path& file, const std::string&) { return !taken_for_image(file); });
}

}  // namespace agon::host
