#include <algorithm>
#include <optional>
#include <vector>

#include "engine/program/passes.hpp"
#include "engine/program/rewriter.hpp"
#include "kernels/activation.hpp"
#include "kernels/batch_classes.hpp"
#include "kernels/columns.hpp"
#include "kernels/convolution.hpp"
#include "kernels/dropout.hpp"
#include "kernels/gather_batch.hpp"
#include "kernels/linear.hpp"
#include "kernels/norm.hpp"
#include "kernels/random.hpp"
#include "kernels/record_heads.hpp"

namespace agon {
namespace {

using kernels::BatchClasses;
using kernels::Columns;
using kernels::ConvolutionForward;
using kernels::GatherBatch;
using kernels::LinearForward;
using kernels::NormalFill;
using kernels::NormForward;
using kernels::RecordHeads;

/// A run of elements.
struct Run {
  const float* first = nullptr;
  std::int64_t count = 0;

  bool precedes(const Run& next) const {
    return first == nullptr ? next.first == nullptr : first + count == next.first;
  }
};

bool same_stream(const kernels::RandomStream& a, const kernels::RandomStream& b) {
  return a.seed == b.seed && a.purpose == b.purpose && a.step == b.step;
}

// Of an operation that goes over rows: inputs() and outputs(), runs in the order of its rows; whether `b`
// does to its rows what `a` does (same_layer()); and both, once all runs of `b` follow those of `a`
// (together()).

std::vector<Run> inputs(const LinearForward& op) { return {{op.x, op.shape.batch * op.shape.in}}; }
std::vector<Run> outputs(const LinearForward& op) { return {{op.y, op.shape.batch * op.shape.out}}; }
bool same_layer(const LinearForward& a, const LinearForward& b) {
  return a.weight == b.weight && a.bias == b.bias && a.slope == b.slope && a.precision == b.precision &&
         a.shape.in == b.shape.in && a.shape.out == b.shape.out;
}
LinearForward together(LinearForward a, const LinearForward& b) {
  a.shape.batch += b.shape.batch;
  return a;
}

std::vector<Run> inputs(const ConvolutionForward& op) { return {{op.x, op.shape.in_size()}}; }
std::vector<Run> outputs(const ConvolutionForward& op) { return {{op.y, op.shape.out_size()}}; }
bool same_layer(const ConvolutionForward& a, const ConvolutionForward& b) {
  kernels::ConvolutionShape shape = a.shape;
  shape.batch = b.shape.batch;
  return a.weight == b.weight && a.bias == b.bias && a.slope == b.slope && a.precision == b.precision &&
         shape == b.shape;
}
ConvolutionForward together(ConvolutionForward a, const ConvolutionForward& b) {
  a.shape.batch += b.shape.batch;
  return a;
}

std::vector<Run> inputs(const NormForward& op) { return {{op.x, op.rows * op.width}}; }
std::vector<Run> outputs(const NormForward& op) {
  const bool batch = op.kind == kernels::NormKind::batch;
  return {{op.y, op.rows * op.width},
          {op.normalised.own, op.rows * op.width},
          {op.inverse_deviation, batch ? op.rows / op.group * op.width : op.rows}};
}
bool same_layer(const NormForward& a, const NormForward& b) {
  const bool same_groups =
      a.kind != kernels::NormKind::batch || (a.group == b.group && a.rows % a.group == 0);
  return same_groups && a.kind == b.kind && a.gamma == b.gamma && a.beta == b.beta && a.slope == b.slope &&
         a.running_mean == b.running_mean && a.width == b.width;
}
NormForward together(NormForward a, const NormForward& b) {
  a.rows += b.rows;
  return a;
}

std::vector<Run> inputs(const kernels::Activation& op) { return {{op.y, op.n}}; }
std::vector<Run> outputs(const kernels::Activation&) { return {}; }
bool same_layer(const kernels::Activation& a, const kernels::Activation& b) {
  return a.kind == b.kind && a.slope == b.slope;
}
kernels::Activation together(kernels::Activation a, const kernels::Activation& b) {
  a.n += b.n;
  return a;
}

std::vector<Run> inputs(const kernels::Dropout& op) { return {{op.x, op.rows * op.width}}; }
std::vector<Run> outputs(const kernels::Dropout&) { return {}; }
bool same_layer(const kernels::Dropout& a, const kernels::Dropout& b) {
  const bool goes_on = a.segment == b.segment && a.segment_stride == b.segment_stride &&
                       a.rows % a.segment == 0 &&
                       a.first_row + a.rows / a.segment * a.segment_stride == b.first_row;
  return goes_on && a.width == b.width && a.first_block == b.first_block && a.probability == b.probability &&
         same_stream(a.random, b.random);
}
kernels::Dropout together(kernels::Dropout a, const kernels::Dropout& b) {
  a.rows += b.rows;
  return a;
}

std::vector<Run> inputs(const Columns& op) {
  std::vector<Run> runs{{op.from, op.rows * op.from_width}};
  if (op.adds && !op.plus.in_place()) runs.push_back({op.plus.own, op.rows * op.to_width});
  return runs;
}
std::vector<Run> outputs(const Columns& op) { return {{op.to, op.rows * op.to_width}}; }
bool same_layer(const Columns& a, const Columns& b) {
  return a.width == b.width && a.from_width == b.from_width && a.first_from == b.first_from &&
         a.to_width == b.to_width && a.first_to == b.first_to && a.adds == b.adds &&
         a.plus.in_place() == b.plus.in_place();
}
Columns together(Columns a, const Columns& b) {
  a.rows += b.rows;
  return a;
}

std::vector<Run> inputs(const RecordHeads& op) { return {{op.scores, op.rows * op.shape.scores()}}; }
std::vector<Run> outputs(const RecordHeads& op) { return {{op.y, op.rows * op.shape.width()}}; }
bool same_layer(const RecordHeads& a, const RecordHeads& b) {
  return a.shape.head_first == b.shape.head_first && a.shape.gate == b.shape.gate;
}
RecordHeads together(RecordHeads a, const RecordHeads& b) {
  a.rows += b.rows;
  return a;
}

std::vector<Run> inputs(const NormalFill&) { return {}; }
std::vector<Run> outputs(const NormalFill& op) { return {{op.out, op.n}}; }
bool same_layer(const NormalFill& a, const NormalFill& b) {
  return same_stream(a.random, b.random) && a.first + a.n == b.first;
}
NormalFill together(NormalFill a, const NormalFill& b) {
  a.n += b.n;
  return a;
}

/// The same rows of the table, to two places.
std::vector<Run> inputs(const GatherBatch&) { return {}; }
std::vector<Run> outputs(const GatherBatch&) { return {}; }
bool same_layer(const GatherBatch& a, const GatherBatch& b) {
  return a.table == b.table && a.bytes == b.bytes && a.rows == b.rows && a.width == b.width &&
         a.batch == b.batch && a.first == b.first && a.wanted() == b.wanted() && a.seed == b.seed &&
         a.step == b.step && a.of_step == b.of_step && a.number == b.number && a.again == nullptr &&
         b.again == nullptr;
}
GatherBatch together(GatherBatch a, const GatherBatch& b) {
  a.again = b.out;
  return a;
}

std::vector<Run> inputs(const BatchClasses&) { return {}; }
std::vector<Run> outputs(const BatchClasses&) { return {}; }
bool same_layer(const BatchClasses& a, const BatchClasses& b) {
  return a.classes == b.classes && a.rows == b.rows && a.width == b.width && a.batch == b.batch &&
         a.levels == b.levels && a.first == b.first && a.wanted() == b.wanted() && a.seed == b.seed &&
         a.step == b.step && a.of_step == b.of_step && a.number == b.number && a.again == nullptr &&
         b.again == nullptr;
}
BatchClasses together(BatchClasses a, const BatchClasses& b) {
  a.chosen_again = b.chosen, a.again = b.out;
  return a;
}

bool all_follow(const std::vector<Run>& first, const std::vector<Run>& second) {
  return std::ranges::equal(first, second, [](const Run& a, const Run& b) { return a.precedes(b); });
}

/// With operations `i` and `j` as one, at `i`; nothing where they cannot be. Temporaries that they write are
/// brought together.
template <auto Enqueue>
std::optional<Rewriter> merged(Rewriter rewriter, std::size_t i, std::size_t j) {
  using Op = typename DescriptorOf<decltype(Enqueue)>::Type;
  const auto at = [&](std::size_t k) -> const Op& { return *rewriter[k].template as<Op>(); };
  if (!same_layer(at(i), at(j)) || !all_follow(inputs(at(i)), inputs(at(j)))) return {};
  const std::vector<Run> first = outputs(at(i)), second = outputs(at(j));
  for (std::size_t k = 0; k < first.size(); ++k)
    rewriter.join(first[k].first, first[k].count * std::int64_t{sizeof(float)}, second[k].first);
  if (!all_follow(outputs(at(i)), outputs(at(j))) || !rewriter.can_move(j, i + 1)) return {};
  rewriter.move(j, i + 1);
  rewriter.merge(i, 2, Operation::of<Enqueue>(together(at(i), at(i + 1))));
  return rewriter;
}

/// Merges operation `i` with later ones that go on where it ends and can come this far.
template <auto Enqueue>
void merge_at(Rewriter& rewriter, std::size_t i) {
  using Op = typename DescriptorOf<decltype(Enqueue)>::Type;
  if (rewriter[i].as<Op>() == nullptr) return;
  for (std::size_t j = i + 1; j < rewriter.size(); ++j) {
    if (rewriter[j].as<Op>() == nullptr) continue;
    if (std::optional<Rewriter> both = merged<Enqueue>(rewriter, i, j)) rewriter = *std::move(both);
  }
}

}  // namespace

Program merge_sweeps(const Program& program) {
  Rewriter rewriter(program);
  for (std::size_t i = 0; i < rewriter.size(); ++i) {
    merge_at<kernels::normal_fill>(rewriter, i);
    merge_at<kernels::gather_batch>(rewriter, i);
    merge_at<kernels::batch_classes>(rewriter, i);
    merge_at<kernels::linear_forward>(rewriter, i);
    merge_at<kernels::convolution_forward>(rewriter, i);
    merge_at<kernels::norm_forward>(rewriter, i);
    merge_at<kernels::activation>(rewriter, i);
    merge_at<kernels::dropout>(rewriter, i);
    merge_at<kernels::columns>(rewriter, i);
    merge_at<kernels::record_heads>(rewriter, i);
  }
  return std::move(rewriter).done();
}

}  // namespace agon
