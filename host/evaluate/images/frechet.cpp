#include "host/evaluate/images/frechet.hpp"

// Threads are the callers': OpenMP's would spin beside them, whatever --threads says.
#define EIGEN_DONT_PARALLELIZE

#include <Eigen/Dense>
#include <algorithm>

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

void add_to_sums(const RowSums& more, double sign, RowSums& all) {
  all.rows += sign > 0 ? more.rows : -more.rows;
  for (std::size_t i = 0; i < all.sum.size(); ++i) all.sum[i] += sign * more.sum[i];
  for (std::size_t i = 0; i < all.products.size(); ++i) all.products[i] += sign * more.products[i];
}

RowSums sums_together(const std::vector<RowSums>& groups) {
  RowSums all = groups.front();
  for (std::size_t group = 1; group < groups.size(); ++group) add_to_sums(groups[group], 1, all);
  return all;
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

Jackknifed frechet_distance(const std::vector<RowSums>& a, const std::vector<RowSums>& b) {
  const RowSums all_a = sums_together(a), all_b = sums_together(b);
  return Jackknifed::by([&](int group) {
    if (group < 0) return frechet_distance(all_a, all_b);
    RowSums without_a = all_a, without_b = all_b;
    add_to_sums(a[group], -1, without_a);
    add_to_sums(b[group], -1, without_b);
    return frechet_distance(without_a, without_b);
  });
}

}  // namespace agon::host
