#include "kernels/observer.hpp"

namespace agon::kernels {
namespace {

thread_local OperationObserver* current = nullptr;

}  // namespace

void observe_operations(OperationObserver* observer) noexcept { current = observer; }
OperationObserver* operation_observer() noexcept { return current; }

}  // namespace agon::kernels
