// Threads that do the parts of an operation side by side on the processor.
#pragma once

namespace agon {

/// What kernels see of a ThreadPool (engine/runtime/thread_pool.hpp).
class Workers {
 public:
  using Part = void (*)(const void* work, int part);

  /// Calls call(work, 0), ..., call(work, parts - 1), each once, on any of the threads, the caller's among
  /// them, in any order and side by side; returns when all are done.
  virtual void run(int parts, Part call, const void* work) = 0;

 protected:
  ~Workers() = default;
};

}  // namespace agon
