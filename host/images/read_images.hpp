// Sets of images from folders and files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "host/images/image_set.hpp"
#include "host/images/placement.hpp"

namespace agon::host {

struct ImageReading {
  std::int64_t height = 0,
               width = 0;           ///< of the set, up to 65536; 0 and 0: as the images are, all of one size
  ImageFit fit = ImageFit::refuse;  ///< what becomes of images of another size
  std::int64_t channels = 0;       ///< 1: grey, 3: RGB, 0: what most images are, RGB where as many are either
  std::filesystem::path labels{};  ///< of a folder's images: a table with the columns file and label
  int threads = 0;                 ///< that decode; 0: as many as the machine lets this process have
  std::int64_t memory = std::int64_t{8} << 30;  ///< bytes that the set's pixels may take
  /// Told how many images are done of how many. Called by the threads that decode, one at a time; what it
  /// throws ends the reading.
  std::function<void(std::int64_t done, std::int64_t total)> progress{};
};

struct ReadImages {
  ImageSet set;
  std::vector<std::string> findings;  ///< all that was left out or converted, a line each
};

/// Reads at least two images from:
/// - a folder with PNG and JPEG files in it and its subfolders, told by their first bytes or their names; in
/// the
///   order of their paths, byte by byte. Hidden files are passed over. Labels: those of options.labels; else
///   the direct subfolders' names, where every image lies in a direct subfolder.
/// - an IDX file of bytes, (n, height, width), gzip-compressed or not. Labels: the file of the same name with
///   "labels" for "images" and "idx1" for "idx3", where there is one.
/// - a NumPy file (.npy) of uint8, uint16 or float32 in [0, 1], (n, height, width), or with 1 or 3 channels
///   behind; little endian, C order.
/// - a .npz of such an array, named images, x, train_images or x_train, or the only one of 3 or 4 dimensions.
///   Labels: whole numbers named labels or y, train_labels or y_train.
///
/// Images of 16 bits become bytes from the set's lowest value to its highest, alpha is laid on black, EXIF's
/// orientation is honoured, scaling is resample.hpp's; findings say each, with how many and which. They also
/// count exact duplicates and images of one value. The set is the same whatever the threads.
///
/// Holds the set, and for each thread a few rows of an image; an interlaced or progressive image is held
/// whole, one beyond 32 MiB at a time. Files whose data are 16 bits wide are read twice.
///
/// Throws ConfigurationError for options out of bounds, and DataError, "<path>: <place>: <what>; <remedy>":
/// of the first file in order whose header cannot be used; else of the first whose pixels cannot.
ReadImages read_images(const std::filesystem::path& path, const ImageReading& options = {});

/// Whether `path` is something for read_images rather than a table: a folder with a PNG or JPEG file in it or
/// below, such a file, IDX (gzip-compressed, too), NPY, or a zip archive of NPY. By first bytes; false where
/// it cannot be read.
bool is_images(const std::filesystem::path& path);

/// Of shape, pixels, labels and their names, 16 hexadecimal digits: FNV-1a, as of a table.
std::string fingerprint(const ImageSet& set);

}  // namespace agon::host
