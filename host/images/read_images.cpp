#include "host/images/read_images.hpp"

#include <zlib.h>

#include <fstream>
#include <string>
#include <system_error>

#include "engine/table/fnv1a.hpp"
#include "host/images/image_array.hpp"
#include "host/images/image_error.hpp"
#include "host/images/image_facts.hpp"
#include "host/images/image_folder.hpp"
#include "host/images/image_reader.hpp"
#include "host/images/read_folder.hpp"

namespace agon::host {
namespace {

namespace fs = std::filesystem;

enum class Container : std::uint8_t { none, folder, image, idx, npy, zip };

/// The first bytes of a file, or of what gzip's data at its front hold; checksums behind them are not looked
/// at.
std::string first_bytes(const fs::path& path) {
  constexpr std::size_t kPacked = 4096, kEnough = 6;
  std::string bytes(kPacked, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  if (!bytes.starts_with("\x1F\x8B")) return bytes.substr(0, kEnough);
  std::string out(kEnough, '\0');
  z_stream stream{};
  if (::inflateInit2(&stream, MAX_WBITS + 16) != Z_OK) return {};
  stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  ::inflate(&stream, Z_SYNC_FLUSH);
  out.resize(stream.total_out);
  ::inflateEnd(&stream);
  return out;
}

Container container_of(const fs::path& path) {
  std::error_code unknown;
  const fs::file_status status = fs::status(path, unknown);
  if (fs::is_directory(status)) return Container::folder;
  if (!fs::is_regular_file(status)) return Container::none;
  if (image_format(path) != ImageFormat::none) return Container::image;
  const std::string bytes = first_bytes(path);
  if (bytes.starts_with("\x93NUMPY")) return Container::npy;
  if (bytes.starts_with("PK\x03\x04")) return Container::zip;
  const bool idx = bytes.size() >= 4 && bytes[0] == 0 && bytes[1] == 0 && bytes[2] >= 8 && bytes[2] <= 14 &&
                   bytes[3] >= 1 && bytes[3] <= 8;
  return idx ? Container::idx : Container::none;
}

}  // namespace

ReadImages read_images(const fs::path& path, const ImageReading& options) {
  check_reading(options);
  const Container container = container_of(path);
  if (!options.labels.empty() && container != Container::folder)
    throw ConfigurationError(shown(options.labels) + ": a table of labels is for a folder of images; " +
                             shown(path) + " is none");
  ReadImages out;
  std::vector<std::string> findings;
  switch (container) {
    case Container::folder:
      return read_folder(path, options);
    case Container::idx:
      return read_array(idx_images(path), options);
    case Container::npy:
      return read_array(npy_images(path), options);
    case Container::zip:
      out = read_array(npz_images(path, findings), options);
      out.findings.insert(out.findings.begin(), findings.begin(), findings.end());
      return out;
    case Container::image:
      refuse_images(path, "one image only; name a folder with at least two");
    case Container::none:
      break;
  }
  std::error_code unknown;
  if (!fs::exists(path, unknown))
    refuse_images(
        path, "cannot read: " +
                  (unknown ? unknown : std::make_error_code(std::errc::no_such_file_or_directory)).message());
  refuse_images(path,
                "neither a folder of PNG or JPEG files nor an IDX, NPY or NPZ file, by its first bytes");
}

bool is_images(const fs::path& path) {
  switch (container_of(path)) {
    case Container::none:
      return false;
    case Container::zip:
      return is_npz(path);
    case Container::folder:
      break;
    default:
      return true;
  }
  try {
    return holds_images(path);
  } catch (const DataError&) {
    return false;
  }
}

std::string fingerprint(const ImageSet& set) {
  Fnv1a hash;
  for (const std::int64_t size : {set.count, set.shape.height, set.shape.width, set.shape.channels})
    hash.add_whole(static_cast<std::uint64_t>(size));
  hash.add(set.pixels.data(), set.pixels.size());
  hash.add(set.labels.data(), set.labels.size() * sizeof(set.labels[0]));
  for (const std::string& name : set.label_names) hash.add(name.c_str(), name.size() + 1);
  return hash.text();
}

}  // namespace agon::host
