#include "kernels/rehearsal.hpp"

namespace agon::kernels {
namespace {

thread_local Rehearsal* rehearsal = nullptr;

}  // namespace

Rehearsal::Rehearsal() noexcept { rehearsal = this; }
Rehearsal::~Rehearsal() { rehearsal = nullptr; }
Rehearsal* Rehearsal::current() noexcept { return rehearsal; }

}  // namespace agon::kernels
