// Which of tile.cuh's products a precision takes.
#pragma once

#include <type_traits>

#include "kernels/cuda/tile.cuh"
#include "kernels/linear.hpp"

namespace agon::kernels::cuda {

template <class Shape, Precision P, Order A, Order B>
using ProductFor = std::conditional_t<P == Precision::tf32 && kTensorCoresTakeTf32, Tf32Product<Shape, A, B>,
                                      Fp32Product<Shape, A, B>>;

}  // namespace agon::kernels::cuda
