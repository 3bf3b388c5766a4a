// How a library that is not linked is found and asked for its functions.
#pragma once

#include <dlfcn.h>

#include <string>

namespace agon::kernels::cuda {

/// By the loader's own search, else from the folder of the toolkit of this build; null where in neither.
inline void* open_library(const std::string& name, const char* folder) {
  if (void* const library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
  return dlopen((std::string(folder) + "/" + name).c_str(), RTLD_NOW | RTLD_LOCAL);
}

/// Whether it has the function.
template <class Function>
bool find(void* library, const char* name, Function*& function) {
  function = reinterpret_cast<Function*>(dlsym(library, name));
  return function != nullptr;
}

}  // namespace agon::kernels::cuda
