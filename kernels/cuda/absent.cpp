// CUDA's operations in a build without CUDA. No Device of such a build is CUDA's, so only a hand-made queue
// gets here.
#include "kernels/cuda/operations.hpp"
#include "kernels/error.hpp"

namespace agon::kernels::cuda {
namespace {

[[noreturn]] void absent() { throw DeviceError("this build has no CUDA"); }

}  // namespace

void adam(QueueView, const Adam&) { absent(); }
void concat(QueueView, const Concat&) { absent(); }
void concat_backward(QueueView, const ConcatBackward&) { absent(); }
void dropout(QueueView, const Dropout&) { absent(); }
void gather_batch(QueueView, const GatherBatch&) { absent(); }
void gradient_penalty(QueueView, const GradientPenalty&) { absent(); }
void instance_noise(QueueView, const InstanceNoise&) { absent(); }
void kernel_sums(QueueView, const KernelSums&) { absent(); }
void gradient_norm(QueueView, const GradientNorm&) { absent(); }
void linear_forward(QueueView, const LinearForward&) { absent(); }
void linear_backward(QueueView, const LinearBackward&, const LinearBackward&) { absent(); }
void linear_pair_forward(QueueView, const LinearPairForward&) { absent(); }
void linear_pair_backward(QueueView, const LinearPairBackward&) { absent(); }
void linear_tangent(QueueView, const LinearTangent&) { absent(); }
void logit_loss(QueueView, const LogitLoss&) { absent(); }
void mixed_rows(QueueView, const MixedRows&) { absent(); }
void norm_backward(QueueView, const NormBackward&) { absent(); }
void norm_forward(QueueView, const NormForward&) { absent(); }
void normal_fill(QueueView, const NormalFill&) { absent(); }
void sliced_wasserstein(QueueView, const SlicedWasserstein&) { absent(); }
void spectral_gradient(QueueView, const SpectralNorm&) { absent(); }
void spectral_norm(QueueView, const SpectralNorm&) { absent(); }
void step_begin(QueueView, const StepBegin&) { absent(); }
void step_end(QueueView, const StepEnd&) { absent(); }
void step_end(QueueView, const StepEnd&, const LinearBackward&, const LinearBackward&) { absent(); }
void uniform_fill(QueueView, const UniformFill&) { absent(); }
double fma_peak(QueueView, double) { absent(); }
std::vector<LinearChoice> linear_choices(QueueView, const LinearForward&) { absent(); }
std::vector<LinearChoice> linear_choices(QueueView, const LinearTangent&) { absent(); }
std::vector<LinearChoice> linear_choices(QueueView, const LinearBackward&) { absent(); }
std::vector<LinearChoices> linear_choices(QueueView, const LinearBackward&, const LinearBackward&) {
  absent();
}
std::string linear_library_version() { return {}; }

}  // namespace agon::kernels::cuda
