#include "kernels/observer.hpp"

namespace agon::kernels {
namespace {

thread_local OperationObserver* observing = nullptr;

}  // namespace

void observe_operations(OperationObserver* observer) noexcept { observing = observer; }
OperationObserver* operation_observer() noexcept { return observing; }

}  // namespace agon::kernels
