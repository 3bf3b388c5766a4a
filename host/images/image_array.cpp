#include "host/images/image_array.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "host/images/draw_image.hpp"
#include "host/images/image_error.hpp"
#include "host/images/image_facts.hpp"
#include "host/images/image_labels.hpp"
#include "host/images/ordered_work.hpp"
#include "host/images/pixel_findings.hpp"

namespace agon::host {
namespace {

/// An image of an array that lies in memory.
class MemoryReader final : public ImageReader {
 public:
  MemoryReader(const ImageHeader& header, const std::uint8_t* bytes) : next_(bytes) { header_ = header; }

  void read_row(std::uint8_t* row) override {
    const std::int64_t length = header_.stored.width * header_.layout.pixel_bytes();
    std::copy_n(next_, length, row);
    next_ += length;
  }
  void finish() override {}

 private:
  const std::uint8_t* next_;
};

class ArrayReading {
 public:
  ArrayReading(const ImageArray& array, const ImageReading& options) : array_(array), options_(options) {
    header_.stored = {array.height, array.width};
    header_.layout = {array.sample, array.channels == 1 ? Colour::grey : Colour::rgb};
  }

  ReadImages read() {
    check_shape();
    facts_.add(header_, array_.count);
    refuse_other_size();
    drawing_ = plan_drawing(array_.path, facts_, options_);
    total_ = facts_.images + facts_.words;
    if (array_.sample == Sample::word)
      pass([&](std::int64_t, std::int64_t images, const std::uint8_t* bytes) {
        drawing_.range.include(word_range(bytes, images * array_.height * array_.width, header_.layout));
      });
    ReadImages out{empty_set(drawing_, array_.count), {}};
    pass([&](std::int64_t first, std::int64_t images, const std::uint8_t* bytes) {
      draw(out.set, first, images, bytes);
    });
    finish(out);
    return out;
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const { refuse_images(array_.path, array_.where + what); }

  void check_shape() {
    if (array_.count == 0) refuse("no images in it");
    check_image_size(array_.path, array_.height, array_.width);
    image_bytes_ = array_.height * array_.width * header_.layout.pixel_bytes();
    std::int64_t bytes = 0;
    if (__builtin_mul_overflow(array_.count, image_bytes_, &bytes) ||
        __builtin_add_overflow(bytes, array_.header_bytes, &bytes))
      refuse("the header's sizes overflow; the file is damaged");
    const std::unique_ptr<ByteStream> stream = array_.open();
    if (bytes > stream->most_bytes())
      refuse(
          fmt::format("the header says {} images of {} x {} x {}, so {} bytes in all, but there are {}{}; "
                      "fetch the file anew",
                      array_.count, array_.height, array_.width, array_.channels, bytes,
                      stream->exact() ? "" : "at most ", stream->most_bytes()));
    if (stream->exact() && bytes < stream->most_bytes())
      refuse(fmt::format("at byte {}: {} bytes more than the header says; fetch the file anew", bytes,
                         stream->most_bytes() - bytes));
    if (!array_.labels.empty() && static_cast<std::int64_t>(array_.labels.size()) != array_.count)
      refuse(fmt::format("{} images, but {} labels in {}; take the labels that belong to the images",
                         array_.count, array_.labels.size(), array_.labels_from));
  }

  void refuse_other_size() const {
    if (options_.fit != ImageFit::refuse || options_.height == 0 ||
        header_.stored == ImageSize{options_.height, options_.width})
      return;
    refuse(
        fmt::format("images of {} x {}, but --image-size asks for {} x {}; say what is to be done: "
                    "--image-fit crop, stretch or pad",
                    array_.height, array_.width, options_.height, options_.width));
  }

  /// Calls use(first image, images, their bytes) on the array's images, some MiB at a time.
  template <class Use>
  void pass(const Use& use) {
    constexpr std::int64_t kBlockBytes = 8 << 20;
    const std::unique_ptr<ByteStream> stream = array_.open();
    std::vector<std::uint8_t> block(static_cast<std::size_t>(array_.header_bytes));
    if (stream->read(block.data(), block.size()) != block.size())
      refuse("changed while it was read; start again");
    const std::int64_t at_a_time = std::clamp<std::int64_t>(kBlockBytes / image_bytes_, 1, array_.count);
    block.resize(static_cast<std::size_t>(at_a_time * image_bytes_));
    for (std::int64_t first = 0; first < array_.count; first += at_a_time) {
      const std::int64_t images = std::min(at_a_time, array_.count - first);
      const std::size_t got = stream->read(block.data(), static_cast<std::size_t>(images * image_bytes_));
      if (got != static_cast<std::size_t>(images * image_bytes_))
        refuse(fmt::format("image {} of {}: the data end early; fetch the file anew",
                           first + static_cast<std::int64_t>(got) / image_bytes_, array_.count));
      if (array_.sample == Sample::real) check_reals(first, images, block.data());
      use(first, images, block.data());
      done_ += images;
      if (options_.progress) options_.progress(done_, total_);
    }
    std::uint8_t more = 0;  // at the end, checksums are compared
    if (stream->read(&more, 1) != 0) refuse("more data than the header says; fetch the file anew");
  }

  void check_reals(std::int64_t first, std::int64_t images, const std::uint8_t* bytes) const {
    const std::int64_t per_image = image_bytes_ / static_cast<std::int64_t>(sizeof(float));
    for (std::int64_t i = 0; i < images * per_image; ++i) {
      float value;
      std::memcpy(&value, bytes + i * static_cast<std::int64_t>(sizeof(float)), sizeof(float));
      if (value >= 0 && value <= 1) continue;
      refuse(
          fmt::format("image {}: the value {} at its element {}; float32 must lie in [0, 1]: {}",
                      first + i / per_image, value, i % per_image,
                      std::isfinite(value) ? "scale it, or save uint8" : "mend it, or leave the image out"));
    }
  }

  void draw(ImageSet& set, std::int64_t first, std::int64_t images, const std::uint8_t* bytes) const {
    const auto size = static_cast<std::size_t>(set.shape.size());
    const auto place = [&](std::int64_t i) { return static_cast<std::size_t>(first + i) * size; };
    if (array_.sample == Sample::byte && header_.stored == drawing_.target &&
        array_.channels == drawing_.channels) {
      std::copy_n(bytes, images * image_bytes_, set.pixels.begin() + static_cast<std::ptrdiff_t>(place(0)));
      return;
    }
    constexpr std::int64_t kTogether = 64;
    in_order(options_.threads, (images + kTogether - 1) / kTogether, [&](std::int64_t group) {
      for (std::int64_t i = group * kTogether; i < std::min(images, (group + 1) * kTogether); ++i) {
        MemoryReader reader(header_, bytes + i * image_bytes_);
        draw_image(reader, drawing_, std::span(set.pixels).subspan(place(i), size));
      }
    });
  }

  void finish(ReadImages& out) const {
    if (!array_.labels.empty()) {
      set_labels(out.set, array_.labels);
      out.findings.push_back(fmt::format("labels of {}: {}", array_.labels_from, labels_in_words(out.set)));
    }
    append_findings(out.findings, facts_, drawing_);
    append_pixel_findings(out.findings, out.set, options_.threads,
                          [](std::int64_t i) { return fmt::format("image {}", i); });
  }

  const ImageArray& array_;
  const ImageReading& options_;
  ImageHeader header_{};
  ImageFacts facts_{};
  Drawing drawing_{};
  std::int64_t image_bytes_ = 0, done_ = 0, total_ = 0;
};

}  // namespace

std::int64_t checked_product(const std::filesystem::path& path, const std::string& where,
                             const std::vector<std::int64_t>& dimensions) {
  std::int64_t product = 1;
  for (const std::int64_t dimension : dimensions)
    if (__builtin_mul_overflow(product, dimension, &product) || product > std::int64_t{1} << 62)
      refuse_images(path, where + "the header's sizes overflow; the file is damaged");
  return product;
}

ReadImages read_array(const ImageArray& array, const ImageReading& options) {
  return ArrayReading(array, options).read();
}

}  // namespace agon::host
