#include "kernels/norm.hpp"

#include "kernels/cpu/parts.hpp"
#include "kernels/formula/norm.hpp"

namespace agon::kernels::AGON_CPU_VARIANT {
namespace {

constexpr std::int64_t kParallelFrom =
    32 * 1024;                         // numbers; fewer are done before the other threads are awake
constexpr std::int64_t kColumns = 64;  // that a thread takes at a time, at most
constexpr std::int64_t kPiece = 64;    // rows whose float sums are added up in double

/// Columns that a thread takes at a time: fewer, whole cache lines, where other threads would have none.
std::int64_t columns_at_a_time(QueueView queue, std::int64_t width) {
  std::int64_t columns = kColumns;
  while (columns > kLineFloats && (width + columns - 1) / columns < queue.threads) columns /= 2;
  return columns;
}

/// Asks for columns of the row some rows on, early enough for the way to memory.
void ask_ahead(const float* row, std::int64_t width, std::int64_t columns) {
  constexpr std::int64_t kAhead = 16;                      // rows
  for (std::int64_t c = 0; c < columns; c += kLineFloats)  // it may lie outside: it is never read
    __builtin_prefetch(
        reinterpret_cast<const void*>(reinterpret_cast<std::uintptr_t>(row) +
                                      static_cast<std::uintptr_t>(kAhead * width + c) * sizeof(float)));
}

/// Sums over rows of up to kColumns columns.
struct ColumnSums {
  double value[kColumns] = {};
};

/// add(row, column of the tile, its sums in float) over all rows, two sums for each column.
template <class Add>
void add_up(std::int64_t rows, std::int64_t columns, ColumnSums (&sums)[2], const Add& add) {
  for (std::int64_t first = 0; first < rows; first += kPiece) {
    const std::int64_t end = first + kPiece < rows ? first + kPiece : rows;
    float one[kColumns] = {}, other[kColumns] = {};
    for (std::int64_t r = first; r < end; ++r)
#pragma omp simd
      for (std::int64_t c = 0; c < columns; ++c) add(r, c, one[c], other[c]);
    for (std::int64_t c = 0; c < columns; ++c) sums[0].value[c] += static_cast<double>(one[c]);
    for (std::int64_t c = 0; c < columns; ++c) sums[1].value[c] += static_cast<double>(other[c]);
  }
}

/// A tile of columns of a group's rows, or in evaluation of all rows.
struct Tile {
  std::int64_t first_row, rows, first, columns;
};

/// Adds `count` rows to `before` that gave the columns' means and sums of squares about them.
///
/// Source: Chan, Golub, LeVeque, "Algorithms for computing the sample variance" (1983): a piece is in the
/// first cache for its second pass, and a column far from 0 keeps its digits.
void add_piece(const float* x, std::int64_t width, std::int64_t columns, std::int64_t before,
               std::int64_t count, ColumnSums& mean, ColumnSums& squares) {
  float centre[kColumns] = {}, off[kColumns] = {}, square[kColumns] = {};
  const float share = 1.0f / static_cast<float>(count);
  for (std::int64_t r = 0; r < count; ++r) {
    ask_ahead(x + r * width, width, columns);
#pragma omp simd
    for (std::int64_t c = 0; c < columns; ++c) centre[c] += x[r * width + c];
  }
  for (std::int64_t c = 0; c < columns; ++c) centre[c] *= share;
  for (std::int64_t r = 0; r < count; ++r)
#pragma omp simd
    for (std::int64_t c = 0; c < columns; ++c) {
      const float from_centre = x[r * width + c] - centre[c];
      off[c] += from_centre;
      square[c] += from_centre * from_centre;
    }
  const auto n = static_cast<double>(count);
  const double weight = n / (n + static_cast<double>(before)), both = weight * static_cast<double>(before);
  for (std::int64_t c = 0; c < columns; ++c) {
    const double rest = static_cast<double>(off[c]) / n;
    const double step = static_cast<double>(centre[c]) + rest - mean.value[c];
    squares.value[c] += static_cast<double>(square[c]) - n * rest * rest + both * step * step;
    mean.value[c] += weight * step;
  }
}

void batch_statistics(const NormForward& op, const Tile& t, float* mean, float* inverse) {
  const float* const x = op.x + t.first_row * op.width + t.first;
  const auto n = static_cast<double>(t.rows);
  ColumnSums means, squares;
  for (std::int64_t r = 0; r < t.rows; r += kPiece)
    add_piece(x + r * op.width, op.width, t.columns, r, t.rows - r < kPiece ? t.rows - r : kPiece, means,
              squares);
  for (std::int64_t c = 0; c < t.columns; ++c) {
    mean[c] = static_cast<float>(means.value[c]);
    const auto square = static_cast<float>(squares.value[c]);
    inverse[c] = formula::inverse_deviation(static_cast<float>(squares.value[c] / n));
    op.inverse_deviation[t.first_row / op.group * op.width + t.first + c] = inverse[c];
    float& running_mean = op.running_mean[t.first + c];
    float& running_variance = op.running_variance[t.first + c];
    running_mean = formula::running_statistic(running_mean, mean[c]);
    running_variance =
        formula::running_statistic(running_variance, formula::unbiased_variance(square, t.rows));
  }
}

/// x^ goes to y first where nobody keeps it.
void normalise_tile(const NormForward& op, const Tile& t, const float* mean, const float* inverse) {
  for (std::int64_t r = t.first_row; r < t.first_row + t.rows; ++r) {
    const float* const x = op.x + r * op.width + t.first;
    float* const y = op.y + r * op.width + t.first;
    float* const kept = op.training() ? op.kept() + r * op.width + t.first : y;
    const float *const gamma = op.gamma + t.first, *const beta = op.beta + t.first;
    ask_ahead(x, op.width, t.columns), ask_ahead(y, op.width, t.columns);
#pragma omp simd
    for (std::int64_t c = 0; c < t.columns; ++c) {
      const float normal = formula::normalised(x[c], mean[c], inverse[c]);
      kept[c] = normal;
      y[c] = formula::norm_output(normal, gamma[c], beta[c], op.slope);
    }
  }
}

void normalise_columns(const NormForward& op, std::int64_t first, std::int64_t columns) {
  float mean[kColumns] = {}, inverse[kColumns] = {};
  if (op.inverse_deviation == nullptr) {
    for (std::int64_t c = 0; c < columns; ++c) {
      mean[c] = op.running_mean[first + c];
      inverse[c] = formula::inverse_deviation(op.running_variance[first + c]);
    }
    return normalise_tile(op, {0, op.rows, first, columns}, mean, inverse);
  }
  for (std::int64_t row = 0; row < op.rows; row += op.group) {
    const Tile tile{row, op.group, first, columns};
    batch_statistics(op, tile, mean, inverse);
    normalise_tile(op, tile, mean, inverse);
  }
}

void normalise_row(const NormForward& op, std::int64_t r) {
  const float* const x = op.x + r * op.width;
  const auto n = static_cast<float>(op.width);
  const float near = x[0];  // sums of differences from it keep their digits far from 0
  float sum = 0.0f, squares = 0.0f;
#pragma omp simd reduction(+ : sum)
  for (std::int64_t c = 0; c < op.width; ++c) sum += x[c] - near;
  const float mean = near + sum / n;
#pragma omp simd reduction(+ : squares)
  for (std::int64_t c = 0; c < op.width; ++c) squares += (x[c] - mean) * (x[c] - mean);
  const float inverse = formula::inverse_deviation(squares / n);
  if (op.inverse_deviation != nullptr) op.inverse_deviation[r] = inverse;
  float* const y = op.y + r * op.width;
  float* const kept = op.training() ? op.kept() + r * op.width : y;
#pragma omp simd
  for (std::int64_t c = 0; c < op.width; ++c) {
    const float normal = formula::normalised(x[c], mean, inverse);
    kept[c] = normal;
    y[c] = formula::norm_output(normal, op.gamma[c], op.beta[c], op.slope);
  }
}

/// dgamma and dbeta of a tile of columns, and for batches their dx.
void columns_backward(const NormBackward& op, std::int64_t first, std::int64_t columns) {
  float* const du = op.gradient + first;
  const float* const normal = op.normalised + first;
  ColumnSums sums[2];
  add_up(op.rows, columns, sums, [&](std::int64_t r, std::int64_t c, float& sum, float& product) {
    sum += du[r * op.width + c];
    product += du[r * op.width + c] * normal[r * op.width + c];
  });
  float mean_g[kColumns] = {}, mean_product[kColumns] = {};
  for (std::int64_t c = 0; c < columns; ++c) {
    const auto by_beta = static_cast<float>(sums[0].value[c]),
               by_gamma = static_cast<float>(sums[1].value[c]);
    float &dbeta = op.dbeta[first + c], &dgamma = op.dgamma[first + c];
    dbeta = op.accumulate ? dbeta + by_beta : by_beta;
    dgamma = op.accumulate ? dgamma + by_gamma : by_gamma;
    const double scale = static_cast<double>(op.gamma[first + c]) / static_cast<double>(op.rows);
    mean_g[c] = static_cast<float>(scale * sums[0].value[c]);
    mean_product[c] = static_cast<float>(scale * sums[1].value[c]);
  }
  if (op.kind == NormKind::layer) return;
  const float *const gamma = op.gamma + first, *const inverse = op.inverse_deviation + first;
  for (std::int64_t r = 0; r < op.rows; ++r)
#pragma omp simd
    for (std::int64_t c = 0; c < columns; ++c) {
      const std::int64_t i = r * op.width + c;
      du[i] = formula::norm_gradient(gamma[c] * du[i], normal[i], mean_g[c], mean_product[c], inverse[c]);
    }
}

void row_backward(const NormBackward& op, std::int64_t r) {
  float* const du = op.gradient + r * op.width;
  const float* const normal = op.normalised + r * op.width;
  const auto n = static_cast<float>(op.width);
  float sum = 0.0f, product = 0.0f;
#pragma omp simd reduction(+ : sum, product)
  for (std::int64_t c = 0; c < op.width; ++c) {
    const float g = op.gamma[c] * du[c];
    sum += g;
    product += g * normal[c];
  }
  const float mean_g = sum / n, mean_product = product / n;
#pragma omp simd
  for (std::int64_t c = 0; c < op.width; ++c)
    du[c] =
        formula::norm_gradient(op.gamma[c] * du[c], normal[c], mean_g, mean_product, op.inverse_deviation[r]);
}

/// use(first, columns) for all columns, some at a time.
template <class Use>
void for_columns(QueueView queue, std::int64_t rows, std::int64_t width, const Use& use) {
  const std::int64_t most = columns_at_a_time(queue, width);
  for_each(queue, (width + most - 1) / most, rows * width >= kParallelFrom, [&](std::int64_t piece) {
    const std::int64_t first = piece * most;
    use(first, width - first < most ? width - first : most);
  });
}

}  // namespace

void norm_forward(QueueView queue, const NormForward& op) {
  if (op.kind == NormKind::batch) {
    return for_columns(queue, op.rows, op.width, [&](std::int64_t first, std::int64_t columns) {
      normalise_columns(op, first, columns);
    });
  }
  for_each(queue, op.rows, op.rows * op.width >= kParallelFrom,
           [&](std::int64_t r) { normalise_row(op, r); });
}

void norm_backward(QueueView queue, const NormBackward& op) {
  for_columns(queue, op.rows, op.width,
              [&](std::int64_t first, std::int64_t columns) { columns_backward(op, first, columns); });
  if (op.kind == NormKind::batch) return;
  for_each(queue, op.rows, op.rows * op.width >= kParallelFrom, [&](std::int64_t r) { row_backward(op, r); });
}

}  // namespace agon::kernels::AGON_CPU_VARIANT
