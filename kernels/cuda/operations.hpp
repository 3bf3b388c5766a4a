// Declares CUDA's form of every operation; kernels/dispatch.cpp chooses between it and the processor's.
#pragma once

#include "kernels/adam.hpp"
#include "kernels/concat.hpp"
#include "kernels/dropout.hpp"
#include "kernels/fma_peak.hpp"
#include "kernels/gather_batch.hpp"
#include "kernels/gradient_norm.hpp"
#include "kernels/gradient_penalty.hpp"
#include "kernels/instance_noise.hpp"
#include "kernels/kernel_sums.hpp"
#include "kernels/linear.hpp"
#include "kernels/linear_algorithms.hpp"
#include "kernels/linear_pair.hpp"
#include "kernels/linear_tangent.hpp"
#include "kernels/logit_loss.hpp"
#include "kernels/mixed_rows.hpp"
#include "kernels/norm.hpp"
#include "kernels/queue.hpp"
#include "kernels/random.hpp"
#include "kernels/sliced_wasserstein.hpp"
#include "kernels/spectral_norm.hpp"
#include "kernels/step.hpp"

namespace agon::kernels::cuda {

void adam(QueueView queue, const Adam& op);
void concat(QueueView queue, const Concat& op);
void concat_backward(QueueView queue, const ConcatBackward& op);
void dropout(QueueView queue, const Dropout& op);
void gather_batch(QueueView queue, const GatherBatch& op);
void gradient_penalty(QueueView queue, const GradientPenalty& op);
void instance_noise(QueueView queue, const InstanceNoise& op);
void kernel_sums(QueueView queue, const KernelSums& op);
void gradient_norm(QueueView queue, const GradientNorm& op);
void linear_forward(QueueView queue, const LinearForward& op);
void linear_backward(QueueView queue, const LinearBackward& op, const LinearBackward& beside);
void linear_pair_forward(QueueView queue, const LinearPairForward& op);
void linear_pair_backward(QueueView queue, const LinearPairBackward& op);
void linear_tangent(QueueView queue, const LinearTangent& op);
void logit_loss(QueueView queue, const LogitLoss& op);
void mixed_rows(QueueView queue, const MixedRows& op);
void norm_backward(QueueView queue, const NormBackward& op);
void norm_forward(QueueView queue, const NormForward& op);
void normal_fill(QueueView queue, const NormalFill& op);
void sliced_wasserstein(QueueView queue, const SlicedWasserstein& op);
void spectral_gradient(QueueView queue, const SpectralNorm& op);
void spectral_norm(QueueView queue, const SpectralNorm& op);
void step_begin(QueueView queue, const StepBegin& op);
void step_end(QueueView queue, const StepEnd& op);
void step_end(QueueView queue, const StepEnd& op, const LinearBackward& first, const LinearBackward& second);
void uniform_fill(QueueView queue, const UniformFill& op);
double fma_peak(QueueView queue, double seconds);

std::vector<LinearChoice> linear_choices(QueueView queue, const LinearForward& op);
std::vector<LinearChoice> linear_choices(QueueView queue, const LinearTangent& op);
std::vector<LinearChoice> linear_choices(QueueView queue, const LinearBackward& op);
std::vector<LinearChoices> linear_choices(QueueView queue, const LinearBackward& op,
                                          const LinearBackward& beside);
std::string linear_library_version();

}  // namespace agon::kernels::cuda
