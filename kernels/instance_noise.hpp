// Noise on what the discriminator sees.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/backends.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/queue.hpp"
#include "kernels/random.hpp"

namespace agon::kernels {

/// rows += s e, e standard normal: elements [first, first + n) of the stream (kernels/random.hpp,
/// NormalFill); s falls linearly from `deviation` at step 0 to nothing at step `steps`, *random.step being
/// the step, and stays as it is where steps is 0.
struct InstanceNoise {
  static constexpr std::string_view kName = "instance_noise";
  std::int64_t n = 0;
  std::int64_t first = 0;  ///< a multiple of 4
  float* rows = nullptr;   ///< (n), updated
  float* clean = nullptr;  ///< (n): gets the rows as they were; or null
  float deviation = 0.0f;
  std::uint64_t steps = 0;
  RandomStream random;
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, InstanceNoise& op) {
  v.updates(op.rows, op.n);
  v.writes(op.clean, op.n);
  visit_operands(v, op.random);
}

/// Source: Sonderby et al., "Amortised MAP inference for image super-resolution" (2017), section 3.3.
void instance_noise(QueueView queue, const InstanceNoise& op);
AGON_ON_BACKENDS(void instance_noise(QueueView queue, const InstanceNoise& op));

}  // namespace agon::kernels
