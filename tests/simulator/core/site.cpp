#include "tests/simulator/core/site.hpp"

#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace agon::simulator {
namespace {

/// An address's function and place, and those it was inlined into, innermost first.
struct Frame {
  std::string function, file;
  std::string line;
};

std::string base_name(std::string_view path) {
  const auto slash = path.rfind('/');
  return std::string(slash == path.npos ? path : path.substr(slash + 1));
}

/// The lines of addr2line -i -f -C: function and "file:line" in turns.
std::vector<Frame> ask_addr2line(const char* program, std::size_t offset) {
  char command[4200];
  std::snprintf(command, sizeof command, "addr2line -i -f -C -e '%s' 0x%zx 2>/dev/null", program, offset);
  const std::unique_ptr<FILE, int (*)(FILE*)> output(popen(command, "r"), pclose);
  std::vector<Frame> frames;
  char line[8192];
  while (output != nullptr && std::fgets(line, sizeof line, output.get()) != nullptr) {
    line[std::strcspn(line, "\n")] = '\0';
    Frame frame{line, {}, {}};
    if (std::fgets(line, sizeof line, output.get()) == nullptr) break;
    const std::string_view place(line, std::strcspn(line, " \n"));
    const auto colon = place.rfind(':');
    if (colon != place.npos) frame.file = place.substr(0, colon), frame.line = place.substr(colon + 1);
    frames.push_back(frame);
  }
  return frames;
}

/// Frames of the instruction at `address`; remembered, as the question takes a tenth of a second.
const std::vector<Frame>& frames_of(const void* address) {
  static auto& known = *new std::unordered_map<const void*, std::vector<Frame>>;
  const auto [found, fresh] = known.try_emplace(address);
  if (!fresh) return found->second;
  Dl_info image{};
  if (dladdr(address, &image) == 0) return found->second;
  const auto offset = static_cast<const char*>(address) - static_cast<const char*>(image.dli_fbase);
  found->second = ask_addr2line(image.dli_fname, static_cast<std::size_t>(offset));
  return found->second;
}

/// A return address points behind the call.
const void* call_before(const void* pc) { return static_cast<const char*>(pc) - 1; }

bool contains(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

bool of_the_host_side(const Frame& frame) {
  if (frame.file.empty() || frame.file == "??") return false;
  for (const char* part :
       {"/c++/", "sanitizer_common", "tests/simulator/core/", "tests/simulator/runtime/",
        "tests/simulator/include/", "tests/simulator/planted_launch.hpp", "engine/runtime/",
        "kernels/cuda/device/launch.cuh", "kernels/cuda/device/device.cuh", "kernels/cuda/device/check.hpp",
        "kernels/dispatch.hpp"})
    if (contains(frame.file, part)) return false;
  return true;
}

std::string place_text(const Frame& frame) { return base_name(frame.file) + ":" + frame.line; }

}  // namespace

bool Site::operator==(const Site& other) const {
  return line == other.line && (file == other.file || std::strcmp(file, other.file) == 0);
}

std::string Site::text() const { return base_name(file) + ":" + std::to_string(line); }

CallStack CallStack::here() {
  CallStack stack;
  stack.depth = backtrace(stack.frame.data(), static_cast<int>(stack.frame.size()));
  return stack;
}

std::string CallStack::text() const {
  for (int i = 0; i < depth; ++i)
    for (const Frame& caller : frames_of(call_before(frame[static_cast<std::size_t>(i)])))
      if (of_the_host_side(caller)) return place_text(caller);
  return "?";
}

std::string place_of(const void* pc) {
  for (const Frame& frame : frames_of(call_before(pc)))
    if (!contains(frame.file, "/c++/") && !contains(frame.file, "tests/simulator/language/") &&
        frame.file != "??")
      return place_text(frame);
  return "?";
}

namespace {

/// Where the parameter list begins: the first parenthesis outside of template arguments.
std::size_t parameters_of(const std::string& name) {
  int depth = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    depth += (name[i] == '<') - (name[i] == '>');
    if (name[i] == '(' && depth == 0) return i;
  }
  return name.size();
}

}  // namespace

std::string function_name(const void* function) {
  const std::vector<Frame>& frames = frames_of(function);
  if (frames.empty() || frames.back().function == "??") return "a kernel";
  std::string name = frames.back().function;
  const auto drop_all = [&](std::string_view part) {
    for (auto at = name.find(part); at != name.npos; at = name.find(part)) name.erase(at, part.size());
  };
  drop_all("agon::kernels::cuda::");
  drop_all("agon::simulator::");
  drop_all("agon::kernels::");
  drop_all("(anonymous namespace)::");
  name.resize(parameters_of(name));
  if (name.starts_with("void ")) name.erase(0, 5);
  return name;
}

std::string plain_function_name(const void* function) {
  std::string name = function_name(function);
  name.resize(std::min(name.size(), name.find('<')));
  return name.substr(name.rfind(':') + 1);
}

}  // namespace agon::simulator
