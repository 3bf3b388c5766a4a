#include "host/images/npy_header.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <string_view>

#include "host/images/image_error.hpp"

namespace agon::host {
namespace {

constexpr std::int64_t kMostHeader = 1 << 16;

/// Reads {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }: the literals of Python that NumPy
/// writes.
class HeaderText {
 public:
  explicit HeaderText(std::string_view text) : rest_(text) {}

  /// False where it is no such dictionary, or lacks one of the three.
  bool parse(NpyHeader& header) {
    int found = 0;
    if (!take('{')) return false;
    while (!take('}')) {
      std::string key;
      if (!quoted(key) || !take(':')) return false;
      if (key == "descr" && type(header.type))
        found |= 1;
      else if (key == "fortran_order" && truth(header.fortran))
        found |= 2;
      else if (key == "shape" && numbers(header.shape))
        found |= 4;
      else
        return false;
      if (!take(',') && !rest_.starts_with('}')) return false;
    }
    return found == 7;
  }

 private:
  void skip() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \n"), rest_.size())); }
  bool take(std::string_view word) {
    skip();
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    skip();
    return true;
  }
  bool take(char c) { return take(std::string_view(&c, 1)); }
  bool quoted(std::string& out) {
    skip();
    if (rest_.empty() || (rest_[0] != '\'' && rest_[0] != '"')) return false;
    const std::size_t end = rest_.find(rest_[0], 1);
    if (end == rest_.npos) return false;
    out = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return true;
  }
  bool type(std::string& out) {
    if (quoted(out)) return true;
    const std::size_t end = rest_.starts_with('[') ? rest_.find(']') : rest_.npos;  // a structure's fields
    if (end == rest_.npos) return false;
    out.clear();
    rest_.remove_prefix(end + 1);
    return true;
  }
  bool truth(bool& out) {
    out = take("True");
    return out || take("False");
  }
  bool numbers(std::vector<std::int64_t>& out) {
    if (!take('(')) return false;
    while (!take(')')) {
      std::int64_t value = 0;
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
      if (error != std::errc{} || value < 0) return false;
      rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
      out.push_back(value);
      if (!take(',') && !rest_.starts_with(')')) return false;
    }
    return true;
  }

  std::string_view rest_;
};

std::string tuple_text(const std::vector<std::int64_t>& shape) {
  return fmt::format("({}{})", fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
}

}  // namespace

NpyHeader read_npy_header(const std::filesystem::path& path, const std::string& where, ByteStream& stream) {
  const auto damaged = [&](int byte, const char* what) {
    refuse_images(path, fmt::format("{}at byte {}: {}; save it anew with numpy.save", where, byte, what));
  };
  std::array<std::uint8_t, 12> start{};
  if (stream.read(start.data(), 8) != 8) damaged(0, "an NPY header that ends early");
  if (std::string_view(reinterpret_cast<const char*>(start.data()), 6) != "\x93NUMPY")
    damaged(0, "no NPY file begins so");
  const int version = start[6];
  if (version < 1 || version > 3) damaged(6, "an NPY file of a version that is not known");
  const std::size_t width = version == 1 ? 2 : 4;
  if (stream.read(start.data() + 8, width) != width) damaged(8, "an NPY header that ends early");
  std::int64_t length = 0;
  for (std::size_t i = width; i-- > 0;) length = length << 8 | start[8 + i];
  if (length > kMostHeader) damaged(8, "an NPY header of more than 64 KiB");
  std::string text(static_cast<std::size_t>(length), '\0');
  if (stream.read(text.data(), text.size()) != text.size()) damaged(8, "an NPY header that ends early");
  NpyHeader header;
  if (!HeaderText(text).parse(header)) damaged(10, "an NPY header that makes no sense");
  header.bytes = 8 + static_cast<std::int64_t>(width) + length;
  return header;
}

ImageArray array_of_header(const std::filesystem::path& path, const std::string& where,
                           const NpyHeader& header) {
  const auto refuse = [&](const std::string& what) { refuse_images(path, where + what); };
  ImageArray array;
  array.path = path;
  array.where = where;
  if (header.type == "|u1" || header.type == "<u1" || header.type == "u1")
    array.sample = Sample::byte;
  else if (header.type == "<u2")
    array.sample = Sample::word;
  else if (header.type == "<f4")
    array.sample = Sample::real;
  else
    refuse(fmt::format("values of type {}; save uint8, uint16 or float32, little endian: x.astype('<f4')",
                       header.type.empty() ? "structure" : in_quotes(header.type)));
  if (header.fortran) refuse("in Fortran's order; save numpy.ascontiguousarray(x)");
  const auto& shape = header.shape;
  if (shape.size() != 3 && (shape.size() != 4 || (shape[3] != 1 && shape[3] != 3))) {
    const bool first = shape.size() == 4 && (shape[1] == 1 || shape[1] == 3);
    refuse(
        fmt::format("an array of shape {}; images are (n, height, width), or with 1 or 3 channels behind{}",
                    tuple_text(shape), first ? ": save x.transpose(0, 2, 3, 1)" : ""));
  }
  checked_product(path, where, shape);
  array.count = shape[0];
  array.height = shape[1];
  array.width = shape[2];
  array.channels = shape.size() == 4 ? shape[3] : 1;
  array.header_bytes = header.bytes;
  return array;
}

ImageArray npy_images(const std::filesystem::path& path) {
  const std::unique_ptr<ByteStream> stream = open_file(path);
  ImageArray array = array_of_header(path, "", read_npy_header(path, "", *stream));
  array.open = [path] { return open_file(path); };
  return array;
}

}  // namespace agon::host
