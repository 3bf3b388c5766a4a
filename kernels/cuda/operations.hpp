// Declares CUDA's form of every operation; kernels/dispatch.cpp chooses between it and the processor's.
#pragma once

#include "kernels/adam.hpp"
#include "kernels/fma_peak.hpp"
#include "kernels/gather_batch.hpp"
#include "kernels/linear.hpp"
#include "kernels/linear_pair.hpp"
#include "kernels/logit_loss.hpp"
#include "kernels/queue.hpp"
#include "kernels/random.hpp"
#include "kernels/sigmoid_bce.hpp"
#include "kernels/step.hpp"

namespace agon::kernels::cuda {

void adam(QueueView queue, const Adam& op);
void gather_batch(QueueView queue, const GatherBatch& op);
void linear_forward(QueueView queue, const LinearForward& op);
void linear_backward(QueueView queue, const LinearBackward& op, const LinearBackward& beside);
void linear_pair_forward(QueueView queue, const LinearPairForward& op);
void linear_pair_backward(QueueView queue, const LinearPairBackward& op);
void logit_loss(QueueView queue, const LogitLoss& op);
void normal_fill(QueueView queue, const NormalFill& op);
void sigmoid_bce(QueueView queue, const SigmoidBce& op);
void step_begin(QueueView queue, const StepBegin& op);
void step_end(QueueView queue, const StepEnd& op);
void step_end(QueueView queue, const StepEnd& op, const LinearBackward& first, const LinearBackward& second);
void uniform_fill(QueueView queue, const UniformFill& op);
double fma_peak(QueueView queue, double seconds);

}  // namespace agon::kernels::cuda
