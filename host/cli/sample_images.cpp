#include "host/cli/sample_images.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "host/cli/image_paths.hpp"
#include "host/cli/output_file.hpp"
#include "host/images/write_images.hpp"
#include "host/run/image_classes.hpp"
#include "host/run/image_data.hpp"
#include "host/table/text.hpp"
#include "host/table/write_table.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kMostInGrid = 10'000;

bool is_grid(const std::string& out) { return out.ends_with(".png"); }
bool is_array(const std::string& out) { return out.ends_with(".npy"); }

/// In a row of the draw: 1, or those of a path.
std::int64_t images_of_row(const SampleOptions& options) {
  return std::max<std::int64_t>(options.interpolate, 1);
}
std::int64_t images_of(const SampleOptions& options) { return options.count * images_of_row(options); }

/// "drawn-labels.csv" beside "drawn.npy".
std::string labels_file(const std::string& out) { return out.substr(0, out.size() - 4) + "-labels.csv"; }

/// What is to be drawn, and from what.
struct ImageDraw {
  const Gan& gan;
  const LearntClasses& classes;
  const SampleOptions& options;
  const std::function<bool()>& goes_on;
  std::vector<std::int32_t> asked;  ///< classes, in turn

  /// Calls use(images, the number of the first) for a piece of the draw after the other; false where it was
  /// cut short.
  template <class Use>
  bool for_pieces(const Use& use) const {
    constexpr std::int64_t kPiece = 256;
    const std::int64_t wide = images_of_row(options), most = std::max<std::int64_t>(kPiece / wide, 1);
    for (std::int64_t first = 0; first < options.count; first += most) {
      if (!goes_on()) return false;
      const Gan::Rows rows{first, std::min(most, options.count - first)};
      std::vector<std::int32_t> of_each;
      for (std::int64_t i = first; i < first + rows.count && !asked.empty(); ++i)
        of_each.push_back(asked[static_cast<std::size_t>(i % std::ssize(asked))]);
      use(options.interpolate > 0 ? images_between(gan, classes, rows, wide, options.seed, of_each)
                                  : draw_images(gan, classes, rows, options.seed, 0, of_each),
          first * wide);
    }
    return goes_on();
  }
};

constexpr std::string_view kDrawn = "drawn-";  // what names in a folder begin with: no real image's does

bool is_drawn(const fs::path& file) {
  const std::string name = file.filename().string();
  return name.starts_with(kDrawn) && name.ends_with(".png");
}

/// Throws ConfigurationError where a folder holds anything that no draw has written, in it or in a class's
/// folder: it is not replaced.
void check_only_drawn(const fs::path& folder, bool of_class = false) {
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code unknown;
    if (!of_class && entry->is_directory(unknown) && !entry->is_symlink(unknown)) {
      check_only_drawn(entry->path(), true);
    } else if (!is_drawn(entry->path()) || !entry->is_regular_file(unknown))
      throw ConfigurationError(fmt::format("--out {}: holds more than drawn images ({}); name another folder",
                                           folder.string(),
                                           printable(entry->path().filename().string(), 200)));
  }
  if (error) throw Error(fmt::format("{}: cannot read: {}", folder.string(), error.message()));
}

/// A folder that appears whole, under its name, at commit(); else it is removed, after a kill -9 by the next
/// one of that name.
class NewFolder {
 public:
  explicit NewFolder(const fs::path& path)
      : path_(path), temporary_(path.parent_path() / fmt::format("{}{}{}", beginning(), getpid(), kEnd)) {
    std::error_code error;
    remove_stale();
    fs::remove_all(temporary_, error);
    if (!fs::create_directories(temporary_, error) && error) fail(error);
    lock_ = lock(temporary_);
  }
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;
  ~NewFolder() {
    std::error_code ignored;
    if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
    if (lock_ >= 0) ::close(lock_);
  }

  const fs::path& folder() const { return temporary_; }
  /// Takes the place of what check_only_drawn() has let pass.
  void commit() {
    std::error_code error;
    if (const int failed = sync_file_system(temporary_)) fail({failed, std::generic_category()});
    if (fs::exists(path_, error)) check_only_drawn(path_);
    fs::remove_all(path_, error);
    if (!error) fs::rename(temporary_, path_, error);
    if (error) fail(error);
    temporary_.clear();
    if (const int failed = sync_folder(path_.parent_path())) fail({failed, std::generic_category()});
  }

 private:
  static constexpr std::string_view kEnd = ".agon-tmp";

  std::string beginning() const { return fmt::format(".{}.", path_.filename().string()); }

  /// Of a folder that no other process has locked; else -1.
  static int lock(const fs::path& folder) {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor < 0 || ::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return descriptor;
    ::close(descriptor);
    return -1;
  }

  void remove_stale() const {
    std::error_code error;
    for (fs::directory_iterator entry(path_.parent_path(), error), end; !error && entry != end;
         entry.increment(error)) {
      const std::string name = entry->path().filename().string();
      if (!name.starts_with(beginning()) || !name.ends_with(kEnd)) continue;
      const int descriptor = lock(entry->path());
      if (descriptor < 0) continue;
      std::error_code ignored;
      fs::remove_all(entry->path(), ignored);
      ::close(descriptor);
    }
  }

  [[noreturn]] void fail(const std::error_code& error) const {
    throw Error(fmt::format("{}: cannot write: {}", path_.string(), error.message()));
  }

  fs::path path_, temporary_;
  int lock_ = -1;
};

/// Of several classes that are asked for each has a column, where they are not many.
bool draw_grid(const ImageDraw& draw) {
  constexpr std::int64_t kMostColumns = 32;
  ImageSet all;
  const bool whole = draw.for_pieces([&](const ImageSet& images, std::int64_t) {
    all.shape = images.shape;
    all.count += images.count;
    all.pixels.insert(all.pixels.end(), images.pixels.begin(), images.pixels.end());
  });
  if (!whole) return false;
  const std::int64_t of_row = images_of_row(draw.options), classes = std::ssize(draw.asked);
  const std::int64_t columns = of_row > 1 ? of_row : classes > 1 && classes <= kMostColumns ? classes : 0;
  const ImageGrid grid = columns > 0 ? image_grid(all.shape, all.pixels, columns) : square_grid(all);
  write_png(draw.options.out, grid.shape, grid.pixels);
  return true;
}

bool draw_array(const ImageDraw& draw) {
  NpyWriter file(draw.options.out, draw.gan.config().generator.images.shape, images_of(draw.options));
  NamedCells index{"index", {}}, label{"label", {}};  // of the array's images, from 0
  const bool whole = draw.for_pieces([&](const ImageSet& images, std::int64_t first) {
    file.write(images.pixels);
    for (std::size_t i = 0; i < images.labels.size(); ++i) {
      index.cells.push_back(std::to_string(first + static_cast<std::int64_t>(i)));
      label.cells.push_back(images.label_names[static_cast<std::size_t>(images.labels[i])]);
    }
  });
  if (!whole) return false;
  if (draw.classes.any())
    write_table(labels_file(draw.options.out), make_table({std::move(index), std::move(label)}));
  file.commit();
  return true;
}

bool draw_folder(const ImageDraw& draw) {
  fs::path path = fs::absolute(draw.options.out).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  NewFolder folder(path);
  const std::vector<std::string> of_class = folders_of_classes(draw.classes);
  const auto digits = fmt::formatted_size("{}", images_of(draw.options));
  const bool whole = draw.for_pieces([&](const ImageSet& images, std::int64_t first) {
    for (std::int64_t i = 0; i < images.count; ++i) {
      fs::path into = folder.folder();
      if (images.labelled())
        into /= of_class[static_cast<std::size_t>(images.labels[static_cast<std::size_t>(i)])];
      std::error_code ignored;  // writing says what is wrong
      fs::create_directory(into, ignored);
      write_file_at_once(into / fmt::format("{}{:0{}}.png", kDrawn, first + i + 1, digits),
                         png_bytes(images.shape, images.image(i)));
    }
  });
  if (whole) folder.commit();
  return whole;
}

}  // namespace

void check_sample_images(const SampleOptions& options, const LearntClasses& classes) {
  const std::pair<const char*, bool> of_tables[] = {{"--where", !options.where.empty()},
                                                    {"--balance", !options.balance.empty()},
                                                    {"--table", !options.table.empty()},
                                                    {"--allow-copies", options.allow_copies}};
  for (const auto& [flag, given] : of_tables)
    if (given) throw ConfigurationError(fmt::format("{}: this run has learnt images, not a table", flag));
  find_classes(classes, options.classes);
  if (is_standard_output(options.out))
    throw ConfigurationError(
        "images need a file: --out images.png for one grid, images.npy for an array, or a folder of PNG "
        "files");
  if (is_grid(options.out) && images_of(options) > kMostInGrid)
    throw ConfigurationError(
        fmt::format("--out {}: a grid of more than {} images; a folder or an .npy file holds them",
                    options.out, kMostInGrid));
  if (is_array(options.out) && classes.any()) check_output(labels_file(options.out), options.overwrite);
  if (is_grid(options.out) || is_array(options.out)) return check_output(options.out, options.overwrite);
  const std::string end = fs::path(options.out).extension().string();
  std::error_code ignored;
  if (!end.empty() && !options.out.ends_with('/') && !fs::is_directory(options.out, ignored))
    throw ConfigurationError(fmt::format(
        "--out {}: images are drawn into a .png (one grid), an .npy, or a folder of PNG files", options.out));
  if (!fs::exists(options.out, ignored)) return;
  if (!fs::is_directory(options.out, ignored))
    throw ConfigurationError(fmt::format("--out {}: is a file, not a folder; name another", options.out));
  check_only_drawn(options.out);
  if (!options.overwrite && !fs::is_empty(options.out, ignored))
    throw ConfigurationError(fmt::format("--out {}: exists; replace it with --overwrite", options.out));
}

bool sample_images(const Gan& gan, const LearntClasses& classes, const SampleOptions& options,
                   const std::function<bool()>& goes_on) {
  const ImageDraw draw{gan, classes, options, goes_on, find_classes(classes, options.classes)};
  if (is_grid(options.out)) return draw_grid(draw);
  return is_array(options.out) ? draw_array(draw) : draw_folder(draw);
}

}  // namespace agon::host
