#include "host/run/image_classes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/table/suggestion.hpp"
#include "host/table/text.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

constexpr std::int64_t kFew = 5;

std::vector<std::int64_t> counts_of(const ImageSet& images) {
  std::vector<std::int64_t> counts(images.label_names.size());
  for (const std::int32_t label : images.labels) ++counts[static_cast<std::size_t>(label)];
  return counts;
}

/// Neither hidden, nor longer than a file's name may be, nor elsewhere.
bool can_be_folder(const std::string& name) {
  constexpr std::size_t kLongest = 200;
  const auto odd = [](char c) { return c == '/' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  return !name.empty() && name.size() <= kLongest && name.front() != '.' && std::ranges::none_of(name, odd);
}

}  // namespace

LearntClasses classes_to_learn(const ImageSet& images, const std::string& path) {
  constexpr std::size_t kMost = 1 << 16;
  const auto refuse = [&](const std::string& what) {
    throw ConfigurationError(fmt::format("--by-class: {}: {}", path, what));
  };
  if (!images.labelled())
    refuse(
        "its images have no labels; a folder has a subfolder for each class or --labels, IDX a file of "
        "labels "
        "beside it, NPZ an array y");
  std::vector<std::int64_t> counts = counts_of(images);
  if (counts.size() < 2) refuse("all its images have the same label; leave out --by-class");
  if (counts.size() > kMost)
    refuse(fmt::format("{} labels are more than the {} that are learnt", counts.size(), kMost));
  double all = 0;
  for (std::int64_t& count : counts) all += static_cast<double>(count = std::max(count, kFew));
  LearntClasses learnt{images.label_names, {}};
  for (const std::int64_t count : counts)
    learnt.shares.push_back(std::llround(1e9 * static_cast<double>(count) / all));
  return learnt;
}

std::string warning_of_small_classes(const ImageSet& images) {
  const std::vector<std::int64_t> counts = counts_of(images);
  const auto few = std::ranges::count_if(counts, [](std::int64_t count) { return count < kFew; });
  if (few == 0) return {};
  return fmt::format(
      "agon: warning: {} of {} classes {} fewer than {} images: what is drawn of them may be these again\n",
      few, counts.size(), few == 1 ? "has" : "have", kFew);
}

std::string class_names_text(const LearntClasses& classes) {
  constexpr std::size_t kNamed = 12;
  const std::size_t all = classes.names.size();
  std::string text = fmt::format("{}: ", all);
  for (std::size_t i = 0; i < std::min(kNamed, all); ++i)
    text += (i == 0 ? "" : ", ") + printable(classes.names[i]);
  return all <= kNamed ? text : text + fmt::format(" and {} more", all - kNamed);
}

std::vector<std::int32_t> find_classes(const LearntClasses& classes, const std::vector<std::string>& names) {
  std::vector<std::int32_t> numbers;
  for (const std::string& name : names) {
    const auto refuse = [&](const std::string& what) {
      throw ConfigurationError(fmt::format("--class {}: {}", printable(name), what));
    };
    if (!classes.any())
      refuse("this run knows no classes: agon train --by-class true learns images with their labels");
    const auto found = std::ranges::find(classes.names, name);
    if (found == classes.names.end())
      refuse(fmt::format("none of this run's classes, {}{}", class_names_text(classes),
                         suggestion(name, classes.names)));
    numbers.push_back(static_cast<std::int32_t>(found - classes.names.begin()));
  }
  return numbers;
}

std::vector<std::string> folders_of_classes(const LearntClasses& classes) {
  if (std::ranges::all_of(classes.names, can_be_folder)) return classes.names;
  std::vector<std::string> folders;
  for (std::size_t i = 1; i <= classes.names.size(); ++i) folders.push_back(fmt::format("class-{}", i));
  return folders;
}

}  // namespace agon::host
