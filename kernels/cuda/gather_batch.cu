#include "kernels/cuda/gather_batch.cuh"

#include "kernels/cuda/device/launch.cuh"

namespace agon::kernels::cuda {
namespace {

constexpr int kThreads = 128;

__global__ void __launch_bounds__(kThreads)
    gather_batch_kernel(GatherBatch first, std::int64_t count, ReplicaGrid grid) {
  wait_for_previous_kernel();
  gather_rows<kThreads>(at_replica(first, grid.mine()), count, blockIdx.x);
}

}  // namespace

void gather_batch(QueueView queue, const GatherBatch& op) {
  launch(queue, {.blocks = blocks_for(op.wanted(), kGatherRows), .threads = kThreads}, gather_batch_kernel,
         op, op.wanted(), ReplicaGrid(queue));
}

}  // namespace agon::kernels::cuda
