// How a library that is not linked is found and asked for its functions.
#pragma once

#include <dlfcn.h>

#include <map>
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

/// The library's table, which `load` fills when it is first asked for; null where that says false. Never
/// unloaded. Safe from any thread.
template <class Table, bool (*load)(Table&)>
const Table* library_table() noexcept {
  static Table table;
  static const bool loaded = [] {
    try {
      return load(table);
    } catch (...) {  // no memory for a name
      return false;
    }
  }();
  return loaded ? &table : nullptr;
}

/// The device's handle, made where it is new; null where the library will not make one (`create` then gives
/// other than 0).
template <class Handle, class Create>
Handle handle_for(std::map<int, Handle>& handles, int device, const Create& create) {
  const auto [entry, fresh] = handles.try_emplace(device, nullptr);
  if (fresh && create(&entry->second) != 0) entry->second = nullptr;
  return entry->second;
}

}  // namespace agon::kernels::cuda
