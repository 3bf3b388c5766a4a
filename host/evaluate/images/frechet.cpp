#include "host/evaluate/images/frechet.hpp"

// Threads are the callers': OpenMP's would spin beside them, whatever --threads says.
#define EIGEN_DONT_PARALLELIZE

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

namespace agon::host {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

VectorXd mean_of_sums(const RowSums& of) {
  return Eigen::Map<const VectorXd>(of.sum.data(), of.width) / static_cast<double>(of.rows);
}

MatrixXd covariance_of(const RowSums& of, const VectorXd& mean) {
  const Eigen::Map<const MatrixXd> products(of.products.data(), of.width, of.width);
  const auto rows = static_cast<double>(of.rows);
  return (products - rows * mean * mean.transpose()) / (rows - 1);
}

/// F with F F^T = the covariance.
MatrixXd factor_of(const MatrixXd& covariance) {
  const Eigen::LDLT<MatrixXd> parts(covariance);
  MatrixXd factor = parts.matrixL();
  factor = parts.transpositionsP().transpose() * factor;
  return factor * parts.vectorD().cwiseMax(0).cwiseSqrt().asDiagonal();
}

/// Of all groups but one; -1: of all.
RowSums sums_together(const std::vector<RowSums>& groups, int without) {
  const std::int64_t width = groups.front().width;
  RowSums all{0, width, std::vector<double>(static_cast<std::size_t>(width)),
              std::vector<double>(static_cast<std::size_t>(width * width))};
  for (std::size_t group = 0; group < groups.size(); ++group) {
    if (static_cast<int>(group) == without) continue;
    const RowSums& more = groups[group];
    all.rows += more.rows;
    for (std::size_t i = 0; i < all.sum.size(); ++i) all.sum[i] += more.sum[i];
    for (std::size_t i = 0; i < all.products.size(); ++i) all.products[i] += more.products[i];
  }
  return all;
}

using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// All rows but those of a group; -1: all.
RowMatrix rows_without(const ImageRows& rows, int group) {
  using Floats = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::Map<const Floats> all(rows.values.data(), rows.rows, rows.width);
  const std::int64_t first = group < 0 ? rows.rows : group_start(group, rows.rows);
  const std::int64_t left_out = group < 0 ? 0 : group_size(group, rows.rows);
  RowMatrix some(rows.rows - left_out, rows.width);
  some.topRows(first) = all.topRows(first).cast<double>();
  some.bottomRows(rows.rows - left_out - first) = all.bottomRows(rows.rows - left_out - first).cast<double>();
  return some;
}

}  // namespace

std::vector<RowSums> sums_of_groups(const ImageRows& rows, std::int64_t first, std::int64_t width) {
  using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  std::vector<RowSums> groups;
  for (std::int64_t group = 0; group < kJackknifeGroups; ++group) {
    const std::int64_t count = group_size(group, rows.rows);
    RowSums one{count, width, std::vector<double>(static_cast<std::size_t>(width)),
                std::vector<double>(static_cast<std::size_t>(width * width))};
    if (count > 0) {
      const Eigen::Map<const RowMajor, 0, Eigen::OuterStride<>> of_group(
          rows.row(group_start(group, rows.rows)) + first, count, width, Eigen::OuterStride<>(rows.width));
      const MatrixXd x = of_group.cast<double>();
      Eigen::Map<VectorXd>(one.sum.data(), width) = x.colwise().sum();
      Eigen::Map<MatrixXd>(one.products.data(), width, width).noalias() = x.transpose() * x;
    }
    groups.push_back(std::move(one));
  }
  return groups;
}

double frechet_distance(const RowSums& a, const RowSums& b) {
  const VectorXd mean_a = mean_of_sums(a), mean_b = mean_of_sums(b);
  const MatrixXd of_a = covariance_of(a, mean_a), of_b = covariance_of(b, mean_b);
  const MatrixXd factor = factor_of(of_a);
  const MatrixXd product = factor.transpose() * of_b * factor;
  const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(product, Eigen::EigenvaluesOnly);
  const double root_trace = solver.eigenvalues().cwiseMax(0).cwiseSqrt().sum();
  return (mean_a - mean_b).squaredNorm() + of_a.trace() + of_b.trace() - 2 * root_trace;
}

double frechet_distance(const std::vector<RowSums>& a, const std::vector<RowSums>& b, int without) {
  return frechet_distance(sums_together(a, without), sums_together(b, without));
}

double frechet_distance(const ImageRows& rows_a, const ImageRows& rows_b, int without) {
  RowMatrix a = rows_without(rows_a, without), b = rows_without(rows_b, without);
  const Eigen::RowVectorXd mean_a = a.colwise().mean(), mean_b = b.colwise().mean();
  a.rowwise() -= mean_a;
  b.rowwise() -= mean_b;
  const MatrixXd across = a.rows() <= b.rows() ? a * b.transpose() : b * a.transpose();
  const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(across * across.transpose(), Eigen::EigenvaluesOnly);
  const double n = static_cast<double>(a.rows() - 1), m = static_cast<double>(b.rows() - 1);
  const double root_trace = solver.eigenvalues().cwiseMax(0).cwiseSqrt().sum() / std::sqrt(n * m);
  return (mean_a - mean_b).squaredNorm() + a.squaredNorm() / n + b.squaredNorm() / m - 2 * root_trace;
}

Jackknifed frechet_distance(const std::vector<RowSums>& a, const std::vector<RowSums>& b) {
  return Jackknifed::by([&](int group) { return frechet_distance(a, b, group); });
}

}  // namespace agon::host
