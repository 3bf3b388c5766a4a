// What a camera says about how an image is to be turned.
#pragma once

#include <cstdint>
#include <span>

namespace agon::host {

/// The orientation, 1 to 8, in the first directory of a TIFF header as EXIF embeds it (CIPA DC-008, tag
/// 274); 1 where there is none or it makes no sense.
int exif_orientation(std::span<const std::uint8_t> tiff);

}  // namespace agon::host
