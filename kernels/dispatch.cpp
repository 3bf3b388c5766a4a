// The operations' public functions: the one place that switches on the device and on the processor's
// instruction set.
#include "kernels/cpu_variant.hpp"
#include "kernels/cuda/operations.hpp"
#include "kernels/error.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/observer.hpp"
#include "kernels/rehearsal.hpp"

#define AGON_CPU_VARIANT cpu_generic
#include "kernels/cpu/variant.hpp"
#undef AGON_CPU_VARIANT
#if defined(AGON_X86_VARIANTS)
#define AGON_CPU_VARIANT cpu_v3
#include "kernels/cpu/variant.hpp"
#undef AGON_CPU_VARIANT
#define AGON_CPU_VARIANT cpu_v4
#include "kernels/cpu/variant.hpp"
#undef AGON_CPU_VARIANT
#else
namespace agon::kernels {
namespace cpu_v3 = cpu_generic;
namespace cpu_v4 = cpu_generic;
}  // namespace agon::kernels
#endif

namespace agon::kernels {
namespace {

thread_local OperationObserver* observer = nullptr;

/// Tells the observer, where there is one, of the operation during whose call it lives.
class Observed {
 public:
  Observed(QueueView queue, const Operation& operation) : queue_(queue), by_(observer) {
    if (by_ != nullptr) by_->begin(queue_, operation);
  }
  Observed(QueueView queue, std::string_view name, std::int64_t elements)
      : Observed(queue, Operation{name, 1, 0, elements, 0}) {}
  /// A linear layer that does so many products of the shape's three extents.
  Observed(QueueView queue, std::string_view name, const LinearShape& s, int products)
      : Observed(queue, Operation{name, s.batch, s.in, s.out, products * s.batch * s.in * s.out}) {}
  Observed(const Observed&) = delete;
  Observed& operator=(const Observed&) = delete;
  ~Observed() {
    if (by_ != nullptr) by_->end(queue_);
  }

 private:
  QueueView queue_;
  OperationObserver* by_;
};

/// The processor's operation on one replica after the other, each with its own part of the workspace.
template <class Function, class Operation>
void run_on_processor(Function* function, QueueView queue, const Operation& op) {
  const Replicas all = queue.replicas;
  for (int r = all.first; r < all.first + all.count; ++r) {
    QueueView one = queue.replica(r);
    if (queue.workspace != nullptr) one.workspace += static_cast<std::size_t>(r) * queue.workspace_bytes;
    function(one, formula::at_replica(op, formula::replica_of(all, r)));
  }
}

/// One call for the variant that is chosen.
template <class Function, class Operation>
void run_on_processor(Function* generic, Function* v3, Function* v4, QueueView queue, const Operation& op) {
  switch (chosen_cpu_variant()) {
    case CpuVariant::v4:
      return run_on_processor(v4, queue, op);
    case CpuVariant::v3:
      return run_on_processor(v3, queue, op);
    default:
      return run_on_processor(generic, queue, op);
  }
}

template <class Function, class Operation>
void run(Function* generic, Function* v3, Function* v4, Function* cuda, QueueView queue,
         const Operation& op) {
  if (Rehearsal::current() != nullptr) return;
  if (queue.device == DeviceKind::cuda) return cuda(queue, op);
  run_on_processor(generic, v3, v4, queue, op);
}

/// The layer with its products' precision instead of the network's: one rule for every device.
template <class Layer>
Layer in_its_precision(Layer op) {
  op.precision = precision_of(op.shape, op.precision);
  return op;
}

std::int64_t elements(const SpectralNorm& op) {
  std::int64_t count = 0;
  for (std::int64_t l = 0; l < op.layers; ++l) count += op.layer[l].out * op.layer[l].in;
  return count;
}

}  // namespace

void observe_operations(OperationObserver* by) noexcept { observer = by; }

void adam(QueueView queue, const Adam& op) {
  const Observed observed(queue, "adam", op.n);
  run(cpu_generic::adam, cpu_v3::adam, cpu_v4::adam, cuda::adam, queue, op);
}
void concat(QueueView queue, const Concat& op) {
  const Observed observed(queue, "concat", op.rows * op.width());
  run(cpu_generic::concat, cpu_v3::concat, cpu_v4::concat, cuda::concat, queue, op);
}
void concat_backward(QueueView queue, const ConcatBackward& op) {
  const Observed observed(queue, "concat_backward", op.rows * op.width());
  run(cpu_generic::concat_backward, cpu_v3::concat_backward, cpu_v4::concat_backward, cuda::concat_backward,
      queue, op);
}
void dropout(QueueView queue, const Dropout& op) {
  const Observed observed(queue, "dropout", op.rows * op.width);
  run(cpu_generic::dropout, cpu_v3::dropout, cpu_v4::dropout, cuda::dropout, queue, op);
}
void gather_batch(QueueView queue, const GatherBatch& op) {
  const Observed observed(queue, "gather_batch", op.wanted() * op.width);
  run(cpu_generic::gather_batch, cpu_v3::gather_batch, cpu_v4::gather_batch, cuda::gather_batch, queue, op);
}
void gradient_norm(QueueView queue, const GradientNorm& op) {
  const Observed observed(queue, "gradient_norm", op.n);
  run(cpu_generic::gradient_norm, cpu_v3::gradient_norm, cpu_v4::gradient_norm, cuda::gradient_norm, queue,
      op);
}
void gradient_penalty(QueueView queue, const GradientPenalty& op) {
  const Observed observed(queue, "gradient_penalty", op.rows * op.width);
  run(cpu_generic::gradient_penalty, cpu_v3::gradient_penalty, cpu_v4::gradient_penalty,
      cuda::gradient_penalty, queue, op);
}
void instance_noise(QueueView queue, const InstanceNoise& op) {
  const Observed observed(queue, "instance_noise", op.n);
  run(cpu_generic::instance_noise, cpu_v3::instance_noise, cpu_v4::instance_noise, cuda::instance_noise,
      queue, op);
}
void kernel_sums(QueueView queue, const KernelSums& op) {
  const Observed observed(queue, "kernel_sums", op.n * (op.n + op.m) + op.m * op.m);
  run(cpu_generic::kernel_sums, cpu_v3::kernel_sums, cpu_v4::kernel_sums, cuda::kernel_sums, queue, op);
}
void linear_forward(QueueView queue, const LinearForward& asked) {
  const LinearForward op = in_its_precision(asked);
  if (Rehearsal* const rehearsal = Rehearsal::current()) return rehearsal->note(op);
  const Observed observed(queue, "linear_forward", op.shape, 1);
  run(cpu_generic::linear_forward, cpu_v3::linear_forward, cpu_v4::linear_forward, cuda::linear_forward,
      queue, op);
}
void linear_backward(QueueView queue, const LinearBackward& op) { linear_backward(queue, op, {}); }
void linear_backward(QueueView queue, const LinearBackward& asked, const LinearBackward& asked_beside) {
  const LinearBackward op = in_its_precision(asked), beside = in_its_precision(asked_beside);
  if (Rehearsal* const rehearsal = Rehearsal::current()) return rehearsal->note(op, beside);
  if (queue.device == DeviceKind::cuda) return cuda::linear_backward(queue, op, beside);
  for (const LinearBackward* one : {&op, &beside}) {
    if (one->dx == nullptr && one->dweight == nullptr) continue;
    {
      const Observed observed(queue, "linear_backward", one->shape,
                              (one->dx != nullptr) + (one->dweight != nullptr));
      run_on_processor(cpu_generic::linear_backward, cpu_v3::linear_backward, cpu_v4::linear_backward, queue,
                       *one);
    }
    if (one->update.state != nullptr) adam(queue, layer_update(*one));
  }
}
void linear_pair_forward(QueueView queue, const LinearPairForward& op) {
  const bool rehearsed = Rehearsal::current() != nullptr;
  if (rehearsed && in_one_launch(op)) return;
  if (queue.device == DeviceKind::cuda && !rehearsed)
    return cuda::linear_pair_forward(queue, {in_its_precision(op.first), in_its_precision(op.second)});
  linear_forward(queue, op.first);
  linear_forward(queue, op.second);
}
void linear_pair_backward(QueueView queue, const LinearPairBackward& op) {
  const bool rehearsed = Rehearsal::current() != nullptr;
  if (rehearsed && in_one_launch(op)) return;
  if (queue.device == DeviceKind::cuda && !rehearsed)
    return cuda::linear_pair_backward(queue, {in_its_precision(op.second), in_its_precision(op.first)});
  linear_backward(queue, op.second);
  linear_backward(queue, op.first);
}
void linear_tangent(QueueView queue, const LinearTangent& asked) {
  const LinearTangent op = in_its_precision(asked);
  if (Rehearsal* const rehearsal = Rehearsal::current()) return rehearsal->note(op);
  const Observed observed(queue, "linear_tangent", op.shape, 1);
  run(cpu_generic::linear_tangent, cpu_v3::linear_tangent, cpu_v4::linear_tangent, cuda::linear_tangent,
      queue, op);
}
void logit_loss(QueueView queue, const LogitLoss& op) {
  const std::int64_t products = op.rows + (op.dx != nullptr ? op.judged() : 0);
  const Observed observed(queue, Operation{"logit_loss", op.rows, op.in, 1, products * op.in});
  run(cpu_generic::logit_loss, cpu_v3::logit_loss, cpu_v4::logit_loss, cuda::logit_loss, queue, op);
}
void mixed_rows(QueueView queue, const MixedRows& op) {
  const Observed observed(queue, "mixed_rows", op.rows * op.width);
  run(cpu_generic::mixed_rows, cpu_v3::mixed_rows, cpu_v4::mixed_rows, cuda::mixed_rows, queue, op);
}
void norm_backward(QueueView queue, const NormBackward& op) {
  const Observed observed(queue, "norm_backward", op.rows * op.width);
  run(cpu_generic::norm_backward, cpu_v3::norm_backward, cpu_v4::norm_backward, cuda::norm_backward, queue,
      op);
}
void norm_forward(QueueView queue, const NormForward& op) {
  const Observed observed(queue, "norm_forward", op.rows * op.width);
  run(cpu_generic::norm_forward, cpu_v3::norm_forward, cpu_v4::norm_forward, cuda::norm_forward, queue, op);
}
void normal_fill(QueueView queue, const NormalFill& op) {
  const Observed observed(queue, "normal_fill", op.n);
  run(cpu_generic::normal_fill, cpu_v3::normal_fill, cpu_v4::normal_fill, cuda::normal_fill, queue, op);
}
void sliced_wasserstein(QueueView queue, const SlicedWasserstein& op) {
  const Observed observed(queue, "sliced_wasserstein", 2 * op.n * op.projections);
  run(cpu_generic::sliced_wasserstein, cpu_v3::sliced_wasserstein, cpu_v4::sliced_wasserstein,
      cuda::sliced_wasserstein, queue, op);
}
void spectral_gradient(QueueView queue, const SpectralNorm& op) {
  const Observed observed(queue, "spectral_gradient", elements(op));
  run(cpu_generic::spectral_gradient, cpu_v3::spectral_gradient, cpu_v4::spectral_gradient,
      cuda::spectral_gradient, queue, op);
}
void spectral_norm(QueueView queue, const SpectralNorm& op) {
  const Observed observed(queue, "spectral_norm", elements(op));
  run(cpu_generic::spectral_norm, cpu_v3::spectral_norm, cpu_v4::spectral_norm, cuda::spectral_norm, queue,
      op);
}
void step_begin(QueueView queue, const StepBegin& op) {
  const std::int64_t drawn = (op.noise.out != nullptr ? op.noise.n : 0) +
                             (op.rows.out != nullptr ? op.rows.wanted() * op.rows.width : 0);
  const Observed observed(queue, "step_begin", drawn);
  run(cpu_generic::step_begin, cpu_v3::step_begin, cpu_v4::step_begin, cuda::step_begin, queue, op);
}
void step_end(QueueView queue, const StepEnd& op) {
  const Observed observed(queue, "step_end", 1);
  run(cpu_generic::step_end, cpu_v3::step_end, cpu_v4::step_end, cuda::step_end, queue, op);
}
void step_end(QueueView queue, const StepEnd& op, const LinearBackward& first, const LinearBackward& second) {
  if (queue.device == DeviceKind::cuda) return cuda::step_end(queue, op, first, second);
  linear_backward(queue, first, second);
  step_end(queue, op);
}
void uniform_fill(QueueView queue, const UniformFill& op) {
  const Observed observed(queue, "uniform_fill", op.n);
  run(cpu_generic::uniform_fill, cpu_v3::uniform_fill, cpu_v4::uniform_fill, cuda::uniform_fill, queue, op);
}
double fma_peak(QueueView queue, double seconds) {
  if (queue.device == DeviceKind::cuda) return cuda::fma_peak(queue, seconds);
  switch (chosen_cpu_variant()) {
    case CpuVariant::v4:
      return cpu_v4::fma_peak(queue, seconds);
    case CpuVariant::v3:
      return cpu_v3::fma_peak(queue, seconds);
    default:
      return cpu_generic::fma_peak(queue, seconds);
  }
}

}  // namespace agon::kernels
