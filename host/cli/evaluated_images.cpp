#include "host/cli/evaluated_images.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "host/cli/file_facts.hpp"
#include "host/cli/image_paths.hpp"
#include "host/cli/run_facts.hpp"
#include "host/evaluate/images/image_evaluation.hpp"
#include "host/images/read_images.hpp"
#include "host/report/images/image_page.hpp"
#include "host/run/console.hpp"
#include "host/run/image_data.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kPaths = 4;

bool is_run_folder(const std::string& path) {
  std::error_code unknown;
  return fs::is_regular_file(fs::path(path) / "config.toml", unknown);
}

void refuse_options_of_tables(const EvaluateOptions& options) {
  const std::pair<const char*, bool> of_tables[] = {{"--schema", !options.schema.empty()},
                                                    {"--target", !options.target.empty()},
                                                    {"--time", !options.time.empty()},
                                                    {"--event", !options.event.empty()},
                                                    {"--row", options.row > 0}};
  for (const auto& [flag, given] : of_tables)
    if (given)
      throw ConfigurationError(fmt::format("{}: is for tables; {} is of images", flag, options.real));
}

std::string count_text(std::int64_t count) { return grouped(static_cast<std::uint64_t>(count)); }

std::pair<std::string, std::string> about_images(const char* label, const std::string& path,
                                                 const ImageSet& images) {
  return {label, fmt::format("{}, {} images, {}, fingerprint {}", short_name(path), count_text(images.count),
                             image_size_text(images.shape), fingerprint(images))};
}

/// The set's labels become numbers of the real set's classes.
void match_classes(const ImageSet& real, const std::string& path, ImageSet& images,
                   std::vector<std::string>& findings) {
  if (!images.labelled() || images.label_names == real.label_names) return;
  std::vector<std::int32_t> number;
  for (const std::string& name : images.label_names) {
    const auto found = std::ranges::find(real.label_names, name);
    if (found == real.label_names.end() || !real.labelled()) {
      findings.push_back(path + ": its labels are passed over: they are not the real images'");
      images.labels.clear();
      images.label_names.clear();
      return;
    }
    number.push_back(static_cast<std::int32_t>(found - real.label_names.begin()));
  }
  for (std::int32_t& label : images.labels) label = number[static_cast<std::size_t>(label)];
  images.label_names = real.label_names;
}

/// Of the real images' size and classes.
ImageSet read_set_like(const ImageSet& real, const std::string& path, const EvaluateOptions& options,
                       std::vector<std::string>& findings) {
  ReadImages read = read_images(path, {.height = real.shape.height,
                                       .width = real.shape.width,
                                       .channels = real.shape.channels,
                                       .threads = options.threads});
  for (const std::string& finding : read.findings) findings.push_back(path + ": " + finding);
  match_classes(real, path, read.set, findings);
  return std::move(read.set);
}

void add_synthetic_set(const EvaluateOptions& options, EvaluatedImages& out) {
  out.synthetic = read_set_like(out.real, options.synthetic, options, out.findings);
  out.title = short_name(options.synthetic);
  out.about.push_back(about_images("synthetic images", options.synthetic, out.synthetic));
}

EvaluatedImages from_sets(const EvaluateOptions& options) {
  if (options.synthetic.empty())
    throw ConfigurationError(
        fmt::format("{}: no run folder; real images need synthetic ones beside them", options.real));
  ReadImages real = read_images(options.real, {.threads = options.threads});
  EvaluatedImages out;
  for (const std::string& finding : real.findings) out.findings.push_back(options.real + ": " + finding);
  out.real = std::move(real.set);
  out.about.push_back(about_images("real images", options.real, out.real));
  add_synthetic_set(options, out);
  out.held_out.shape = out.real.shape;
  if (options.held_out.empty()) return out;
  out.held_out = read_set_like(out.real, options.held_out, options, out.findings);
  out.about.push_back(about_images("held-out images", options.held_out, out.held_out));
  return out;
}

/// As many as were learnt, but no more than are compared.
std::int64_t images_to_draw(const ImageSet& learnt) {
  constexpr std::int64_t kAtLeast = 20;
  const ImageEvaluationOptions limits;
  const std::int64_t most = std::min(limits.most_images, limits.most_values / learnt.shape.size());
  return std::min(std::max(learnt.count, kAtLeast), std::max(most, kAtLeast));
}

ImageSet drawn_for_this(const Gan& gan, const LearntClasses& classes, std::int64_t count, std::uint64_t seed,
                        const std::function<void(std::string_view)>& begins) {
  constexpr std::int64_t kPiece = 256, kPiecesOfPart = 8;
  ImageSet all{.shape = gan.config().generator.images.shape,
               .count = 0,
               .pixels = {},
               .labels = {},
               .label_names = classes.names};
  all.pixels.reserve(static_cast<std::size_t>(count * all.shape.size()));
  for (std::int64_t first = 0; first < count; first += kPiece) {
    if (first / kPiece % kPiecesOfPart == 0)
      begins(fmt::format("drawn images, {} of {} there", count_text(first), count_text(count)));
    const ImageSet piece = draw_images(gan, classes, {first, std::min(kPiece, count - first)}, seed);
    all.pixels.insert(all.pixels.end(), piece.pixels.begin(), piece.pixels.end());
    all.labels.insert(all.labels.end(), piece.labels.begin(), piece.labels.end());
    all.count += piece.count;
  }
  return all;
}

EvaluatedImages from_image_run(const EvaluateOptions& options, const Device& device,
                               const std::function<void(std::string_view)>& begins) {
  if (!options.held_out.empty())
    throw ConfigurationError(fmt::format("--holdout: the run {} has its own", options.real));
  if (!options.features.empty())
    throw ConfigurationError(
        fmt::format("--features: are of two sets of images, and {} is a run: agon evaluate REAL SYNTHETIC",
                    options.real));
  const FoundCheckpoint found = find_checkpoint(options.real);
  const DataIdentity data = stored_identity(found.checkpoint, found.path.string());
  LearntImages images = read_learnt_images(found, data);
  const std::int64_t held_out = images.held_out ? images.held_out->count : 0;
  EvaluatedImages out;
  out.about.push_back(about_images("real images", images.path, images.learnt));
  out.about.emplace_back(
      "run", fmt::format("{}, step {}", short_name(options.real), found.checkpoint.snapshot.step));
  out.training = training_record(found, data, images.learnt.count, held_out);
  out.samples = drawn_grids(found);
  out.real = std::move(images.learnt);
  out.held_out.shape = out.real.shape;
  if (images.held_out) out.held_out = std::move(*images.held_out);
  if (!options.synthetic.empty()) {
    add_synthetic_set(options, out);
  } else {
    Gan gan(found.checkpoint.config, device);
    gan.restore(found.checkpoint.snapshot);
    out.synthetic =
        drawn_for_this(gan, data.representation.classes, images_to_draw(out.real), options.seed, begins);
    out.between = images_between(gan, data.representation.classes, {0, kPaths}, kBetween, options.seed);
    out.title = fmt::format("what {} draws", short_name(options.real));
    out.about.emplace_back("synthetic images", fmt::format("{} drawn for this, seed {}",
                                                           count_text(out.synthetic.count), options.seed));
  }
  if (held_out == 0)
    print_message(
        "agon: this run held no images out; with `agon train --held-out 0.2` its privacy can be judged, too");
  else
    out.about.emplace_back("held-out images", fmt::format("{} that the run set aside", count_text(held_out)));
  return out;
}

}  // namespace

bool is_of_images(const EvaluateOptions& options) {
  if (!is_run_folder(options.real)) return is_images(options.real);
  const FoundCheckpoint found = find_checkpoint(options.real);
  return stored_identity(found.checkpoint, found.path.string()).representation.of_images();
}

EvaluatedImages evaluated_images(const EvaluateOptions& options, const Device& device,
                                 const std::function<void(std::string_view part)>& begins) {
  refuse_options_of_tables(options);
  return is_run_folder(options.real) ? from_image_run(options, device, begins) : from_sets(options);
}

}  // namespace agon::host
