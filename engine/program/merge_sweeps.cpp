#include <optional>

#include "engine/program/passes.hpp"
#include "engine/program/rewriter.hpp"
#include "kernels/concat.hpp"
#include "kernels/gather_batch.hpp"
#include "kernels/linear.hpp"
#include "kernels/norm.hpp"
#include "kernels/random.hpp"

namespace agon {
namespace {

using kernels::Concat;
using kernels::GatherBatch;
using kernels::LinearForward;
using kernels::NormalFill;
using kernels::NormForward;

/// Whether `next` begins where `n` elements from `first` on end; two that are not there do.
bool follows(const float* first, std::int64_t n, const float* next) {
  return first == nullptr ? next == nullptr : first + n == next;
}

// One operation of two, of which the second goes on where the first ends; nothing where it does not.

std::optional<LinearForward> both(LinearForward a, const LinearForward& b) {
  const bool same_layer = a.weight == b.weight && a.bias == b.bias && a.slope == b.slope &&
                          a.precision == b.precision && a.shape.in == b.shape.in &&
                          a.shape.out == b.shape.out;
  if (!same_layer || !follows(a.x, a.shape.batch * a.shape.in, b.x) ||
      !follows(a.y, a.shape.batch * a.shape.out, b.y))
    return {};
  a.shape.batch += b.shape.batch;
  return a;
}

std::optional<NormForward> both(NormForward a, const NormForward& b) {
  const bool batch = a.kind == kernels::NormKind::batch;
  const bool same_layer = a.kind == b.kind && a.gamma == b.gamma && a.beta == b.beta && a.slope == b.slope &&
                          a.y_stride == b.y_stride && a.running_mean == b.running_mean && a.width == b.width;
  const bool same_groups = !batch || (a.group == b.group && a.rows % a.group == 0);
  if (!same_layer || !same_groups || !follows(a.x, a.rows * a.width, b.x) ||
      !follows(a.y, a.rows * a.y_stride, b.y) ||
      !follows(a.inverse_deviation, batch ? a.rows / a.group * a.width : a.rows, b.inverse_deviation))
    return {};
  a.rows += b.rows;
  return a;
}

std::optional<Concat> both(Concat a, const Concat& b) {
  if (a.first_width != b.first_width || a.second_width != b.second_width ||
      !follows(a.first, a.rows * a.first_width, b.first) ||
      !follows(a.second, a.rows * a.second_width, b.second) || !follows(a.y, a.rows * a.width(), b.y))
    return {};
  a.rows += b.rows;
  return a;
}

std::optional<NormalFill> both(NormalFill a, const NormalFill& b) {
  const bool same_stream = a.random.seed == b.random.seed && a.random.purpose == b.random.purpose &&
                           a.random.step == b.random.step;
  if (!same_stream || a.first + a.n != b.first || !follows(a.out, a.n, b.out)) return {};
  a.n += b.n;
  return a;
}

/// The same rows of the table, to two places.
std::optional<GatherBatch> both(GatherBatch a, const GatherBatch& b) {
  const bool same_rows = a.table == b.table && a.rows == b.rows && a.width == b.width && a.batch == b.batch &&
                         a.first == b.first && a.wanted() == b.wanted() && a.seed == b.seed &&
                         a.step == b.step && a.of_step == b.of_step && a.number == b.number;
  if (!same_rows || a.again != nullptr || b.again != nullptr) return {};
  a.again = b.out;
  return a;
}

/// Merges operation `i` with the first later one that goes on where it ends and can come this far.
template <auto Enqueue>
void merge_at(Rewriter& rewriter, std::size_t i) {
  using Op = typename DescriptorOf<decltype(Enqueue)>::Type;
  if (rewriter[i].as<Op>() == nullptr) return;
  for (std::size_t j = i + 1; j < rewriter.size(); ++j) {
    const Op* const other = rewriter[j].as<Op>();
    if (other == nullptr) continue;
    const std::optional<Op> merged = both(*rewriter[i].as<Op>(), *other);
    if (!merged || !rewriter.can_move(j, i + 1)) continue;
    rewriter.move(j, i + 1);
    rewriter.merge(i, 2, Operation::of<Enqueue>(*merged));
  }
}

}  // namespace

Program merge_sweeps(const Program& program) {
  Rewriter rewriter(program);
  for (std::size_t i = 0; i < rewriter.size(); ++i) {
    merge_at<kernels::normal_fill>(rewriter, i);
    merge_at<kernels::gather_batch>(rewriter, i);
    merge_at<kernels::linear_forward>(rewriter, i);
    merge_at<kernels::norm_forward>(rewriter, i);
    merge_at<kernels::concat>(rewriter, i);
  }
  return std::move(rewriter).done();
}

}  // namespace agon
