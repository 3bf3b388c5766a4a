#include "host/images/read_folder.hpp"

#include <fmt/format.h>

#include <mutex>

#include "host/images/draw_image.hpp"
#include "host/images/image_error.hpp"
#include "host/images/image_facts.hpp"
#include "host/images/image_folder.hpp"
#include "host/images/image_labels.hpp"
#include "host/images/image_reader.hpp"
#include "host/images/ordered_work.hpp"
#include "host/images/pixel_findings.hpp"

namespace agon::host {
namespace {

namespace fs = std::filesystem;

class FolderReading {
 public:
  FolderReading(const fs::path& folder, const ImageReading& options)
      : folder_(folder), options_(options), found_(images_of_folder(folder)) {
    if (!found_.files.empty()) return;
    const std::string others =
        found_.others == 0 ? ""
                           : fmt::format(" ({} other file{}, the first: {})", found_.others,
                                         found_.others == 1 ? "" : "s", printable(found_.first_other));
    refuse_images(folder, "no PNG or JPEG file in this folder or below" + others + "; convert images to PNG");
  }

  ReadImages read() {
    read_headers();
    if (headers_.size() > 1 && options_.fit == ImageFit::refuse) refuse_other_sizes();
    drawing_ = plan_drawing(folder_, facts_, options_);
    total_ = facts_.images + facts_.words;
    if (facts_.words > 0) find_range();
    ReadImages out{empty_set(drawing_, facts_.images), {}};
    label(out);
    draw(out.set);
    append_findings(out);
    return out;
  }

 private:
  fs::path path(std::int64_t image) const { return folder_ / found_.files[static_cast<std::size_t>(image)]; }
  const ImageHeader& header(std::int64_t image) const { return headers_[static_cast<std::size_t>(image)]; }

  void read_headers() {
    headers_.resize(found_.files.size());
    in_order(options_.threads, static_cast<std::int64_t>(headers_.size()),
             [&](std::int64_t i) { headers_[static_cast<std::size_t>(i)] = open_image(path(i))->header(); });
    for (const ImageHeader& header : headers_) facts_.add(header);
  }

  void refuse_other_sizes() const {
    const bool asked = options_.height > 0;
    const ImageSize wanted =
        asked ? ImageSize{options_.height, options_.width} : headers_.front().displayed();
    for (std::int64_t i = 0; i < facts_.images; ++i) {
      const ImageSize size = header(i).displayed();
      if (size == wanted) continue;
      refuse_images(path(i), fmt::format("is {} x {}, but {} {} x {}; say what is to be done: --image-size "
                                         "HEIGHTxWIDTH with --image-fit "
                                         "crop, stretch or pad",
                                         size.height, size.width,
                                         asked ? "--image-size asks for" : shown(path(0)) + " is",
                                         wanted.height, wanted.width));
    }
  }

  /// Calls work(reader) on images as in_order() does; one image at a time of those that are held whole and
  /// large.
  template <class Work>
  void each_image(const Work& work) {
    constexpr std::int64_t kLarge = 32 << 20;
    std::mutex large;
    in_order(options_.threads, facts_.images, [&](std::int64_t i) {
      std::unique_lock<std::mutex> alone(large, std::defer_lock);
      if (header(i).held > kLarge) alone.lock();
      work(i);
    });
  }

  std::unique_ptr<ImageReader> open_again(std::int64_t image) const {
    std::unique_ptr<ImageReader> reader = open_image(path(image));
    const ImageHeader &now = reader->header(), &then = header(image);
    if (now.stored != then.stored || now.layout.sample != then.layout.sample ||
        now.orientation != then.orientation)
      refuse_images(path(image), "changed while it was read; start again");
    return reader;
  }

  void find_range() {
    std::mutex mutex;
    each_image([&](std::int64_t i) {
      if (header(i).layout.sample != Sample::word) return;
      const WordRange range = range_of(*open_again(i));
      const std::lock_guard lock(mutex);
      drawing_.range.include(range);
      tell_done();
    });
  }

  void draw(ImageSet& set) {
    const auto size = static_cast<std::size_t>(set.shape.size());
    std::mutex mutex;
    each_image([&](std::int64_t i) {
      const std::unique_ptr<ImageReader> reader = open_again(i);
      draw_image(*reader, drawing_, std::span(set.pixels).subspan(static_cast<std::size_t>(i) * size, size));
      const std::lock_guard lock(mutex);
      if (reader->header().complaints > 0 && (complaints_++ == 0 || i < complained_)) complained_ = i;
      tell_done();
    });
  }

  void tell_done() {
    if (options_.progress) options_.progress(++done_, total_);
  }

  void label(ReadImages& out) const {
    if (!options_.labels.empty()) {
      set_labels(out.set, labels_of_table(options_.labels, found_.files, out.findings));
      return;
    }
    const std::vector<std::string> names = labels_of_subfolders(found_.files);
    if (!names.empty()) return set_labels(out.set, names);
    for (const std::string& file : found_.files) {
      if (file.find('/') == file.npos) continue;
      out.findings.push_back(
          "no labels: not every image lies in a direct subfolder, which would name its label");
      return;
    }
  }

  void append_findings(ReadImages& out) const {
    if (out.set.labelled())
      out.findings.push_back(fmt::format("labels by {}: {}",
                                         options_.labels.empty() ? "subfolder" : shown(options_.labels),
                                         labels_in_words(out.set)));
    if (found_.others > 0)
      out.findings.push_back(fmt::format("{} file{} neither PNG nor JPEG left alone, the first: {}",
                                         found_.others, found_.others == 1 ? "" : "s",
                                         printable(found_.first_other, 200)));
    host::append_findings(out.findings, facts_, drawing_);
    if (complaints_ > 0)
      out.findings.push_back(fmt::format(
          "{} with harmless faults in the JPEG file (stray bytes), the first: {}",
          images_in_words(complaints_), printable(found_.files[static_cast<std::size_t>(complained_)], 200)));
    append_pixel_findings(out.findings, out.set, options_.threads, [&](std::int64_t i) {
      return printable(found_.files[static_cast<std::size_t>(i)], 200);
    });
  }

  fs::path folder_;
  const ImageReading& options_;
  FolderImages found_;
  std::vector<ImageHeader> headers_{};
  ImageFacts facts_{};
  Drawing drawing_{};
  std::int64_t done_ = 0, total_ = 0;
  std::int64_t complaints_ = 0, complained_ = 0;
};

}  // namespace

ReadImages read_folder(const fs::path& folder, const ImageReading& options) {
  return FolderReading(folder, options).read();
}

}  // namespace agon::host
