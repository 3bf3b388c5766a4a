// What is found in the pixels of a set.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "host/images/image_set.hpp"

namespace agon::host {

/// Appends a line each: exact duplicates (and how many of them under another label), images of one value, a
/// set of RGB in which every image is grey. `name` says what an image is called. On `threads` threads, as
/// in_order() has it.
void append_pixel_findings(std::vector<std::string>& findings, const ImageSet& set, int threads,
                           const std::function<std::string(std::int64_t)>& name);

}  // namespace agon::host
