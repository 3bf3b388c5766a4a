// oneDNN's matmul behind the linear layer: primitives are created once per shape and thread.
#include "kernels/cpu/linear/library.hpp"

#include <omp.h>

#include <map>
#include <oneapi/dnnl/dnnl.hpp>
#include <tuple>

#include "kernels/error.hpp"

namespace agon::kernels {
namespace {

using Dimension = dnnl::memory::dim;

/// C(m, n) = A(m, k) B(k, n), each dense; a transposed operand is stored (k, m) or (n, k).
struct Key {
  Dimension m, n, k;
  bool a_transposed, b_transposed;
  bool bias;
  float slope;
  int threads;  // oneDNN plans for the number of threads it sees at creation

  auto operator<=>(const Key&) const = default;
};

struct Operands {
  const float* a;
  const float* b;
  const float* bias;
  float* c;
};

dnnl::engine& engine() {
  static dnnl::engine instance(dnnl::engine::kind::cpu, 0);
  return instance;
}

dnnl::memory::desc matrix(Dimension rows, Dimension columns, bool transposed) {
  using dnnl::memory;
  return memory::desc({rows, columns}, memory::data_type::f32,
                      transposed ? memory::dims{1, rows} : memory::dims{columns, 1});
}

class Matmul {
 public:
  explicit Matmul(const Key& key) {
    using dnnl::memory;
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    if (key.slope != 1.0f) {
      dnnl::post_ops after;
      after.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, key.slope, 0.0f);
      attributes.set_post_ops(after);
    }
    const memory::desc a = matrix(key.m, key.k, key.a_transposed), b = matrix(key.k, key.n, key.b_transposed);
    const memory::desc c = matrix(key.m, key.n, false);
    const memory::desc bias({1, key.n}, memory::data_type::f32, memory::dims{key.n, 1});
    const dnnl::matmul::desc description =
        key.bias ? dnnl::matmul::desc(a, b, bias, c) : dnnl::matmul::desc(a, b, c);
    const dnnl::matmul::primitive_desc plan(description, attributes, engine());
    primitive_ = dnnl::matmul(plan);
    bind(DNNL_ARG_SRC, a);
    bind(DNNL_ARG_WEIGHTS, b);
    bind(DNNL_ARG_DST, c);
    if (key.bias) bind(DNNL_ARG_BIAS, bias);
    scratch_bytes_ = plan.scratchpad_desc().get_size();
    bind(DNNL_ARG_SCRATCHPAD, plan.scratchpad_desc());
  }

  void run(QueueView queue, const Operands& operands) {
    if (scratch_bytes_ > queue.workspace_bytes) {
      throw Error("oneDNN asks for more scratch than the queue's workspace holds; use the own backend");
    }
    point(DNNL_ARG_SRC, const_cast<float*>(operands.a));
    point(DNNL_ARG_WEIGHTS, const_cast<float*>(operands.b));
    point(DNNL_ARG_DST, operands.c);
    if (operands.bias != nullptr) point(DNNL_ARG_BIAS, const_cast<float*>(operands.bias));
    point(DNNL_ARG_SCRATCHPAD, queue.workspace);
    static thread_local dnnl::stream stream(engine());
    primitive_.execute(stream, arguments_);
    stream.wait();
  }

 private:
  void bind(int argument, const dnnl::memory::desc& description) {
    arguments_.emplace(argument, dnnl::memory(description, engine(), DNNL_MEMORY_NONE));
  }
  void point(int argument, void* data) { arguments_.at(argument).set_data_handle(data); }

  dnnl::matmul primitive_;
  std::unordered_map<int, dnnl::memory> arguments_;
  std::size_t scratch_bytes_ = 0;
};

/// oneDNN takes its thread count from OpenMP's setting.
class ThreadCount {
 public:
  explicit ThreadCount(int threads) : before_(omp_get_max_threads()) { omp_set_num_threads(threads); }
  ~ThreadCount() { omp_set_num_threads(before_); }
  ThreadCount(const ThreadCount&) = delete;
  ThreadCount& operator=(const ThreadCount&) = delete;

 private:
  int before_;
};

void multiply(QueueView queue, const Key& key, const Operands& operands) try {
  // Per thread, because the argument map is rewritten on every call.
  static thread_local std::map<Key, Matmul> cache;
  const ThreadCount threads(key.threads);
  auto found = cache.find(key);
  if (found == cache.end()) found = cache.try_emplace(key, key).first;
  found->second.run(queue, operands);
} catch (const dnnl::error& error) {
  throw Error(std::string("oneDNN matmul: ") + error.what());
}

}  // namespace

void library_linear_forward(QueueView queue, const LinearForward& op) {
  const auto [batch, in, out] = op.shape;
  multiply(queue, {batch, out, in, false, true, true, op.slope, queue.threads},
           {op.x, op.weight, op.bias, op.y});
}

void library_linear_backward(QueueView queue, const LinearBackward& op) {
  const auto [batch, in, out] = op.shape;
  if (op.dx != nullptr) {
    multiply(queue, {batch, in, out, false, false, false, 1.0f, queue.threads},
             {op.dz, op.weight, nullptr, op.dx});
  }
  if (op.dweight != nullptr) {
    multiply(queue, {out, in, batch, true, false, false, 1.0f, queue.threads},
             {op.dz, op.x, nullptr, op.dweight});
  }
}

}  // namespace agon::kernels
