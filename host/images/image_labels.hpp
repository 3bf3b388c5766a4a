// Labels of images.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "host/images/image_set.hpp"

namespace agon::host {

/// Sets labels and label_names from a name for each image. The names' order: as numbers where all of them are
/// whole, else byte by byte.
void set_labels(ImageSet& set, const std::vector<std::string>& names);

/// "0 (5923), 1 (6742)": the names, and how many images have each; at most the first 12.
std::string labels_in_words(const ImageSet& set);

/// The name of each image's direct subfolder; empty where not all of `files`, relative paths, lie in one.
std::vector<std::string> labels_of_subfolders(const std::vector<std::string>& files);

/// A label for each of `files` from a table with the columns file and label. A row names a file by its path
/// within the folder, or by its bare name where only one image has it. Rows that name no image, and columns
/// beside the two, are findings. Throws DataError, "<table>: ...", where an image has no row or two that
/// differ, or a cell is empty.
std::vector<std::string> labels_of_table(const std::filesystem::path& table,
                                         const std::vector<std::string>& files,
                                         std::vector<std::string>& findings);

}  // namespace agon::host
