#include "host/evaluate/models/logistic.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace agon::host {
namespace {

using Vector = std::vector<double>;

double product(const Vector& a, const Vector& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// log(1 + exp(t)) for any t.
double softplus(double t) { return std::max(t, 0.0) + std::log1p(std::exp(-std::abs(t))); }

// The objective and its derivatives at a point (width + 1): the weights, then the intercept.
class Objective {
 public:
  Objective(const SparseRows& rows, std::span<const std::int64_t> which, std::span<const std::int32_t> labels,
            double c)
      : rows_(rows), which_(which), labels_(labels), c_(c) {}

  std::size_t width() const { return static_cast<std::size_t>(rows_.width) + 1; }

  // Log-odds of each row.
  Vector margins(const Vector& point) const {
    Vector out(which_.size());
    for (std::size_t i = 0; i < which_.size(); ++i) {
      const auto row = static_cast<std::size_t>(which_[i]);
      double sum = point.back();
      for (auto e = rows_.starts[row]; e < rows_.starts[row + 1]; ++e)
        sum += rows_.values[at(e)] * point[at(rows_.places[at(e)])];
      out[i] = sum;
    }
    return out;
  }

  double value(const Vector& point, const Vector& margins) const {
    double loss = 0, squares = 0;
    for (std::size_t i = 0; i < which_.size(); ++i) loss += softplus(positive(i) ? -margins[i] : margins[i]);
    for (std::size_t j = 0; j + 1 < point.size(); ++j) squares += point[j] * point[j];
    return squares / 2 + c_ * loss;
  }

  // The gradient; `curvature` (rows) gets each row's second derivative, `diagonal` the Hessian's.
  Vector gradient(const Vector& point, const Vector& margins, Vector& curvature, Vector& diagonal) const {
    Vector slope(which_.size()), squares(width());
    curvature.resize(which_.size());
    for (std::size_t i = 0; i < which_.size(); ++i) {
      const double p = 1 / (1 + std::exp(-margins[i]));
      slope[i] = c_ * (p - (positive(i) ? 1 : 0));
      curvature[i] = c_ * p * (1 - p);
    }
    Vector out = back(slope, [](double x) { return x; });
    diagonal = back(curvature, [](double x) { return x * x; });
    for (std::size_t j = 0; j + 1 < point.size(); ++j) out[j] += point[j], diagonal[j] += 1;
    return out;
  }

  // The Hessian times a direction.
  Vector bend(const Vector& direction, const Vector& curvature) const {
    Vector along = margins(direction);
    for (std::size_t i = 0; i < along.size(); ++i) along[i] *= curvature[i];
    Vector out = back(along, [](double x) { return x; });
    for (std::size_t j = 0; j + 1 < out.size(); ++j) out[j] += direction[j];
    return out;
  }

 private:
  static std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }
  bool positive(std::size_t i) const { return labels_[at(which_[i])] == 1; }

  // Sum over rows of by_row times the row's entries, of which `of` is taken; the intercept's entry is 1.
  template <class F>
  Vector back(const Vector& by_row, F&& of) const {
    Vector out(width());
    for (std::size_t i = 0; i < which_.size(); ++i) {
      const auto row = at(which_[i]);
      for (auto e = rows_.starts[row]; e < rows_.starts[row + 1]; ++e)
        out[at(rows_.places[at(e)])] += by_row[i] * of(rows_.values[at(e)]);
      out.back() += by_row[i];
    }
    return out;
  }

  const SparseRows& rows_;
  std::span<const std::int64_t> which_;
  std::span<const std::int32_t> labels_;
  double c_;
};

// Solves Hessian step = -gradient by conjugate gradients, scaled by the Hessian's diagonal, until what is
// left is `tolerance` of the gradient.
Vector newton_step(const Objective& objective, const Vector& gradient, const Vector& curvature,
                   const Vector& diagonal, double tolerance) {
  const std::size_t width = gradient.size();
  Vector step(width), residual(width), scaled(width);
  for (std::size_t j = 0; j < width; ++j) residual[j] = -gradient[j];
  const auto scale = [&] {
    for (std::size_t j = 0; j < width; ++j) scaled[j] = residual[j] / std::max(diagonal[j], 1e-12);
  };
  scale();
  Vector direction = scaled;
  double energy = product(residual, scaled);
  const double enough = tolerance * std::sqrt(product(gradient, gradient));
  for (std::size_t i = 0; i < 2 * width + 20 && std::sqrt(product(residual, residual)) > enough; ++i) {
    const Vector bent = objective.bend(direction, curvature);
    const double along = product(direction, bent);
    if (!(along > 0)) break;
    const double length = energy / along;
    for (std::size_t j = 0; j < width; ++j) step[j] += length * direction[j], residual[j] -= length * bent[j];
    scale();
    const double before = energy;
    energy = product(residual, scaled);
    for (std::size_t j = 0; j < width; ++j) direction[j] = scaled[j] + energy / before * direction[j];
  }
  return step;
}

}  // namespace

std::vector<double> LogisticModel::decide(const SparseRows& rows, std::span<const std::int64_t> which) const {
  Vector point = weights;
  point.push_back(intercept);
  return Objective(rows, which, {}, 1).margins(point);
}

LogisticModel fit_logistic(const SparseRows& rows, std::span<const std::int64_t> which,
                           std::span<const std::int32_t> labels, const LogisticSettings& settings) {
  const Objective objective(rows, which, labels, settings.c);
  Vector point(objective.width()), curvature, diagonal;
  Vector margins = objective.margins(point);
  double value = objective.value(point, margins);
  LogisticModel model;
  for (int step = 0; step < settings.most_steps && !model.converged; ++step) {
    const Vector gradient = objective.gradient(point, margins, curvature, diagonal);
    const double length = std::sqrt(product(gradient, gradient));
    model.converged = length <= settings.tolerance;
    if (model.converged) break;
    const Vector move = newton_step(objective, gradient, curvature, diagonal,
                                    std::min(0.1, std::sqrt(length / (length + 1))));
    // Half a step after the other, until it leads down far enough.
    const double slope = product(gradient, move);
    double share = 1;
    for (int halving = 0; halving < 40; ++halving, share /= 2) {
      Vector next = point;
      for (std::size_t j = 0; j < next.size(); ++j) next[j] += share * move[j];
      const Vector next_margins = objective.margins(next);
      const double next_value = objective.value(next, next_margins);
      if (next_value > value + 1e-4 * share * slope + 1e-12 * std::abs(value)) continue;
      point = next, margins = next_margins, value = next_value;
      break;
    }
  }
  model.intercept = point.back();
  point.pop_back();
  model.weights = std::move(point);
  return model;
}

}  // namespace agon::host
