// Every tile of the linear layer's kernels, its tangent's among them, at every edge: sizes one below, at, and
// one above multiples of it, in every precision. A device with the right number of multiprocessors makes the
// plan choose the tile.
#include <algorithm>
#include <optional>

#include "kernels/cuda/linear/estimate.hpp"
#include "tests/kernels/linear_tangent_oracle.hpp"
#include "tests/simulator/simulator.hpp"

namespace agon::test {
namespace {

using kernels::LinearShape;
using kernels::Precision;
using kernels::cuda::TileKind;

struct Tile {
  TileKind kind;
  const char* name;
  std::int64_t rows, columns, depth;
};
constexpr Tile kTiles[] = {{TileKind::small, "small", 16, 32, 64},
                           {TileKind::medium, "medium", 64, 64, 32},
                           {TileKind::large, "large", 128, 128, 16}};

/// How far from multiples of the tile's rows, columns and depth.
struct Edge {
  std::int64_t rows, columns, depth;
};

struct Chosen {
  LinearShape shape;
  int multiprocessors;
};

/// The least work for which `takes(shape, multiprocessors)`, of shapes made from multiples up to 5.
template <class MakeShape, class Takes>
std::optional<Chosen> find_shape(const MakeShape& make, const Takes& takes) {
  std::optional<Chosen> best;
  const auto work = [](const LinearShape& s) { return s.batch * s.in * s.out; };
  for (std::int64_t a = 1; a <= 5; ++a)
    for (std::int64_t b = 1; b <= 5; ++b)
      for (std::int64_t c = 1; c <= 5; ++c) {
        const LinearShape shape = make(a, b, c);
        if (best && work(best->shape) <= work(shape)) continue;
        for (const int multiprocessors : {1, 2, 4, 8, 16, 32, 132, 1000})
          if (takes(shape, multiprocessors)) best = {shape, multiprocessors};
      }
  return best;
}

class LinearTiles : public TangentOnDevice {
 protected:
  void TearDown() override {
    simulator::options().multiprocessors = before_;
    TangentOnDevice::TearDown();
  }

  TangentOracle prepare(const Chosen& chosen, Precision p) {
    precision = p;
    simulator::options().multiprocessors = chosen.multiprocessors;
    return TangentOracle(chosen.shape, generator_);
  }

  void compare_forward(const Chosen& chosen, Precision p) {
    const TangentOracle data = prepare(chosen, p);
    const Oracle factors = data.rounded(p);
    compare_tangent(data, 0.2f, {.by = kernels::LayerBackend::own});
    expect_sums(forward(data, 0.2f, kernels::LayerBackend::own), factors.y(0.2f), "y", kFp32Tolerance);
    release();
  }
  void compare_backward(const Chosen& chosen, Precision p) {
    const TangentOracle data = prepare(chosen, p);
    if (turn_++ % 5 < 2) row_weights = data.row_weight;
    const LinearGradients g = backward(data, 0.2f, kernels::LayerBackend::own);
    const Oracle factors = data.rounded(p);
    expect_sums(g.dx, factors.dx(0.2f), "dx", kFp32Tolerance);
    expect_sums(g.dweight, factors.dweight(), "dweight", kFp32Tolerance);
    expect_sums(g.dbias, data.dbias(row_weights), "dbias", kFp32Tolerance);
    row_weights.clear();
    release();
  }

 private:
  int before_ = simulator::options().multiprocessors;
  std::mt19937 generator_{6};
  int turn_ = 0;  // of backwards; two of five have weighted rows, whatever else takes turns by two or three
};
AGON_ON_EVERY_DEVICE(LinearTiles);

/// use(a shape for which the plan is the tile, precision) for each tile, each edge of its rows and columns,
/// and its depth's in turns. `make` gives the shape of the a-th, b-th and c-th multiples; kind_of(shape,
/// multiprocessors) is the plan.
template <class Make, class Kind, class Use>
void for_each_edge(const Make& make, const Kind& kind_of, const Use& use) {
  for (const Tile& tile : kTiles) {
    std::int64_t turn = 0;
    for (const std::int64_t rows : {-1, 0, 1})
      for (const std::int64_t columns : {-1, 0, 1})
        for (const Precision precision : {Precision::fp32, Precision::tf32, Precision::bf16}) {
          const Edge edge{rows, columns, turn++ % 3 - 1};
          const auto chosen = find_shape(
              [&](std::int64_t a, std::int64_t b, std::int64_t c) { return make(tile, edge, a, b, c); },
              [&](const LinearShape& s, int multiprocessors) {
                return std::min(s.in, s.out) > kernels::cuda::kThin &&
                       kind_of(s, multiprocessors) == tile.kind;
              });
          ASSERT_TRUE(chosen) << tile.name;
          const LinearShape& s = chosen->shape;
          SCOPED_TRACE(::testing::Message()
                       << tile.name << ": " << s.batch << " x " << s.in << " -> " << s.out);
          use(*chosen, precision);
        }
  }
}

TEST_P(LinearTiles, ForwardAtEveryEdge) {
  for_each_edge(
      [](const Tile& tile, const Edge& edge, std::int64_t a, std::int64_t b, std::int64_t c) {
        return LinearShape{a * tile.rows + edge.rows, c * tile.depth + edge.depth,
                           b * tile.columns + edge.columns};
      },
      kernels::cuda::estimated_tile, [&](const Chosen& chosen, Precision p) { compare_forward(chosen, p); });
}

/// The tiles lie over dweight (out, in) with the batch as depth, and over dx (batch, in) with out as depth.
TEST_P(LinearTiles, BackwardAtEveryEdge) {
  for_each_edge(
      [](const Tile& tile, const Edge& edge, std::int64_t a, std::int64_t b, std::int64_t c) {
        return LinearShape{c * tile.depth + edge.depth, b * tile.columns + edge.columns,
                           a * tile.rows + edge.rows};
      },
      [](const LinearShape& s, int multiprocessors) {
        return kernels::cuda::estimated_tiles(s, true, true, multiprocessors, kWorkspaceBytes).kind;
      },
      [&](const Chosen& chosen, Precision p) { compare_backward(chosen, p); });
}

/// Layers thin enough for kernels of their own, around what a warp or a thread of those takes, and around
/// thin.
TEST_P(LinearTiles, ThinLayersAtEveryEdge) {
  for (const std::int64_t thin : {1, 3, 4, 5, 15, 16, 17})
    for (const std::int64_t wide : {1, 3, 4, 5, 31, 33, 127, 128, 129, 132})
      for (const std::int64_t batch : {1, 7, 8, 9}) {
        SCOPED_TRACE(::testing::Message() << batch << " rows, " << thin << " by " << wide);
        for (const LinearShape& shape : {LinearShape{batch, thin, wide}, LinearShape{batch, wide, thin}}) {
          compare_forward({shape, 132}, Precision::fp32);
          compare_backward({shape, 132}, Precision::fp32);
        }
      }
}

}  // namespace
}  // namespace agon::test
