// oneDNN's matmul behind the linear layer: primitives are created once per shape and thread.
#include "kernels/cpu/linear/library.hpp"

#include <omp.h>

#include <map>
#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <unordered_map>

#include "kernels/error.hpp"

namespace agon::kernels {
namespace {

using Dimension = dnnl::memory::dim;

/// A product by all that oneDNN plans for.
struct Key {
  Dimension m, n, k, lda, ldb, ldc;
  bool a_transposed, b_transposed;
  bool bias;
  float slope;

  auto operator<=>(const Key&) const = default;
};

dnnl::engine& engine() {
  static dnnl::engine instance(dnnl::engine::kind::cpu, 0);
  return instance;
}

dnnl::memory::desc matrix(Dimension rows, Dimension columns, Dimension stride, bool transposed) {
  using dnnl::memory;
  return memory::desc({rows, columns}, memory::data_type::f32,
                      transposed ? memory::dims{1, stride} : memory::dims{stride, 1});
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
    const memory::desc a = matrix(key.m, key.k, key.lda, key.a_transposed);
    const memory::desc b = matrix(key.k, key.n, key.ldb, key.b_transposed);
    const memory::desc c = matrix(key.m, key.n, key.ldc, false);
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

  void run(const LibraryProduct& product, void* scratch, std::size_t scratch_bytes) {
    if (scratch_bytes_ > scratch_bytes) {
      throw Error("oneDNN asks for more scratch than the queue's workspace holds; use the own backend");
    }
    point(DNNL_ARG_SRC, product.a);
    point(DNNL_ARG_WEIGHTS, product.b);
    point(DNNL_ARG_DST, product.c);
    if (product.bias != nullptr) point(DNNL_ARG_BIAS, product.bias);
    point(DNNL_ARG_SCRATCHPAD, scratch);
    static thread_local dnnl::stream stream(engine());
    primitive_.execute(stream, arguments_);
    stream.wait();
  }

 private:
  void bind(int argument, const dnnl::memory::desc& description) {
    arguments_.emplace(argument, dnnl::memory(description, engine(), DNNL_MEMORY_NONE));
  }
  void point(int argument, const void* data) {
    arguments_.at(argument).set_data_handle(const_cast<void*>(data));
  }

  dnnl::matmul primitive_;
  std::unordered_map<int, dnnl::memory> arguments_;
  std::size_t scratch_bytes_ = 0;
};

/// oneDNN would make threads of its own: as many as OpenMP's setting for the calling thread says.
class OneThread {
 public:
  OneThread() : before_(omp_get_max_threads()) { omp_set_num_threads(1); }
  ~OneThread() { omp_set_num_threads(before_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

}  // namespace

void library_multiply(const LibraryProduct& p, void* scratch, std::size_t scratch_bytes) try {
  // Per thread, because the argument map is rewritten on every call.
  static thread_local std::map<Key, Matmul> cache;
  const Key key{p.m,    p.n, p.k, p.lda, p.ldb, p.ldc, p.a_transposed, p.b_transposed, p.bias != nullptr,
                p.slope};
  const OneThread one;
  auto found = cache.find(key);
  if (found == cache.end()) found = cache.try_emplace(key, key).first;
  found->second.run(p, scratch, scratch_bytes);
} catch (const dnnl::error& error) {
  throw Error(std::string("oneDNN matmul: ") + error.what());
}

}  // namespace agon::kernels
