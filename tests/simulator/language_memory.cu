// Kernels of loads, stores, asynchronous copies, and arithmetic on bits.
#include "tests/simulator/language_kernels.hpp"
#include "tests/simulator/language_launch.hpp"

namespace agon::simulator::language {
namespace {

// Source: CUDA C++ Programming Guide, "Built-in Vector Types", table of alignments.
template <class Vector>
constexpr bool takes(std::size_t bytes, std::size_t alignment) {
  return sizeof(Vector) == bytes && alignof(Vector) == alignment;
}
static_assert(takes<char2>(2, 2) && takes<char3>(3, 1) && takes<char4>(4, 4) && takes<uchar4>(4, 4));
static_assert(takes<short1>(2, 2) && takes<short2>(4, 4) && takes<short3>(6, 2) && takes<ushort4>(8, 8));
static_assert(takes<int1>(4, 4) && takes<int2>(8, 8) && takes<int3>(12, 4) && takes<int4>(16, 16));
static_assert(takes<uint1>(4, 4) && takes<uint2>(8, 8) && takes<uint3>(12, 4) && takes<uint4>(16, 16));
static_assert(takes<float1>(4, 4) && takes<float2>(8, 8) && takes<float3>(12, 4) && takes<float4>(16, 16));
static_assert(takes<double2>(16, 16) && takes<dim3>(12, 4));

using kernels::cuda::copy_async;
using kernels::cuda::copy_async_commit;
using kernels::cuda::copy_async_wait;

/// Three stages in turn, two groups always under way.
template <int bytes>
__global__ void copy_in_stages(const float* in, const unsigned* valid, float* out, int chunks) {
  constexpr int kWords = bytes / 4;
  AGON_SHARED(float, stage, [3][32 * kWords]);
  const int lane = static_cast<int>(threadIdx.x);
  const auto start = [&](int chunk) {
    const int i = 32 * chunk + lane;
    if (chunk < chunks) copy_async<bytes>(&stage[chunk % 3][lane * kWords], in + i * kWords, valid[i] != 0);
    copy_async_commit();
  };
  start(0);
  start(1);
  for (int chunk = 0; chunk < chunks; ++chunk) {
    start(chunk + 2);
    copy_async_wait<2>();
    __syncthreads();
    for (int k = 0; k < kWords; ++k)
      out[(32 * chunk + lane) * kWords + k] = stage[chunk % 3][(31 - lane) * kWords + k];
    __syncthreads();
  }
}

/// A group of two copies, and one the wait for which says that three, two, one, none are still under way.
__global__ void copy_stepwise(const float* in, float* out) {
  AGON_SHARED(float, stage, [4][64]);
  const int lane = static_cast<int>(threadIdx.x);
  for (int group = 0; group < 4; ++group) {
    copy_async<4>(&stage[group][lane], in + 64 * group + lane, true);
    copy_async<4>(&stage[group][lane + 32], in + 64 * group + lane + 32, true);
    copy_async_commit();
  }
  const auto tell = [&](int group) {
    for (int i = lane; i < 64; i += 32) out[64 * group + i] = stage[group][i];
  };
  copy_async_wait<3>();
  tell(0);
  copy_async_wait<2>();
  tell(1);
  copy_async_wait<1>();
  tell(2);
  copy_async_wait<0>();
  tell(3);
}

__global__ void copy_and_probe(const float* in, float* out, float before) {
  AGON_SHARED(float, stage, [32]);
  const unsigned lane = threadIdx.x;
  stage[lane] = before;
  copy_async<4>(stage + lane, in + lane, true);
  copy_async_commit();
  out[lane] = *const_cast<volatile float*>(stage + lane);
  copy_async_wait<0>();
  out[32 + lane] = stage[lane];
}

template <class Vector>
__device__ void move_plainly(const std::uint32_t* in, std::uint32_t* out, unsigned i) {
  reinterpret_cast<Vector*>(out)[i] = reinterpret_cast<const Vector*>(in)[i];
}

/// Thread i moves a vector; 16 bytes each at most.
__global__ void move_all(const std::uint32_t* in, std::uint32_t* out, unsigned words, int way) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  const unsigned size = way == 1 || way == 7 ? 2 : way == 0 || way == 8 ? 1 : 4;
  if (i * size >= words) return;
  const auto* const four = reinterpret_cast<const float4*>(in) + i;
  auto* const to = reinterpret_cast<float4*>(out) + i;
  if (way == 0) move_plainly<float>(in, out, i);
  if (way == 1) move_plainly<float2>(in, out, i);
  if (way == 2) move_plainly<float4>(in, out, i);
  if (way == 3) move_plainly<int4>(in, out, i);
  if (way == 4) move_plainly<double2>(in, out, i);
  if (way == 5) __stwb(to, __ldg(four));
  if (way == 6) __stcg(to, __ldca(four));
  if (way == 7) __stcs(reinterpret_cast<float2*>(out) + i, __ldcg(reinterpret_cast<const float2*>(in) + i));
  if (way == 8) __stwt(out + i, __ldcs(in + i));
  if (way == 9) {
    const float4 value = __ldlu(four), again = __ldcv(four);
    *to = make_float4(value.x, again.y, value.z, again.w);
  }
}

__global__ void take_bits(const unsigned* values, const unsigned* others, Bits* out) {
  const unsigned value = values[threadIdx.x];
  Bits& mine = out[threadIdx.x];
  mine.as_uint = __float_as_uint(__uint_as_float(value));
  mine.as_int = __float_as_int(__uint_as_float(value));
  mine.of_int = __float_as_uint(__int_as_float(static_cast<int>(value)));
  mine.ones = __popc(value);
  mine.leading = __clz(static_cast<int>(value));
  mine.first = __ffs(static_cast<int>(value));
  mine.backwards = __brev(value);
  mine.high = __umulhi(value, others[threadIdx.x]);
}

__global__ void calculate(const float* as, const float* bs, Arithmetic* out) {
  const float a = as[threadIdx.x], b = bs[threadIdx.x];
  Arithmetic& mine = out[threadIdx.x];
  mine.fma = __fmaf_rn(a, b, a);
  mine.sum = __fadd_rn(a, b);
  mine.product = __fmul_rn(a, b);
  mine.quotient = __fdiv_rn(b, a);
  mine.fast_quotient = __fdividef(b, a);
  mine.root = __fsqrt_rn(a);
  mine.reciprocal = __frcp_rn(a);
  mine.reciprocal_root = rsqrtf(a);
  mine.saturated = __saturatef(b);
  mine.exponential = __expf(b);
  mine.logarithm = __logf(a);
  mine.sine = __sinf(b);
  mine.cosine = __cosf(b);
  mine.power = __powf(a, b);
}

}  // namespace

std::vector<float> copied(int bytes, const std::vector<float>& values, const std::vector<unsigned>& valid) {
  const Array<float> in(values), out(values.size());
  const Array<unsigned> is_valid(valid);
  run({}, bytes == 4 ? copy_in_stages<4> : copy_in_stages<16>, in.get(), is_valid.get(), out.get(),
      static_cast<int>(valid.size() / 32));
  return out.values();
}

std::vector<float> copied_stepwise(const std::vector<float>& values) {
  const Array<float> in(values), out(values.size());
  run({}, copy_stepwise, in.get(), out.get());
  return out.values();
}

std::vector<float> copied_too_early(const std::vector<float>& values, float before) {
  const Array<float> in(values), out(2 * values.size());
  run({}, copy_and_probe, in.get(), out.get(), before);
  return out.values();
}

std::vector<std::uint32_t> moved(const std::vector<std::uint32_t>& words, int way) {
  const Array<std::uint32_t> in(words), out(words.size());
  const auto count = static_cast<unsigned>(words.size());
  run({.blocks = (count + 63) / 64, .threads = 64}, move_all, in.get(), out.get(), count, way);
  return out.values();
}

std::vector<Bits> bits_of(const std::vector<unsigned>& values, const std::vector<unsigned>& others) {
  const Array<unsigned> in(values), with(others);
  const Array<Bits> out(values.size());
  run({.threads = static_cast<unsigned>(values.size())}, take_bits, in.get(), with.get(), out.get());
  return out.values();
}

std::vector<Arithmetic> arithmetic_of(const std::vector<float>& a, const std::vector<float>& b) {
  const Array<float> left(a), right(b);
  const Array<Arithmetic> out(a.size());
  run({.threads = static_cast<unsigned>(a.size())}, calculate, left.get(), right.get(), out.get());
  return out.values();
}

}  // namespace agon::simulator::language
