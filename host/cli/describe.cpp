#include "host/cli/describe.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "host/run/console.hpp"
#include "kernels/cpu_variant.hpp"

namespace agon::host {

namespace {

/// Of images with their heights and widths: "100 -> 7x7x128 -> 14x14x64 -> 28x28x1".
std::string sizes_text(const NetworkSpec& spec) {
  std::string text;
  for (std::size_t i = 0; i < spec.widths.size(); ++i) {
    const ImageShape image = spec.image_behind(i);
    text += i == 0 ? "" : " -> ";
    if (i + 1 == spec.widths.size() && spec.images.classes > 0)
      return text + fmt::format("1 and {} classes", spec.images.classes);
    text += image.pixels() == 1 ? fmt::format("{}", image.channels)
                                : fmt::format("{}x{}x{}", image.height, image.width, image.channels);
  }
  return text;
}

std::string residual_text(const NetworkSpec& spec) {
  if (spec.has_image_blocks())
    return fmt::format("{} residual {} a size, ", spec.images.blocks,
                       spec.images.blocks == 1 ? "block" : "blocks");
  return spec.residual == Residual::none ? "" : fmt::format("residual ({}), ", to_string(spec.residual));
}

}  // namespace

std::string widths_text(const NetworkSpec& spec) {
  return spec.images.any() ? sizes_text(spec) : fmt::format("{}", fmt::join(spec.widths, " -> "));
}

std::string network_text(const NetworkSpec& spec) {
  std::string parts = residual_text(spec);
  if (spec.norm != NormKind::none) parts += fmt::format("{} norm, ", to_string(spec.norm));
  if (spec.dropout != 0) parts += fmt::format("dropout {}, ", spec.dropout);
  const std::string output =
      spec.output == ActivationKind::identity ? "" : fmt::format("{} output, ", to_string(spec.output));
  const std::string phi = spec.slope == 0 ? "ReLU" : fmt::format("LeakyReLU {}", spec.slope);
  return fmt::format("{}, {}{}, {}{} parameters", widths_text(spec), parts, phi, output,
                     grouped(static_cast<std::uint64_t>(spec.parameter_count())));
}

std::string processor_text(const Device& device) {
  return fmt::format("{}, {}", device.description(), kernels::cpu_variant());
}

std::string device_text(const Device& device, bool chosen) {
  if (device.kind() == DeviceKind::cuda) return fmt::format("{} ({})", device.name(), device.description());
  const std::string text = fmt::format("cpu ({})", processor_text(device));
  const std::string reason = chosen ? Device::why_no_cuda() : "";
  return reason.empty() ? text : fmt::format("{}, not CUDA: {}", text, reason);
}

std::string labelled(std::string_view label, std::string_view text) {
  return fmt::format("{:<14} {}\n", label, text);
}

}  // namespace agon::host
