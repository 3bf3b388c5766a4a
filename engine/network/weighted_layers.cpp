// The layers with weights: a linear layer, and a convolution.
#include "engine/network/layer.hpp"
#include "kernels/convolution.hpp"
#include "kernels/linear.hpp"
#include "kernels/linear_tangent.hpp"

namespace agon {

Passed Linear::forward(const Recording& r, Rows x) const {
  const Rows y = r.into != nullptr ? Rows{r.into, x.count, out}
                                   : r.rows(x.count, out, name + (biased ? " output" : " linear part"));
  r.program.add<kernels::linear_forward>({.shape = {x.count, in, out},
                                          .x = x.data,
                                          .weight = r.flat.weights() + weight,
                                          .bias = biased ? r.flat.value + bias : r.flat.no_bias,
                                          .y = y.data,
                                          .precision = r.sweep.precision});
  return {x, y};
}

Rows Linear::backward(const Recording& r, const Passed& passed, Rows dy, const Gradients& wanted) const {
  Rows dx;
  if (wanted.input) {
    dx = r.rows(dy.count, in, name + " input delta");
    r.program.add<kernels::linear_backward>({.shape = {dy.count, in, out},
                                             .x = passed.x.data,
                                             .weight = r.flat.weights() + weight,
                                             .dz = dy.data,
                                             .dx = dx.data,
                                             .precision = r.sweep.precision});
  }
  if (wanted.parameters) parameter_gradient(r, passed, dy, wanted);
  return dx;
}

void Linear::parameter_gradient(const Recording& r, const Passed& passed, Rows dy,
                                const Gradients& wanted) const {
  r.program.add<kernels::linear_backward>(
      {.shape = {dy.count, in, out},
       .x = passed.x.data,
       .dz = dy.data,
       .dweight = r.flat.gradient + weight,
       .dbias = biased ? r.flat.gradient + bias : r.flat.no_bias + unused_bias,
       .row_weight = wanted.row_weight,
       .accumulate = wanted.accumulate,
       .precision = r.sweep.precision});
}

Rows Linear::tangent(const Recording& r, const Passed&, Rows dx) const {
  const Rows dy = r.rows(dx.count, out, name + " tangent");
  r.program.add<kernels::linear_tangent>({.shape = {dx.count, in, out},
                                          .x = dx.data,
                                          .weight = r.flat.weights() + weight,
                                          .y = dy.data,
                                          .precision = r.sweep.precision});
  return dy;
}

ConvolutionShape Convolution::of(Rows images) const {
  ConvolutionShape all = shape;
  all.batch = images.count;
  return all;
}

Passed Convolution::forward(const Recording& r, Rows x) const {
  const std::int64_t columns = shape.out().size();
  const Rows y = r.into != nullptr ? Rows{r.into, x.count, columns}
                                   : r.rows(x.count, columns, name + (biased ? " output" : " linear part"));
  r.program.add<kernels::convolution_forward>({.shape = of(x),
                                               .x = x.data,
                                               .weight = r.flat.weights() + weight,
                                               .bias = biased ? r.flat.value + bias : r.flat.no_bias,
                                               .y = y.data,
                                               .precision = r.sweep.precision});
  return {x, y};
}

Rows Convolution::backward(const Recording& r, const Passed& passed, Rows dy, const Gradients& wanted) const {
  Rows dx;
  if (wanted.input) {
    dx = r.rows(dy.count, shape.in().size(), name + " input delta");
    r.program.add<kernels::convolution_backward>({.shape = of(dy),
                                                  .x = passed.x.data,
                                                  .weight = r.flat.weights() + weight,
                                                  .dz = dy.data,
                                                  .dx = dx.data,
                                                  .precision = r.sweep.precision});
  }
  if (wanted.parameters) parameter_gradient(r, passed, dy, wanted);
  return dx;
}

void Convolution::parameter_gradient(const Recording& r, const Passed& passed, Rows dy,
                                     const Gradients& wanted) const {
  r.program.add<kernels::convolution_backward>(
      {.shape = of(dy),
       .x = passed.x.data,
       .dz = dy.data,
       .dweight = r.flat.gradient + weight,
       .dbias = biased ? r.flat.gradient + bias : r.flat.no_bias + unused_bias,
       .row_weight = wanted.row_weight,
       .accumulate = wanted.accumulate,
       .precision = r.sweep.precision});
}

Rows Convolution::tangent(const Recording& r, const Passed&, Rows dx) const {
  const Rows dy = r.rows(dx.count, shape.out().size(), name + " tangent");
  r.program.add<kernels::convolution_tangent>({.shape = of(dx),
                                               .x = dx.data,
                                               .weight = r.flat.weights() + weight,
                                               .y = dy.data,
                                               .precision = r.sweep.precision});
  return dy;
}

}  // namespace agon
