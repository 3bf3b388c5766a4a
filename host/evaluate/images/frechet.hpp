// The Fréchet distance between two sets of rows, each taken for a normal distribution.
#pragma once

#include <cstdint>
#include <vector>

#include "host/evaluate/images/image_rows.hpp"
#include "host/evaluate/images/jackknife.hpp"

namespace agon::host {

/// What the mean and the covariance of rows are made of, in double.
struct RowSums {
  std::int64_t rows = 0, width = 0;
  std::vector<double> sum;       ///< (width)
  std::vector<double> products;  ///< (width, width): sums of x x^T
};
/// Of each jackknife group of the rows, columns [first, first + width).
std::vector<RowSums> sums_of_groups(const ImageRows& rows, std::int64_t first, std::int64_t width);

/// |m1 - m2|^2 + tr S1 + tr S2 - 2 tr (S1 S2)^(1/2), with covariances over n - 1; both sides need two rows.
/// The last trace is the sum of the roots of the eigenvalues of F^T S2 F, which are those of S1 S2, with
/// S1 = F F^T by a pivoted L D L^T. F^T S2 F is symmetric, so the eigenvalues are real; those of singular
/// covariances, of fewer rows than columns, that rounding has made negative count as 0, as do negative
/// elements of D. Source: Dowson, Landau, "The Fréchet distance between multivariate normal distributions"
/// (1982).
double frechet_distance(const RowSums& a, const RowSums& b);

/// The same of all groups but `without`; -1: of all.
double frechet_distance(const std::vector<RowSums>& a, const std::vector<RowSums>& b, int without);
/// The same of the rows themselves, the faster of fewer rows than columns: the last trace is the sum of the
/// singular values of A B^T / sqrt((n - 1) (m - 1)), of the rows less their means. What rounding makes of a
/// singular value below 1e-8 of the largest is of that size.
double frechet_distance(const ImageRows& a, const ImageRows& b, int without);
/// The same of all groups together, and without each.
Jackknifed frechet_distance(const std::vector<RowSums>& a, const std::vector<RowSums>& b);

}  // namespace agon::host
