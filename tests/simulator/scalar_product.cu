// Kernels of single tiles on ScalarProduct.
#include "tests/simulator/scalar_product.hpp"

#include "kernels/cuda/device/tile.cuh"
#include "tests/simulator/language_launch.hpp"

namespace agon::simulator {
namespace {

using namespace kernels::cuda;
using kernels::Precision;

template <class Shape, Precision P, Order A, Order B>
__global__ void __launch_bounds__(Shape::kThreads)
    tile_kernel(Operand a, Operand b, std::int64_t k, float* c) {
  using Tile = TileProduct<Shape, ScalarProduct<Shape, P, A, B>, A, B>;
  AGON_SHARED(float, shared, [Tile::kShared]);
  NoWatch nothing;
  Tile tile(a, 0, b, 0, 0, static_cast<int>(k));
  tile.run(shared, nothing, [&](int, int row, int column, float value) {
    if (row < a.rows && column < b.rows) c[row * b.rows + column] = value;
  });
}

template <class Shape, Precision P, Order A, Order B>
std::vector<float> run_tile(const ScalarProblem& p) {
  const language::Array<float> a(p.a), b(p.b), c(static_cast<std::size_t>(p.rows * p.columns));
  language::run({.threads = Shape::kThreads}, tile_kernel<Shape, P, A, B>,
                operand(a.get(), A == Order::k_inner ? p.k : p.rows, p.rows),
                operand(b.get(), B == Order::k_inner ? p.k : p.columns, p.columns), p.k, c.get());
  return c.values();
}

template <class Shape, Precision P>
std::vector<float> run_orders(const ScalarProblem& p) {
  if (p.outer_a) return run_tile<Shape, P, Order::k_outer, Order::k_outer>(p);
  return p.outer_b ? run_tile<Shape, P, Order::k_inner, Order::k_outer>(p)
                   : run_tile<Shape, P, Order::k_inner, Order::k_inner>(p);
}

template <class Shape>
std::vector<float> run_precision(const ScalarProblem& p) {
  return p.precision == Precision::tf32 ? run_orders<Shape, Precision::tf32>(p)
                                        : run_orders<Shape, Precision::bf16>(p);
}

}  // namespace

std::vector<float> scalar_product(const ScalarProblem& problem) {
  return problem.shape == 0   ? run_precision<SmallTile>(problem)
         : problem.shape == 1 ? run_precision<MediumTile>(problem)
                              : run_precision<LargeTile>(problem);
}

}  // namespace agon::simulator
