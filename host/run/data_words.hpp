// What the things that a run learns from are called.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/gan/config.hpp"

namespace agon::host {

/// `text` with image, images, pixel, pixels and data in place of row, rows, column, columns and table.
std::string in_words_of_images(std::string_view text);
/// The same of a run of images; else as it is.
std::string in_words_of(const GanConfig& config, std::string text);

/// "20 epochs", "1 epoch", "0.25 epochs": passes over the rows that so many steps make.
std::string epochs_text(std::uint64_t steps, std::int64_t rows, std::int64_t rows_of_step);

}  // namespace agon::host
