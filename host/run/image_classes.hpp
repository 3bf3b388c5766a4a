// Classes of images: what a run learns of them, and how they are asked for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/images/image_set.hpp"
#include "host/run/representation.hpp"

namespace agon::host {

/// Of all images that a run is given. A class of fewer than five counts as one of five: checkpoints do not
/// tell how few they are. Throws ConfigurationError, "--by-class: <path>: ...", where they have no labels,
/// one label, or more than are learnt.
LearntClasses classes_to_learn(const ImageSet& images, const std::string& path);

/// A line, or none: what is drawn of classes of fewer than five images may be these again.
std::string warning_of_small_classes(const ImageSet& images);

/// "3: ill, unsure, well": at most the first 12.
std::string class_names_text(const LearntClasses& classes);

/// The numbers of the classes with these names. Throws ConfigurationError, "--class <name>: ...", where one
/// is none of them, or the run has none.
std::vector<std::int32_t> find_classes(const LearntClasses& classes, const std::vector<std::string>& names);

/// A folder's name for each: the class's, or, where not all of them can be such, "class-1", "class-2", ...
std::vector<std::string> folders_of_classes(const LearntClasses& classes);

}  // namespace agon::host
