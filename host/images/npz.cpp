// NumPy's .npz: a zip archive of .npy members, through libzip.
#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "host/images/image_array.hpp"
#include "host/images/image_error.hpp"
#include "host/images/npy_header.hpp"

namespace agon::host {
namespace {

constexpr std::string_view kMemberEnd = ".npy";

struct CloseArchive {
  void operator()(zip_t* archive) const { ::zip_discard(archive); }
};
using Archive = std::unique_ptr<zip_t, CloseArchive>;

Archive open_archive(const std::filesystem::path& path) {
  int code = 0;
  Archive archive(::zip_open(path.c_str(), ZIP_RDONLY, &code));
  if (archive) return archive;
  zip_error_t error;
  ::zip_error_init_with_code(&error, code);
  const std::string why = ::zip_error_strerror(&error);
  ::zip_error_fini(&error);
  refuse_images(path, "not a zip archive that can be read: " + why + "; save it anew with numpy.savez");
}

/// A member, with an archive of its own.
class MemberStream final : public ByteStream {
 public:
  MemberStream(const std::filesystem::path& path, std::string where, zip_uint64_t index)
      : path_(path), where_(std::move(where)), archive_(open_archive(path)) {
    zip_stat_t status{};
    if (::zip_stat_index(archive_.get(), index, 0, &status) != 0) fail(::zip_strerror(archive_.get()));
    const bool stored = status.comp_method == ZIP_CM_STORE;
    if (!stored && status.comp_method != ZIP_CM_DEFLATE)
      fail("compressed by another method than numpy.savez_compressed's");
    constexpr zip_uint64_t kMost = zip_uint64_t{1} << 52;
    const zip_uint64_t packed = std::min<zip_uint64_t>(status.comp_size, kMost);
    most_ = static_cast<std::int64_t>(std::min<zip_uint64_t>(status.size, kMost));
    if (!stored) most_ = std::min(most_, static_cast<std::int64_t>(packed) * kMostDeflation);
    file_ = ::zip_fopen_index(archive_.get(), index, 0);
    if (!file_) fail(::zip_strerror(archive_.get()));
  }
  ~MemberStream() override {
    if (file_) ::zip_fclose(file_);
  }

  std::size_t read(void* out, std::size_t size) override {
    std::size_t held = 0;
    while (held < size) {
      const zip_int64_t got = ::zip_fread(file_, static_cast<char*>(out) + held, size - held);
      if (got < 0) fail(::zip_file_strerror(file_));
      if (got == 0) break;
      held += static_cast<std::size_t>(got);
    }
    offset_ += static_cast<std::int64_t>(held);
    return held;
  }

 private:
  [[noreturn]] void fail(const std::string& why) {
    if (file_) ::zip_fclose(std::exchange(file_, nullptr));
    refuse_images(path_,
                  fmt::format("{}at byte {}: {}; save it anew with numpy.savez", where_, offset_, why));
  }

  std::filesystem::path path_;
  std::string where_;
  Archive archive_;
  zip_file_t* file_ = nullptr;
  std::int64_t offset_ = 0;
};

struct Member {
  std::string name;  ///< without .npy
  zip_uint64_t index = 0;
  NpyHeader header{};

  std::string where() const { return fmt::format("array {}: ", in_quotes(name)); }
  std::unique_ptr<ByteStream> open(const std::filesystem::path& path) const {
    return std::make_unique<MemberStream>(path, where(), index);
  }
};

std::vector<Member> members_of(const std::filesystem::path& path) {
  const Archive archive = open_archive(path);
  std::vector<Member> members;
  const zip_int64_t count = ::zip_get_num_entries(archive.get(), 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    const char* name = ::zip_get_name(archive.get(), static_cast<zip_uint64_t>(i), 0);
    if (!name || !std::string_view(name).ends_with(kMemberEnd)) continue;
    const std::string_view whole(name);
    members.push_back(
        {std::string(whole.substr(0, whole.size() - kMemberEnd.size())), static_cast<zip_uint64_t>(i)});
  }
  if (members.empty()) refuse_images(path, "no array (.npy) in this archive");
  for (Member& member : members) {
    const std::unique_ptr<ByteStream> stream = member.open(path);
    member.header = read_npy_header(path, member.where(), *stream);
  }
  return members;
}

const Member* find_member(const std::vector<Member>& members, std::string_view name) {
  const auto found =
      std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.name == name; });
  return found == members.end() ? nullptr : &*found;
}

std::string names_in_words(const std::vector<Member>& members, const Member* but, const Member* nor) {
  std::string text;
  for (const Member& member : members)
    if (&member != but && &member != nor) text += (text.empty() ? "" : ", ") + in_quotes(member.name);
  return text;
}

const Member& member_of_images(const std::filesystem::path& path, const std::vector<Member>& members) {
  for (const char* name : {"images", "x", "train_images", "x_train"})
    if (const Member* member = find_member(members, name)) return *member;
  std::vector<const Member*> fitting;
  for (const Member& member : members)
    if (member.header.shape.size() == 3 || member.header.shape.size() == 4) fitting.push_back(&member);
  if (fitting.size() == 1) return *fitting.front();
  refuse_images(path,
                fmt::format("{} arrays of 3 or 4 dimensions among {}; name the one with the images 'images'",
                            fitting.empty() ? "no" : "several", names_in_words(members, nullptr, nullptr)));
}

const Member* member_of_labels(const std::vector<Member>& members, const Member& images) {
  if (images.name == "train_images") return find_member(members, "train_labels");
  if (images.name == "x_train") return find_member(members, "y_train");
  const Member* labels = find_member(members, "labels");
  return labels ? labels : find_member(members, "y");
}

/// A whole number of `size` bytes, little endian.
std::int64_t label_value(const std::uint8_t* bytes, std::size_t size, bool is_signed) {
  std::uint64_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8 | bytes[i];
  const std::size_t unused = 64 - 8 * size;
  if (is_signed) return static_cast<std::int64_t>(value << unused) >> unused;
  return static_cast<std::int64_t>(value);
}

std::vector<std::string> read_npz_labels(const std::filesystem::path& path, const Member& member,
                                         std::int64_t images) {
  const NpyHeader& header = member.header;
  const auto refuse = [&](const std::string& what) { refuse_images(path, member.where() + what); };
  if (header.type.size() != 3 || std::string_view("<|").find(header.type[0]) == std::string_view::npos ||
      std::string_view("iub").find(header.type[1]) == std::string_view::npos ||
      std::string_view("1248").find(header.type[2]) == std::string_view::npos)
    refuse(fmt::format("labels of type {}; save whole numbers, little endian", in_quotes(header.type)));
  const auto size = static_cast<std::size_t>(header.type[2] - '0');
  if (header.shape.empty() || header.shape[0] != images)
    refuse(fmt::format("{} labels, but {} images; take the labels that belong to the images",
                       header.shape.empty() ? 0 : header.shape[0], images));
  const std::unique_ptr<ByteStream> stream = member.open(path);
  const std::int64_t bytes = images * static_cast<std::int64_t>(size);
  if (images > stream->most_bytes() || header.bytes + bytes != stream->most_bytes())
    refuse("another number of bytes than its header says; save it anew with numpy.savez");
  std::vector<std::uint8_t> data(static_cast<std::size_t>(header.bytes + bytes) + 1);
  if (stream->read(data.data(), data.size()) + 1 != data.size())
    refuse("its data end early; save it anew with numpy.savez");
  std::vector<std::string> labels;
  for (std::int64_t i = 0; i < images; ++i)
    labels.push_back(std::to_string(label_value(
        data.data() + header.bytes + i * static_cast<std::int64_t>(size), size, header.type[1] == 'i')));
  return labels;
}

}  // namespace

ImageArray npz_images(const std::filesystem::path& path, std::vector<std::string>& findings) {
  const std::vector<Member> members = members_of(path);
  const Member& images = member_of_images(path, members);
  ImageArray array = array_of_header(path, images.where(), images.header);
  array.open = [path, images] { return images.open(path); };
  const Member* labels = member_of_labels(members, images);
  if (labels && labels->header.shape.size() > 1 &&
      (labels->header.shape.size() != 2 || labels->header.shape[1] != 1)) {
    findings.push_back(
        fmt::format("array {} has several labels for an image: left alone", in_quotes(labels->name)));
  } else if (labels) {
    array.labels = read_npz_labels(path, *labels, array.count);
    array.labels_from = "array " + in_quotes(labels->name);
  }
  const std::string others = names_in_words(members, &images, labels);
  if (!others.empty())
    findings.push_back(fmt::format("images of array {}; left alone: {}", in_quotes(images.name), others));
  return array;
}

bool is_npz(const std::filesystem::path& path) {
  int code = 0;
  const Archive archive(::zip_open(path.c_str(), ZIP_RDONLY, &code));
  if (!archive) return false;
  const zip_int64_t count = ::zip_get_num_entries(archive.get(), 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    const char* name = ::zip_get_name(archive.get(), static_cast<zip_uint64_t>(i), 0);
    if (name && std::string_view(name).ends_with(kMemberEnd)) return true;
  }
  return false;
}

}  // namespace agon::host
