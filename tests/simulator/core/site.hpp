// Places in source files: those the compiler names, and those found from a return address.
#pragma once

#include <array>
#include <string>

namespace agon::simulator {

/// Where a word of the device language is written; taken by default arguments.
struct Site {
  const char* file = "";
  int line = 0;
  bool operator==(const Site& other) const;
  std::string text() const;  ///< "tile.cuh:12"
};

/// The innermost frames of the calling host function, for places that only a failure turns into text.
struct CallStack {
  std::array<void*, 12> frame{};
  int depth = 0;
  static CallStack here();
  /// The place in the innermost function outside of the simulator and the engine's runtime.
  std::string text() const;
};

/// "file.cu:12" of the instruction before the return address `pc`; where it was inlined, of the innermost
/// place in agon's own kernels. Needs addr2line; "?" without.
std::string place_of(const void* pc);

/// The function's name without namespaces, parameters and template arguments' namespaces.
std::string function_name(const void* function);
/// The same without template arguments.
std::string plain_function_name(const void* function);

}  // namespace agon::simulator
