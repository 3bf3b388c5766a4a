#include "host/images/image_labels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <string_view>
#include <unordered_map>

#include "engine/table/finding_text.hpp"
#include "host/images/image_error.hpp"
#include "host/images/image_facts.hpp"
#include "host/table/read_table.hpp"

namespace agon::host {
namespace {

bool whole_label(const std::string& name, std::int64_t& number) {
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return error == std::errc{} && end == name.data() + name.size();
}

std::vector<std::string> ordered_names(const std::vector<std::string>& names) {
  std::vector<std::string> distinct = names;
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  std::vector<std::pair<std::int64_t, std::string>> numbers;
  for (const std::string& name : distinct) {
    std::int64_t number = 0;
    if (!whole_label(name, number)) return distinct;
    numbers.emplace_back(number, name);
  }
  std::sort(numbers.begin(), numbers.end());
  for (std::size_t i = 0; i < numbers.size(); ++i) distinct[i] = numbers[i].second;
  return distinct;
}

std::string bare_name(std::string_view file) { return std::string(file.substr(file.rfind('/') + 1)); }

/// Where each image is, by its path and by a bare name that it alone has.
std::unordered_map<std::string, std::size_t> places_of_files(const std::vector<std::string>& files) {
  constexpr std::size_t kSeveral = static_cast<std::size_t>(-1);
  std::unordered_map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto [place, fresh] = places.try_emplace(bare_name(files[i]), i);
    if (!fresh) place->second = kSeveral;
  }
  std::erase_if(places, [](const auto& entry) { return entry.second == kSeveral; });
  for (std::size_t i = 0; i < files.size(); ++i) places[files[i]] = i;
  return places;
}

std::int64_t label_column(const TextTable& table, const std::filesystem::path& path, const char* name) {
  const std::int64_t column = table.find(name);
  if (column < 0)
    refuse_images(path,
                  fmt::format("no column '{}'; a table of labels has the columns file and label", name));
  return column;
}

}  // namespace

void set_labels(ImageSet& set, const std::vector<std::string>& names) {
  set.label_names = ordered_names(names);
  std::unordered_map<std::string_view, std::int32_t> indices;
  for (const std::string& name : set.label_names)
    indices.emplace(name, static_cast<std::int32_t>(indices.size()));
  set.labels.clear();
  for (const std::string& name : names) set.labels.push_back(indices.at(name));
}

std::string labels_in_words(const ImageSet& set) {
  constexpr std::size_t kNamed = 12;
  std::vector<std::int64_t> counts(set.label_names.size());
  for (const std::int32_t label : set.labels) ++counts[static_cast<std::size_t>(label)];
  std::string text;
  for (std::size_t i = 0; i < std::min(kNamed, counts.size()); ++i)
    text += fmt::format("{}{} ({})", i == 0 ? "" : ", ", printable(set.label_names[i]), counts[i]);
  return counts.size() <= kNamed ? text : text + fmt::format(" and {} more", counts.size() - kNamed);
}

std::vector<std::string> labels_of_subfolders(const std::vector<std::string>& files) {
  std::vector<std::string> labels;
  for (const std::string& file : files) {
    const std::size_t slash = file.find('/');
    if (slash == file.npos || file.find('/', slash + 1) != file.npos) return {};
    labels.push_back(file.substr(0, slash));
  }
  return labels;
}

std::vector<std::string> labels_of_table(const std::filesystem::path& path,
                                         const std::vector<std::string>& files,
                                         std::vector<std::string>& findings) {
  const TableFile read = read_table(path.string());
  const std::int64_t file_column = label_column(read.table, path, "file");
  const std::int64_t column = label_column(read.table, path, "label");
  const auto cell = [&](std::int64_t row, std::int64_t of) {
    return read.table.columns[static_cast<std::size_t>(of)].at(row);
  };
  const auto places = places_of_files(files);
  std::vector<std::string> labels(files.size());
  std::int64_t strangers = 0;
  std::string stranger;
  for (std::int64_t row = 0; row < read.table.rows; ++row) {
    const std::string name(cell(row, file_column)), label(cell(row, column));
    if (label.empty())
      throw DataError(read.places.at(row, column) +
                      ": no label; give one, or leave the image out of the folder");
    const auto place = places.find(name);
    if (place == places.end()) {
      if (strangers++ == 0) stranger = in_quotes(name);
      continue;
    }
    std::string& held = labels[place->second];
    if (!held.empty() && held != label)
      throw DataError(fmt::format("{}: {} is labelled {}, and {} in an earlier row; keep one of the rows",
                                  read.places.at(row, column), in_quotes(name), in_quotes(label),
                                  in_quotes(held)));
    held = label;
  }
  if (strangers == read.table.rows)
    refuse_images(path,
                  fmt::format("no row names an image of the folder; a file is named as {}, and the first "
                              "row has {}",
                              printable(files.front(), 200), stranger));
  const auto missing = std::count(labels.begin(), labels.end(), std::string());
  if (missing > 0) {
    const auto first =
        static_cast<std::size_t>(std::find(labels.begin(), labels.end(), std::string()) - labels.begin());
    refuse_images(path,
                  fmt::format("no row for {}, the first: {}; add rows, or take the images out of the folder",
                              images_in_words(missing), printable(files[first], 200)));
  }
  for (const Finding& finding : read.findings) findings.push_back(shown(path) + ": " + finding.what);
  if (strangers > 0)
    findings.push_back(fmt::format(
        "{}: {} no image of the folder, or one of several so called, left out; the first: {}", shown(path),
        strangers == 1 ? "1 row that names" : fmt::format("{} rows that name", strangers), stranger));
  return labels;
}

}  // namespace agon::host
