#include "kernels/mixed_rows.hpp"

#include "kernels/cpu/variant.hpp"
#include "kernels/formula/philox.hpp"
#include "kernels/formula/uniform.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

constexpr std::int64_t kParallelFrom =
    8 * 1024;  // numbers; fewer are done before the other threads are awake

float uniform_number(const MixedRows& op, std::uint64_t step, std::int64_t element) {
  const formula::PhiloxBlock block =
      formula::random_block(op.random.seed, static_cast<std::uint32_t>(op.random.purpose), step,
                            static_cast<std::uint32_t>(element / 4));
  return formula::uniform(block.word[element % 4]);
}

void mix_row(const MixedRows& op, std::uint64_t step, std::int64_t r) {
  const float share = uniform_number(op, step, op.first + r);
  for (std::int64_t i = r * op.width; i < (r + 1) * op.width; ++i)
    op.out[i] = formula::mixed(share, op.real[i], op.fake[i]);
}

void perturb_row(const MixedRows& op, std::uint64_t step, std::int64_t r) {
  const float reach = 0.5f * *op.deviation;
  for (std::int64_t i = r * op.width; i < (r + 1) * op.width; ++i)
    op.out[i] = formula::fused(reach, uniform_number(op, step, op.first * op.width + i), op.real[i]);
}

}  // namespace

void mixed_rows(QueueView queue, const MixedRows& op) {
  const std::uint64_t step = op.random.step != nullptr ? *op.random.step : 0;
#pragma omp parallel for schedule(static) num_threads(queue.threads) if (op.rows * op.width >= kParallelFrom)
  for (std::int64_t r = 0; r < op.rows; ++r)
    op.fake != nullptr ? mix_row(op, step, r) : perturb_row(op, step, r);
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
