#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engine/runtime/device.hpp"
#include "host/commands/commands.hpp"
#include "host/commands/describe.hpp"
#include "host/commands/exit_code.hpp"
#include "host/run/console.hpp"

namespace agon::host {
namespace {

std::string description(const Device& device) {
  return device.kind() == DeviceKind::cpu ? processor_text(device) : device.description();
}

}  // namespace

int devices(bool json) {
  const std::string reason = Device::why_no_cuda();
  if (!json) {
    std::string text;
    for (const Device& device : Device::all()) text += labelled(device.name(), description(device));
    if (!reason.empty()) text += labelled("cuda", "not used: " + reason);
    print_data(text);
    return kDone;
  }
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Device& device : Device::all()) {
    list.push_back({{"name", device.name()}, {"description", description(device)}});
  }
  nlohmann::ordered_json all{{"devices", std::move(list)}};
  all["why_no_cuda"] = reason.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(reason);
  print_data(all.dump(2) + "\n");
  return kDone;
}

}  // namespace agon::host
