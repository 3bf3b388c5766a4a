// The operations as they run: what `agon bench` times each of them with.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/queue.hpp"

namespace agon::kernels {

/// What is about to run. Linear layers give their shape and the multiply-adds they do, others the elements
/// they write.
struct Operation {
  std::string_view name;           ///< "linear_forward", "adam", ...; a literal
  std::int64_t rows = 0;           ///< batch of a linear layer, else 1
  std::int64_t in = 0, out = 0;    ///< widths of a linear layer; else 0 and the elements
  std::int64_t multiply_adds = 0;  ///< 0 for all but linear layers
};

class OperationObserver {
 public:
  virtual ~OperationObserver() = default;
  /// Around the call of an operation on the thread that set the observer. On the processor the operation
  /// happens between the two; on CUDA it is only enqueued.
  virtual void begin(QueueView queue, const Operation& operation) = 0;
  virtual void end(QueueView queue) = 0;
};

/// The calling thread's observer from now on; null, the default, for none. The caller keeps it alive.
void observe_operations(OperationObserver* observer) noexcept;
OperationObserver* operation_observer() noexcept;

}  // namespace agon::kernels
