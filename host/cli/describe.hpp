// How the program words what several commands show.
#pragma once

#include <string>
#include <string_view>

#include "engine/gan/gan.hpp"

namespace agon::host {

/// "100 -> 128 -> 256 -> 512 -> 10"
std::string widths_text(const NetworkSpec& spec);

/// "100 -> 128 -> 256 -> 512 -> 10, LeakyReLU 0.2, 182,666 parameters"
std::string network_text(const NetworkSpec& spec);

/// "AMD EPYC 9B14, 2 threads, 7.6 GiB memory, v4": the last is the instruction set, kernels/cpu_variant.hpp
std::string processor_text(const Device& device);

/// "cpu (AMD ..., 2 threads, ...), not CUDA: no NVIDIA driver". The reason is given
/// where `chosen` says that the program picked the device.
std::string device_text(const Device& device, bool chosen);

/// A label and its text in two columns: "generator      100 -> ...".
std::string labelled(std::string_view label, std::string_view text);

}  // namespace agon::host
