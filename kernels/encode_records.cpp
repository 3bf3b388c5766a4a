#include "kernels/encode_records.hpp"

#include "kernels/dispatch.hpp"

namespace agon::kernels {

void encode_records(QueueView queue, const EncodeRecords& op) {
  run(cpu_generic::encode_records, cpu_v3::encode_records, cpu_v4::encode_records, cuda::encode_records,
      queue, op);
}

}  // namespace agon::kernels
