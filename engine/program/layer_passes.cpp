// Passes that give a layer's operation what follows it: its activation, its loss.
#include <optional>

#include "engine/program/passes.hpp"
#include "engine/program/rewriter.hpp"
#include "kernels/activation.hpp"
#include "kernels/convolution.hpp"
#include "kernels/linear.hpp"
#include "kernels/linear_tangent.hpp"
#include "kernels/logit_loss.hpp"
#include "kernels/loss_gradient.hpp"
#include "kernels/norm.hpp"

namespace agon {
namespace {

using kernels::ActivationBackward;
using kernels::ConvolutionBackward;
using kernels::ConvolutionForward;
using kernels::ConvolutionTangent;
using kernels::LinearBackward;
using kernels::LinearForward;
using kernels::LogitLoss;
using kernels::LossGradient;
using kernels::NormForward;
using kernels::UnitRows;
using kernels::WeightedRows;

using Merged = std::optional<Operation>;

/// An Activation or an ActivationBackward.
template <class Op>
bool is_leaky(const Op* op) {
  return op != nullptr && op->kind == kernels::ActivationKind::leaky_relu;
}

// Elements of a layer's input and output.
std::int64_t input_elements(const LinearBackward& op) { return op.shape.batch * op.shape.in; }
std::int64_t input_elements(const ConvolutionBackward& op) { return op.shape.in_size(); }
template <class Op>
std::int64_t output_elements(const Op& op) {
  return op.shape.batch * op.shape.out;
}
std::int64_t output_elements(const NormForward& op) { return op.rows * op.width; }
std::int64_t output_elements(const ConvolutionForward& op) { return op.shape.out_size(); }
std::int64_t output_elements(const ConvolutionTangent& op) { return op.shape.out_size(); }

/// The layer with the activation, where it is one of that kind and its output is what follows.
template <auto Enqueue>
Merged activated(const Operation& layer, const kernels::Activation& follows) {
  using Op = typename DescriptorOf<decltype(Enqueue)>::Type;
  const auto* const its = layer.as<Op>();
  if (its == nullptr || its->y != follows.y || its->slope != 1.0f || output_elements(*its) != follows.n)
    return {};
  Op op = *its;
  op.slope = follows.slope;
  return Operation::of<Enqueue>(op);
}

Merged with_activation(const Operation& layer, const kernels::Activation& follows) {
  if (Merged op = activated<kernels::linear_forward>(layer, follows)) return op;
  if (Merged op = activated<kernels::convolution_forward>(layer, follows)) return op;
  return activated<kernels::norm_forward>(layer, follows);
}

template <auto Enqueue>
Merged backward_with(const Operation& layer, const ActivationBackward& follows) {
  using Op = typename DescriptorOf<decltype(Enqueue)>::Type;
  const auto* const back = layer.as<Op>();
  if (back == nullptr || back->dx != follows.gradient || back->x != follows.y || back->input_slope != 1.0f ||
      input_elements(*back) != follows.n)
    return {};
  Op op = *back;
  op.input_slope = follows.slope;
  return Operation::of<Enqueue>(op);
}

template <auto Enqueue>
Merged tangent_with(const Operation& layer, const ActivationBackward& follows) {
  using Op = typename DescriptorOf<decltype(Enqueue)>::Type;
  const auto* const tangent = layer.as<Op>();
  if (tangent == nullptr || tangent->y != follows.gradient || tangent->activation != nullptr ||
      output_elements(*tangent) != follows.n)
    return {};
  Op op = *tangent;
  op.activation = const_cast<float*>(follows.y);  // read, unless it has row weights
  op.slope = follows.slope;
  return Operation::of<Enqueue>(op);
}

Merged with_derivative(const Operation& layer, const ActivationBackward& follows) {
  if (!follows.dy.in_place()) return {};
  if (Merged op = backward_with<kernels::linear_backward>(layer, follows)) return op;
  if (Merged op = backward_with<kernels::convolution_backward>(layer, follows)) return op;
  if (Merged op = tangent_with<kernels::linear_tangent>(layer, follows)) return op;
  return tangent_with<kernels::convolution_tangent>(layer, follows);
}

template <auto Enqueue>
Merged weighted_tangent(const Operation& layer, const WeightedRows& follows) {
  using Op = typename DescriptorOf<decltype(Enqueue)>::Type;
  const auto* const tangent = layer.as<Op>();
  if (tangent == nullptr || tangent->y != follows.y || tangent->activation != follows.x ||
      tangent->row_weight != nullptr || tangent->shape.batch != follows.rows ||
      output_elements(*tangent) != follows.rows * follows.width)
    return {};
  Op op = *tangent;
  op.row_weight = follows.row_weight;
  return Operation::of<Enqueue>(op);
}

Merged with_weights(const Operation& layer, const WeightedRows& follows) {
  if (Merged op = weighted_tangent<kernels::linear_tangent>(layer, follows)) return op;
  return weighted_tangent<kernels::convolution_tangent>(layer, follows);
}

/// Puts what `merge` makes of an earlier operation and operation `i` in the place of both, where it makes
/// something of one, and operation `i` can come there. Returns whether.
template <class Merge>
bool merge_back(Rewriter& rewriter, std::size_t i, const Merge& merge) {
  for (std::size_t earlier = i; earlier-- > 0;) {
    const Merged merged = merge(rewriter[earlier]);
    if (!merged || !rewriter.can_move(i, earlier + 1)) continue;
    rewriter.move(i, earlier + 1);
    rewriter.merge(earlier, 2, *merged);
    return true;
  }
  return false;
}

bool merge_follower(Rewriter& rewriter, std::size_t i) {
  const Operation follower = rewriter[i];
  if (const auto* const op = follower.as<kernels::Activation>(); is_leaky(op))
    return merge_back(rewriter, i, [&](const Operation& layer) { return with_activation(layer, *op); });
  if (const auto* const op = follower.as<ActivationBackward>(); is_leaky(op))
    return merge_back(rewriter, i, [&](const Operation& layer) { return with_derivative(layer, *op); });
  if (const auto* const op = follower.as<WeightedRows>())
    return merge_back(rewriter, i, [&](const Operation& layer) { return with_weights(layer, *op); });
  return false;
}

/// The operation `i`, where it is of this type and there is one.
template <class Op>
const Op* at(const Rewriter& rewriter, std::size_t i) {
  return i < rewriter.size() ? rewriter[i].as<Op>() : nullptr;
}

/// Of logits that a layer with one output has just made, the loss and what can follow.
std::optional<LogitLoss> loss_behind(const LinearForward& layer, const LossGradient& loss) {
  const bool of_layer = layer.shape.out == 1 && layer.slope == 1.0f &&
                        loss.logits[0] == layer.y + loss.bare &&
                        loss.logits[1] == loss.logits[0] + loss.count[0] &&
                        loss.bare + loss.count[0] + loss.count[1] == layer.shape.batch;
  const bool kept = loss.kept[0] != nullptr && (loss.count[1] == 0 || loss.kept[1] != nullptr);
  if (!of_layer || !kept) return {};
  return LogitLoss{.rows = layer.shape.batch,
                   .in = layer.shape.in,
                   .bare = loss.bare,
                   .split = loss.count[0],
                   .x = layer.x,
                   .weight = layer.weight,
                   .bias = layer.bias,
                   .logits = {loss.kept[0], loss.kept[1]},
                   .dlogits = loss.dlogits,
                   .term = {loss.term[0], loss.term[1]},
                   .scale = {loss.scale[0], loss.scale[1]}};
}

/// The layer `i`, its loss, and what follows of it, as one.
void merge_loss(Rewriter& rewriter, std::size_t i) {
  const auto* const layer = at<LinearForward>(rewriter, i);
  const auto* const loss = at<LossGradient>(rewriter, i + 1);
  if (layer == nullptr || loss == nullptr) return;
  const auto* const logits = reinterpret_cast<const std::byte*>(layer->y);
  const auto* const end =
      reinterpret_cast<const std::byte*>(layer->y + layer->shape.batch * layer->shape.out);
  if (!rewriter.forgotten(i, 2).covers(logits, end)) return;  // somebody else wants them
  std::optional<LogitLoss> op = loss_behind(*layer, *loss);
  if (!op) return;
  std::size_t count = 2;
  if (const auto* const unit = at<UnitRows>(rewriter, i + count);
      unit != nullptr && unit->dlogits == op->dlogits && unit->rows == op->judged()) {
    op->unit_first = unit->first, op->unit_rows = unit->count, op->row_weight = unit->row_weight;
    ++count;
  }
  if (const auto* const back = at<LinearBackward>(rewriter, i + count);
      back != nullptr && back->dz == op->dlogits && back->weight == op->weight && back->x == op->x &&
      back->dweight == nullptr && back->shape.batch == op->judged()) {
    op->dx = back->dx, op->input_slope = back->input_slope;
    ++count;
  }
  rewriter.merge(i, count, Operation::of<kernels::logit_loss>(*op));
}

}  // namespace

Program activation_with_layer(const Program& program) {
  Rewriter rewriter(program);
  for (std::size_t i = 0; i < rewriter.size(); ++i)
    if (merge_follower(rewriter, i)) --i;
  return std::move(rewriter).done();
}

Program loss_with_layer(const Program& program) {
  Rewriter rewriter(program);
  for (std::size_t i = 0; i < rewriter.size(); ++i) merge_loss(rewriter, i);
  return std::move(rewriter).done();
}

}  // namespace agon
