#include "host/cli/describe.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "host/run/console.hpp"
#include "kernels/cpu_variant.hpp"

namespace agon::host {

std::string widths_text(const NetworkSpec& spec) { return fmt::format("{}", fmt::join(spec.widths, " -> ")); }

std::string network_text(const NetworkSpec& spec) {
  std::string parts;
  if (spec.residual != Residual::none) parts += fmt::format("residual ({}), ", to_string(spec.residual));
  if (spec.norm != NormKind::none) parts += fmt::format("{} norm, ", to_string(spec.norm));
  if (spec.dropout != 0) parts += fmt::format("dropout {}, ", spec.dropout);
  const std::string output =
      spec.output == ActivationKind::identity ? "" : fmt::format("{} output, ", to_string(spec.output));
  return fmt::format("{}, {}LeakyReLU {}, {}{} parameters", widths_text(spec), parts, spec.slope, output,
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
