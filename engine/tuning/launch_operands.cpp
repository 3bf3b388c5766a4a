#include "engine/tuning/launch_operands.hpp"

#include "kernels/convolution_algorithms.hpp"
#include "kernels/linear_algorithms.hpp"
#include "kernels/random.hpp"

namespace agon {

using kernels::ConvolutionBackward;
using kernels::ConvolutionForward;
using kernels::ConvolutionTangent;
using kernels::LayerChoice;
using kernels::LayerChoices;
using kernels::LinearBackward;
using kernels::LinearForward;
using kernels::LinearTangent;
using Kind = LayerProduct::Kind;

namespace {

constexpr float kSlope = 0.2f;  // of a LeakyReLU; which one does not matter

double multiply_adds_of(const kernels::LinearShape& s) {
  return static_cast<double>(s.batch) * static_cast<double>(s.in) * static_cast<double>(s.out);
}

template <class T>
T* in_replica(T* pointer, int replica, std::int64_t stride) {
  return reinterpret_cast<T*>(reinterpret_cast<std::byte*>(pointer) + replica * stride);
}

/// What an operation's kind has functions for.
void run(QueueView queue, const LinearForward& op) { kernels::linear_forward(queue, op); }
void run(QueueView queue, const LinearTangent& op) { kernels::linear_tangent(queue, op); }
void run(QueueView queue, const LinearBackward& op) { kernels::linear_backward(queue, op); }
void run(QueueView queue, const ConvolutionForward& op) { kernels::convolution_forward(queue, op); }
void run(QueueView queue, const ConvolutionTangent& op) { kernels::convolution_tangent(queue, op); }
void run(QueueView queue, const ConvolutionBackward& op) { kernels::convolution_backward(queue, op); }

template <class Operation>
std::vector<LayerChoice> choices_of(QueueView queue, const Operation& op) {
  if constexpr (requires { kernels::linear_choices(queue, op); })
    return kernels::linear_choices(queue, op);
  else
    return kernels::convolution_choices(queue, op);
}

}  // namespace

LaunchOperands::Sizes::Sizes(const LayerProduct& product) {
  if (const auto& c = product.convolution) {
    batch = c->batch, in = c->in().size(), out = c->out().size();
    weights = c->weights(), biases = c->out().channels;
  } else {
    const kernels::LinearShape& s = product.shape;
    batch = s.batch, in = s.in, out = s.out;
    weights = s.out * s.in, biases = s.out;
  }
}

void LaunchOperands::lay_out(Memory& memory) {
  const auto floats = [&](std::int64_t n) { return memory.floats(n, {}); };
  const auto lay_out_one = [&](const LayerProduct& product, Operands& at) {
    const Sizes s(product);
    at.x = floats(s.batch * s.in);
    at.weight = floats(s.weights);
    at.bias = floats(s.biases);
    at.z = floats(s.batch * s.out);
    at.dx = floats(s.batch * s.in);
    at.row_weight = floats(s.batch);
    if (product.kind == Kind::tangent) at.activation = floats(s.batch * s.out);
    for (float*& buffer : at.flat) buffer = floats(s.parameters());
    at.state = memory.take<kernels::AdamState>(1);
  };
  lay_out_one(launch_.first, memory_[0]);
  if (launch_.beside) lay_out_one(*launch_.beside, memory_[1]);
}

LaunchOperands::LaunchOperands(const Queue& queue, const LayerLaunch& launch)
    : queue_(queue),
      launch_(launch),
      arena_(queue.device(),
             [this] {
               ArenaSize size;
               lay_out(size);
               stride_ = static_cast<std::int64_t>(size.used());
               return size.used() * static_cast<std::size_t>(launch_.replicas);
             }()),
      counter_(queue.device(), 1) {
  lay_out(arena_);
  fill();
}

void LaunchOperands::fill() {
  constexpr std::uint64_t kCount = 0;
  const kernels::AdamState state{.step = 1,
                                 .rate = 0,
                                 .beta1 = 0.5,
                                 .beta2 = 0.999,
                                 .epsilon = 1e-8,
                                 .step_size = 0,
                                 .inv_sqrt_bias2 = 1};
  queue_.upload(counter_.data(), std::span(&kCount, 1));
  fill(memory_[0].x, stride_ / static_cast<std::int64_t>(sizeof(float)), -1, 1);  // where the arena begins
  const auto finish = [&](const LayerProduct& product, const Operands& memory) {
    const Sizes s(product);
    fill(memory.x, s.in, 0, 0);
    fill(memory.flat[3], s.parameters(), 0, 1);  // squares
    for (int r = 0; r < launch_.replicas; ++r)
      queue_.upload(in_replica(memory.state, r, stride_), std::span(&state, 1));
  };
  finish(launch_.first, memory_[0]);
  if (launch_.beside) finish(*launch_.beside, memory_[1]);
  queue_.wait();
}

void LaunchOperands::fill(float* first, std::int64_t n, float low, float high) const {
  constexpr std::uint64_t kSeed = 1;
  for (int r = 0; r < launch_.replicas; ++r)
    kernels::uniform_fill(queue_, {.n = n,
                                   .out = in_replica(first, r, stride_),
                                   .low = low,
                                   .high = high,
                                   .random = {kSeed + static_cast<std::uint64_t>(r),
                                              kernels::RandomPurpose::initialisation, counter_.data()}});
}

void LaunchOperands::add_outputs(const LayerProduct& product, const Operands& memory,
                                 std::vector<Output>& list) {
  const Sizes s(product);
  switch (product.kind) {
    case Kind::forward:
      return list.push_back({product, memory.z, s.batch * s.out, false});
    case Kind::tangent:
      list.push_back({product, memory.z, s.batch * s.out, false});
      return list.push_back({product, memory.activation, s.batch * s.out, true});
    case Kind::input_gradient:
      return list.push_back({product, memory.dx, s.batch * s.in, false});
    default:
      return list.push_back({product, memory.flat[1], s.parameters(), product.accumulate});
  }
}

std::vector<LaunchOperands::Output> LaunchOperands::outputs() const {
  std::vector<Output> list;
  add_outputs(launch_.first, memory_[0], list);
  if (launch_.beside) add_outputs(*launch_.beside, memory_[1], list);
  return list;
}

void LaunchOperands::forget() const {
  constexpr float kNever = 1e30f;
  for (const Output& output : outputs())
    fill(output.values, output.n, output.reads ? -1 : kNever, output.reads ? 1 : kNever);
}

std::vector<LayerOutcome> LaunchOperands::outcomes() const {
  std::vector<LayerOutcome> all;
  for (const Output& output : outputs()) {
    const auto n = static_cast<std::size_t>(output.n);
    all.push_back({output.product, std::vector<float>(n * static_cast<std::size_t>(launch_.replicas))});
    const std::span values(all.back().values);
    for (int r = 0; r < launch_.replicas; ++r)
      queue_.download(values.subspan(n * static_cast<std::size_t>(r), n),
                      static_cast<const float*>(in_replica(output.values, r, stride_)));
  }
  return all;
}

QueueView LaunchOperands::queue() const {
  QueueView view = queue_;
  view.replicas = {0, launch_.replicas, stride_};
  return view;
}

template <class Operation, class Shape>
Operation LaunchOperands::forward(const Shape& shape) const {
  return {.shape = shape,
          .x = memory_[0].x,
          .weight = memory_[0].weight,
          .bias = memory_[0].bias,
          .y = memory_[0].z,
          .slope = launch_.first.leaky ? kSlope : 1.0f,
          .precision = launch_.first.precision};
}

template <class Operation, class Shape>
Operation LaunchOperands::tangent(const Shape& shape) const {
  return {.shape = shape,
          .x = memory_[0].x,
          .weight = memory_[0].weight,
          .activation = memory_[0].activation,
          .row_weight = memory_[0].row_weight,
          .y = memory_[0].z,
          .slope = kSlope,
          .precision = launch_.first.precision};
}

template <class Operation, class Shape>
Operation LaunchOperands::backward(const Shape& shape, const LayerProduct& product, const Operands& memory) {
  Operation op{.shape = shape, .x = memory.x, .weight = memory.weight, .dz = memory.z};
  op.accumulate = product.accumulate;
  op.input_slope = product.leaky ? kSlope : 1.0f;
  op.precision = product.precision;
  if (product.kind == Kind::input_gradient) {
    op.dx = memory.dx;
    return op;
  }
  op.dweight = memory.flat[1];
  op.dbias = memory.flat[1] + Sizes(product).weights;
  if (product.weighted) op.row_weight = memory.row_weight;
  return op;
}

LinearBackward LaunchOperands::linear_backward(const LayerProduct& product, const Operands& memory) {
  LinearBackward op = backward<LinearBackward>(product.shape, product, memory);
  if (product.update)
    op.update = {.n = Sizes(product).parameters(),
                 .parameter = memory.flat[0],
                 .gradient = memory.flat[1],
                 .moment1 = memory.flat[2],
                 .moment2 = memory.flat[3],
                 .state = memory.state};
  return op;
}

LinearBackward LaunchOperands::beside() const {
  return launch_.beside ? linear_backward(*launch_.beside, memory_[1]) : LinearBackward{};
}

template <class Use>
auto LaunchOperands::with_operation(const Use& use) const {
  const LayerProduct& p = launch_.first;
  const auto& convolution = p.convolution;
  switch (p.kind) {
    case Kind::forward:
      return convolution ? use(forward<ConvolutionForward>(*convolution))
                         : use(forward<LinearForward>(p.shape));
    case Kind::tangent:
      return convolution ? use(tangent<ConvolutionTangent>(*convolution))
                         : use(tangent<LinearTangent>(p.shape));
    default:
      return convolution ? use(backward<ConvolutionBackward>(*convolution, p, memory_[0]))
                         : use(linear_backward(p, memory_[0]));
  }
}

std::vector<LayerChoices> LaunchOperands::candidates() const {
  if (launch_.beside)
    return kernels::linear_choices(queue(), linear_backward(launch_.first, memory_[0]), beside());
  return with_operation([&](const auto& op) {
    std::vector<LayerChoices> list;
    for (const LayerChoice& algorithm : choices_of(queue(), op)) list.push_back({algorithm});
    return list;
  });
}

void LaunchOperands::enqueue(QueueView queue, const LayerChoices& choices) const {
  if (launch_.beside) {
    LinearBackward op = linear_backward(launch_.first, memory_[0]), other = beside();
    op.choice = choices.first;
    other.choice = choices.beside;
    return kernels::linear_backward_beside(queue, {op, other});
  }
  with_operation([&](auto op) {
    op.choice = choices.first;
    run(queue, op);
  });
}

double LaunchOperands::multiply_adds() const {
  const double one = multiply_adds_of(launch_.first.shape);
  return launch_.replicas * (launch_.beside ? one + multiply_adds_of(launch_.beside->shape) : one);
}

}  // namespace agon
