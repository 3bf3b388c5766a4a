// The CRC-32 of a whole file that lies within that file: how a checkpoint shows that no bit of it was
// altered.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace agon::crc32 {

/// The metadata key. It comes first in the header, so that the digits' place in the file is always the same.
inline constexpr std::string_view kKey = "agon.crc32";
/// What the digits are while the CRC-32 is computed.
inline constexpr std::string_view kBlank = "00000000";

/// Continues zlib's CRC-32 (polynomial 0xEDB88320) over `bytes`; a new one starts from 0.
std::uint32_t extend(std::uint32_t crc, std::string_view bytes);

/// True where `file` carries a CRC-32: the key at its place, followed by eight digits of lower-case
/// hexadecimal.
bool present(std::string_view file);

/// The number that the digits of a checked file give, and the CRC-32 of its bytes with the digits blank.
std::uint32_t stated(std::string_view file);
std::uint32_t computed(std::string_view file);

/// Replaces the digits of a checked file, or of the part of one that holds them.
void set(std::string& file, std::uint32_t crc);

}  // namespace agon::crc32
