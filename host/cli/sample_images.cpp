#include "host/cli/sample_images.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <system_error>

#include "host/cli/output_file.hpp"
#include "host/images/write_images.hpp"
#include "host/run/image_data.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kMostInGrid = 10'000;

bool is_grid(const std::string& out) { return out.ends_with(".png"); }
bool is_array(const std::string& out) { return out.ends_with(".npy"); }

/// Calls use(images, the number of the first) for a piece of the draw after the other; false where it was cut
/// short.
template <class Use>
bool for_pieces(const Gan& gan, const SampleOptions& options, const std::function<bool()>& goes_on,
                const Use& use) {
  constexpr std::int64_t kPiece = 256;
  for (std::int64_t first = 0; first < options.count; first += kPiece) {
    if (!goes_on()) return false;
    use(draw_images(gan, {first, std::min(kPiece, options.count - first)}, options.seed), first);
  }
  return goes_on();
}

/// Removes a folder that has not been given its name.
class NewFolder {
 public:
  explicit NewFolder(const fs::path& path)
      : path_(path),
        temporary_(path.parent_path() / fmt::format(".{}.{}.agon-tmp", path.filename().string(), getpid())) {
    std::error_code error;
    fs::remove_all(temporary_, error);
    if (!fs::create_directories(temporary_, error) && error) fail(error);
  }
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;
  ~NewFolder() {
    std::error_code ignored;
    if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
  }

  const fs::path& folder() const { return temporary_; }
  void commit(bool overwrite) {
    std::error_code error;
    if (overwrite) fs::remove_all(path_, error);
    if (!error) fs::rename(temporary_, path_, error);
    if (error) fail(error);
    temporary_.clear();
  }

 private:
  [[noreturn]] void fail(const std::error_code& error) const {
    throw Error(fmt::format("{}: cannot write: {}", path_.string(), error.message()));
  }

  fs::path path_, temporary_;
};

bool draw_grid(const Gan& gan, const SampleOptions& options, const std::function<bool()>& goes_on) {
  ImageSet all;
  const bool whole = for_pieces(gan, options, goes_on, [&](const ImageSet& images, std::int64_t) {
    all.shape = images.shape;
    all.count += images.count;
    all.pixels.insert(all.pixels.end(), images.pixels.begin(), images.pixels.end());
  });
  if (!whole) return false;
  const ImageGrid grid = square_grid(all);
  write_png(options.out, grid.shape, grid.pixels);
  return true;
}

bool draw_array(const Gan& gan, const SampleOptions& options, const std::function<bool()>& goes_on) {
  NpyWriter file(options.out, gan.config().generator.images.shape, options.count);
  if (!for_pieces(gan, options, goes_on,
                  [&](const ImageSet& images, std::int64_t) { file.write(images.pixels); }))
    return false;
  file.commit();
  return true;
}

bool draw_folder(const Gan& gan, const SampleOptions& options, const std::function<bool()>& goes_on) {
  fs::path path = fs::absolute(options.out).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  NewFolder folder(path);
  const auto digits = fmt::formatted_size("{}", options.count);
  const bool whole = for_pieces(gan, options, goes_on, [&](const ImageSet& images, std::int64_t first) {
    for (std::int64_t i = 0; i < images.count; ++i)
      write_png(folder.folder() / fmt::format("{:0{}}.png", first + i + 1, digits), images.shape,
                images.image(i));
  });
  if (whole) folder.commit(options.overwrite);
  return whole;
}

}  // namespace

void check_sample_images(const SampleOptions& options) {
  const std::pair<const char*, bool> of_tables[] = {{"--where", !options.where.empty()},
                                                    {"--balance", !options.balance.empty()},
                                                    {"--table", !options.table.empty()},
                                                    {"--allow-copies", options.allow_copies}};
  for (const auto& [flag, given] : of_tables)
    if (given) throw ConfigurationError(fmt::format("{}: this run has learnt images, not a table", flag));
  if (is_standard_output(options.out))
    throw ConfigurationError(
        "images need a file: --out images.png for one grid, images.npy for an array, or a folder of PNG "
        "files");
  if (is_grid(options.out) && options.count > kMostInGrid)
    throw ConfigurationError(
        fmt::format("--out {}: a grid of more than {} images; a folder or an .npy file holds them",
                    options.out, kMostInGrid));
  if (is_grid(options.out) || is_array(options.out)) return check_output(options.out, options.overwrite);
  const std::string end = fs::path(options.out).extension().string();
  std::error_code ignored;
  if (!end.empty() && !options.out.ends_with('/') && !fs::is_directory(options.out, ignored))
    throw ConfigurationError(fmt::format(
        "--out {}: images are drawn into a .png (one grid), an .npy, or a folder of PNG files", options.out));
  if (fs::exists(options.out, ignored) && !(options.overwrite && fs::is_directory(options.out, ignored)))
    throw ConfigurationError(fmt::format("--out {}: exists; replace it with --overwrite", options.out));
}

bool sample_images(const Gan& gan, const SampleOptions& options, const std::function<bool()>& goes_on) {
  if (is_grid(options.out)) return draw_grid(gan, options, goes_on);
  return is_array(options.out) ? draw_array(gan, options, goes_on) : draw_folder(gan, options, goes_on);
}

}  // namespace agon::host
