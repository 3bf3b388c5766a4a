#include "engine/training/launch_operands.hpp"

#include "kernels/random.hpp"

namespace agon {

using kernels::LinearBackward;
using kernels::LinearChoice;
using kernels::LinearChoices;
using kernels::LinearForward;
using Kind = LinearProduct::Kind;

namespace {

constexpr float kSlope = 0.2f;  // of a LeakyReLU; which one does not matter

double multiply_adds_of(const kernels::LinearShape& s) {
  return static_cast<double>(s.batch) * static_cast<double>(s.in) * static_cast<double>(s.out);
}

}  // namespace

template <class Allocator>
void LaunchOperands::lay_out(Allocator& memory) {
  const auto floats = [&](std::int64_t n) {
    return memory.template take<float>(static_cast<std::size_t>(n));
  };
  const auto lay_out_one = [&](const kernels::LinearShape& s, Memory& at) {
    at.x = floats(s.batch * s.in);
    at.weight = floats(s.out * s.in);
    at.bias = floats(s.out);
    at.z = floats(s.batch * s.out);
    at.dx = floats(s.batch * s.in);
    for (float*& buffer : at.flat) buffer = floats(s.out * s.in + s.out);
    at.state = memory.template take<kernels::AdamState>(1);
  };
  lay_out_one(launch_.first.shape, memory_[0]);
  if (launch_.beside) lay_out_one(launch_.beside->shape, memory_[1]);
}

LaunchOperands::LaunchOperands(const Queue& queue, const LinearLaunch& launch)
    : queue_(queue), launch_(launch), arena_(queue.device(), [this] {
        ArenaSize size;
        lay_out(size);
        stride_ = static_cast<std::int64_t>(size.bytes());
        return size.bytes() * static_cast<std::size_t>(launch_.replicas);
      }()) {
  lay_out(arena_);
  fill();
}

void LaunchOperands::fill() {
  constexpr std::uint64_t kSeed = 1, kCount = 0;
  const kernels::AdamState state{.step = 1,
                                 .rate = 0,
                                 .beta1 = 0.5,
                                 .beta2 = 0.999,
                                 .epsilon = 1e-8,
                                 .step_size = 0,
                                 .inv_sqrt_bias2 = 1};
  Buffer<std::uint64_t> counter(queue_.device(), 1);
  queue_.upload(counter.data(), std::span(&kCount, 1));
  kernels::uniform_fill(queue_, {.n = stride_ * launch_.replicas / static_cast<std::int64_t>(sizeof(float)),
                                 .out = memory_[0].x,  // where the arena begins
                                 .low = 0.0f,
                                 .high = 1.0f,
                                 .random = {kSeed, kernels::RandomPurpose::initialisation, counter.data()}});
  for (const Memory& memory : memory_)
    for (int r = 0; memory.state != nullptr && r < launch_.replicas; ++r)
      queue_.upload(
          reinterpret_cast<kernels::AdamState*>(reinterpret_cast<std::byte*>(memory.state) + r * stride_),
          std::span(&state, 1));
  queue_.wait();
}

QueueView LaunchOperands::queue() const {
  QueueView view = queue_;
  view.replicas = {0, launch_.replicas, stride_};
  return view;
}

LinearForward LaunchOperands::forward() const {
  return {.shape = launch_.first.shape,
          .x = memory_[0].x,
          .weight = memory_[0].weight,
          .bias = memory_[0].bias,
          .y = memory_[0].z,
          .slope = launch_.first.leaky ? kSlope : 1.0f,
          .precision = launch_.first.precision};
}

LinearBackward LaunchOperands::backward(const LinearProduct& product, const Memory& memory) const {
  LinearBackward op{.shape = product.shape,
                    .x = memory.x,
                    .weight = memory.weight,
                    .dz = memory.z,
                    .accumulate = product.accumulate,
                    .input_slope = product.leaky ? kSlope : 1.0f,
                    .precision = product.precision};
  if (product.kind == Kind::input_gradient) {
    op.dx = memory.dx;
    return op;
  }
  op.dweight = memory.flat[1];
  op.dbias = memory.flat[1] + product.shape.out * product.shape.in;
  if (product.update)
    op.update = {.n = product.shape.out * product.shape.in + product.shape.out,
                 .parameter = memory.flat[0],
                 .gradient = memory.flat[1],
                 .moment1 = memory.flat[2],
                 .moment2 = memory.flat[3],
                 .state = memory.state};
  return op;
}

LinearBackward LaunchOperands::beside() const {
  return launch_.beside ? backward(*launch_.beside, memory_[1]) : LinearBackward{};
}

std::vector<LinearChoices> LaunchOperands::candidates() const {
  if (launch_.beside) return kernels::linear_choices(queue(), backward(), beside());
  std::vector<LinearChoices> list;
  const std::vector<LinearChoice> ways = launch_.first.kind == Kind::forward
                                             ? kernels::linear_choices(queue(), forward())
                                             : kernels::linear_choices(queue(), backward());
  for (const LinearChoice& way : ways) list.push_back({way});
  return list;
}

void LaunchOperands::enqueue(QueueView queue, const LinearChoices& choices) const {
  if (launch_.first.kind == Kind::forward) {
    LinearForward op = forward();
    op.choice = choices.first;
    return kernels::linear_forward(queue, op);
  }
  LinearBackward op = backward(), other = beside();
  op.choice = choices.first;
  other.choice = choices.beside;
  kernels::linear_backward(queue, op, other);
}

double LaunchOperands::multiply_adds() const {
  const double one = multiply_adds_of(launch_.first.shape);
  return launch_.replicas * (launch_.beside ? one + multiply_adds_of(launch_.beside->shape) : one);
}

}  // namespace agon
