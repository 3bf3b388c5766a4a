// The pass that copies no rows which the next operation changes.
#include <optional>

#include "engine/program/passes.hpp"
#include "engine/program/rewriter.hpp"
#include "kernels/activation.hpp"
#include "kernels/columns.hpp"

namespace agon {
namespace {

using kernels::ActivationBackward;
using kernels::Columns;

bool is_copy(const Columns& op) { return !op.adds; }

/// The copy's rows take the place of what is there to be added to.
std::optional<Operation> sum_with_copied(const Columns& copy, const Columns& sum) {
  const bool same_place = copy.to == sum.to && copy.rows == sum.rows && copy.width == sum.width &&
                          copy.first_to == sum.first_to && copy.to_width == sum.to_width;
  const bool laid_out_alike = copy.from_width == copy.to_width && copy.first_from == copy.first_to;
  if (!is_copy(copy) || !sum.adds || !sum.plus.in_place() || !same_place || !laid_out_alike) return {};
  Columns op = sum;
  op.plus = {copy.from};
  return Operation::of<kernels::columns>(op);
}

std::optional<Operation> derivative_of_copied(const Columns& copy, const ActivationBackward& derivative) {
  const bool whole =
      copy.width == copy.from_width && copy.width == copy.to_width && copy.rows * copy.width == derivative.n;
  if (!is_copy(copy) || !whole || !derivative.dy.in_place() || derivative.gradient != copy.to) return {};
  ActivationBackward op = derivative;
  op.dy = {copy.from};
  return Operation::of<kernels::activation_backward>(op);
}

}  // namespace

Program copy_with_next(const Program& program) {
  return merge_in_a_row<Columns, ActivationBackward>(
      merge_in_a_row<Columns, Columns>(program, sum_with_copied), derivative_of_copied);
}

}  // namespace agon
