// The live objects of a kind, by their handle: whatever else is passed as one is told from them.
#pragma once

#include <map>
#include <memory>

#include "tests/simulator/core/report.hpp"
#include "tests/simulator/include/cuda_runtime_api.h"

namespace agon::simulator {

template <class Object>
class Handles {
 public:
  Object* add(std::unique_ptr<Object> object) {
    Object* const handle = object.get();
    live_.emplace(handle, std::move(object));
    return handle;
  }
  bool has(const Object* handle) const { return live_.contains(const_cast<Object*>(handle)); }
  std::unique_ptr<Object> take(Object* handle) {
    const auto found = live_.find(handle);
    if (found == live_.end()) return nullptr;
    auto object = std::move(found->second);
    live_.erase(found);
    return object;
  }
  const std::map<Object*, std::unique_ptr<Object>>& all() const { return live_; }

 private:
  std::map<Object*, std::unique_ptr<Object>> live_;
};

Handles<CUstream_st>& streams();
Handles<CUevent_st>& events();
Handles<CUgraph_st>& graphs();
Handles<CUgraphExec_st>& executables();

/// Files the report that `what` ("a stream") was none, or is none any more.
inline void report_handle(const char* what) {
  report_host("invalid handle", CallStack::here().text(),
              std::string(what) + " that is none, or was destroyed");
}

}  // namespace agon::simulator
