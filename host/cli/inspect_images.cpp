#include "host/cli/inspect_images.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

#include "host/cli/describe.hpp"
#include "host/cli/exit_code.hpp"
#include "host/images/read_images.hpp"
#include "host/run/console.hpp"
#include "host/table/text.hpp"

namespace agon::host {
namespace {

std::string images_json(const ReadImages& read) {
  const ImageShape& shape = read.set.shape;
  const nlohmann::ordered_json all{{"images", read.set.count},       {"height", shape.height},
                                   {"width", shape.width},           {"channels", shape.channels},
                                   {"labels", read.set.label_names}, {"fingerprint", fingerprint(read.set)},
                                   {"findings", read.findings}};
  return all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string images_text(const ReadImages& read, const std::string& source) {
  const std::string count = grouped(static_cast<std::uint64_t>(read.set.count));
  std::string text = labelled("images", fmt::format("{}: {} of {}, fingerprint {}", source, count,
                                                    image_size_text(read.set.shape), fingerprint(read.set)));
  for (const std::string& finding : read.findings) text += "note: " + finding + "\n";
  return text;
}

}  // namespace

int inspect_images(const InspectOptions& options) {
  const ReadImages read = read_images(options.source);
  print_data(options.json ? images_json(read) : printable_lines(images_text(read, options.source)));
  return kDone;
}

}  // namespace agon::host
