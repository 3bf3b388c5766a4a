// What an operation's public function is made of: it alone switches on the device and on the processor's
// instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/backends.hpp"
#include "kernels/cpu_variant.hpp"
#include "kernels/error.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels {

/// An operation on one backend.
template <class Op>
using Form = void(QueueView queue, const Op& op);

template <class Function>
Function* chosen_form(Function* generic, Function* v3, Function* v4) {
  switch (chosen_cpu_variant()) {
    case CpuVariant::v4:
      return v4;
    case CpuVariant::v3:
      return v3;
    default:
      return generic;
  }
}

/// CUDA's form; throws DeviceError in a build that has none. No Device of such a build is CUDA's, so only a
/// hand-made queue gets there.
template <class Function>
Function* cuda_form(Function* form) {
  if (form == nullptr) throw DeviceError("this build has no CUDA");
  return form;
}

/// Of several forms that one name has, the one for these operations.
template <class Result = void, class... Ops>
Result run_on_cuda(Result (*form)(QueueView, const Ops&...), QueueView queue, const Ops&... ops) {
  return cuda_form(form)(queue, ops...);
}

/// One replica after the other, each with its own part of the workspace.
template <class Op>
void run_on_processor(Form<Op>* generic, Form<Op>* v3, Form<Op>* v4, QueueView queue, const Op& op) {
  Form<Op>* const form = chosen_form(generic, v3, v4);
  const Replicas all = queue.replicas;
  for (int r = all.first; r < all.first + all.count; ++r) {
    QueueView one = queue.replica(r);
    if (queue.workspace != nullptr) one.workspace += static_cast<std::size_t>(r) * queue.workspace_bytes;
    form(one, formula::at_replica(op, formula::replica_of(all, r)));
  }
}

template <class Op>
void run(Form<Op>* generic, Form<Op>* v3, Form<Op>* v4, Form<Op>* cuda, QueueView queue, const Op& op) {
  if (queue.device == DeviceKind::cuda) return run_on_cuda(cuda, queue, op);
  run_on_processor(generic, v3, v4, queue, op);
}

}  // namespace agon::kernels
