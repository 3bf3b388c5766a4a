#include "host/evaluate/images/image_classifier.hpp"

// Threads are the callers': OpenMP's would spin beside them, whatever --threads says.
#define EIGEN_DONT_PARALLELIZE

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "engine/runtime/thread_pool.hpp"
#include "host/evaluate/images/frechet.hpp"

namespace agon::host {
namespace {

using Eigen::MatrixXd;
using Eigen::MatrixXf;

constexpr int kMostSteps = 60;
constexpr double kPenaltyOfRow = 0.01, kEnoughOfGradient = 1e-3;
constexpr std::int64_t kRowsOfGradient = 1024;

/// Rows [begin, end) with a 1 behind each: (end - begin, width + 1).
MatrixXf with_intercept(const ImageRows& rows, std::int64_t begin, std::int64_t end) {
  using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  MatrixXf x(end - begin, rows.width + 1);
  x.leftCols(rows.width) = Eigen::Map<const RowMajor>(rows.row(begin), end - begin, rows.width);
  x.col(rows.width).setOnes();
  return x;
}

void softmax_of_rows(MatrixXf& logits) {
  for (Eigen::Index i = 0; i < logits.rows(); ++i) {
    logits.row(i).array() = (logits.row(i).array() - logits.row(i).maxCoeff()).exp();
    logits.row(i) /= logits.row(i).sum();
  }
}

/// Rows in parts that threads take side by side.
class ClassifierRows {
 public:
  ClassifierRows(const ImageRows& rows, std::span<const std::int32_t> labels) : labels_(labels) {
    for (std::int64_t begin = 0; begin < rows.rows; begin += kRowsOfGradient)
      parts_.push_back(with_intercept(rows, begin, std::min(rows.rows, begin + kRowsOfGradient)));
  }

  /// 1/2 sum_i x_i x_i^T.
  MatrixXd curvature() const {
    return sum_of_parts([](const MatrixXf& x, std::size_t) -> MatrixXf { return x.transpose() * x; }) / 2;
  }

  /// sum_i x_i (label_i as a unit vector - p_i)^T: (width + 1, classes).
  MatrixXd slope(const MatrixXd& weights) const {
    const MatrixXf w = weights.cast<float>();
    return sum_of_parts([&](const MatrixXf& x, std::size_t part) -> MatrixXf {
      MatrixXf rest = x * w;
      softmax_of_rows(rest);
      rest = -rest;
      for (Eigen::Index i = 0; i < rest.rows(); ++i)
        rest(i, labels_[part * kRowsOfGradient + static_cast<std::size_t>(i)]) += 1;
      return x.transpose() * rest;
    });
  }

 private:
  template <class Of>
  MatrixXd sum_of_parts(const Of& of) const {
    std::vector<MatrixXf> each(parts_.size());
    host_pool().each(static_cast<int>(each.size()),
                     [&](int part) { each[part] = of(parts_[part], static_cast<std::size_t>(part)); });
    MatrixXd sum = each.front().cast<double>();
    for (std::size_t part = 1; part < each.size(); ++part) sum += each[part].cast<double>();
    return sum;
  }

  std::span<const std::int32_t> labels_;
  std::vector<MatrixXf> parts_;
};

std::int64_t likeliest_class(const ImageRows& rows, std::int64_t row) {
  return std::max_element(rows.row(row), rows.row(row) + rows.width) - rows.row(row);
}

/// Shares by class of the rows outside of group `without`.
std::vector<double> class_shares(const ImageRows& probabilities, int without) {
  std::vector<double> shares(static_cast<std::size_t>(probabilities.width));
  std::int64_t count = 0;
  for (std::int64_t i = 0; i < probabilities.rows; ++i) {
    if (group_of(i, probabilities.rows) == without) continue;
    ++shares[likeliest_class(probabilities, i)];
    ++count;
  }
  for (double& share : shares) share /= static_cast<double>(count);
  return shares;
}

double variation_of_shares(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t c = 0; c < a.size(); ++c) sum += std::abs(a[c] - b[c]);
  return sum / 2;
}

double entropy_of(const float* probability, std::int64_t classes) {
  double sum = 0;
  for (std::int64_t c = 0; c < classes; ++c)
    if (probability[c] > 0) sum -= double{probability[c]} * std::log(double{probability[c]});
  return sum;
}

/// exp(entropy of the mean row - mean of the rows' entropies): the mean of KL(row || mean row) is that
/// difference.
double inception_score(const ImageRows& probabilities, const std::vector<double>& entropies, int without) {
  std::vector<float> mean(static_cast<std::size_t>(probabilities.width));
  std::vector<double> sum(mean.size());
  double entropy = 0, count = 0;
  for (std::int64_t i = 0; i < probabilities.rows; ++i) {
    if (group_of(i, probabilities.rows) == without) continue;
    for (std::size_t c = 0; c < sum.size(); ++c) sum[c] += double{probabilities.row(i)[c]};
    entropy += entropies[i];
    ++count;
  }
  for (std::size_t c = 0; c < sum.size(); ++c) mean[c] = static_cast<float>(sum[c] / count);
  return std::exp(entropy_of(mean.data(), probabilities.width) - entropy / count);
}

/// What the classifier says of one set of images.
struct ClassifiedSet {
  Jackknifed share_distance, confidence, entropy, score;

  ClassifiedSet(const ImageRows& probabilities, const std::vector<double>& trained) {
    std::vector<double> confidences, entropies;
    for (std::int64_t i = 0; i < probabilities.rows; ++i) {
      confidences.push_back(double{probabilities.row(i)[likeliest_class(probabilities, i)]});
      entropies.push_back(entropy_of(probabilities.row(i), probabilities.width));
    }
    share_distance = Jackknifed::by(
        [&](int without) { return variation_of_shares(class_shares(probabilities, without), trained); });
    confidence = mean_of_images(confidences);
    entropy = mean_of_images(entropies);
    score = Jackknifed::by([&](int without) { return inception_score(probabilities, entropies, without); });
  }
};

Rate agreement_with(const ImageRows& logits, std::span<const std::int32_t> labels) {
  std::int64_t hits = 0;
  for (std::int64_t i = 0; i < logits.rows; ++i) hits += likeliest_class(logits, i) == labels[i] ? 1 : 0;
  return rate_of(hits, logits.rows);
}

}  // namespace

ImageClassifier::ImageClassifier(const ImageRows& rows, std::span<const std::int32_t> labels, int classes)
    : classes_(classes) {
  const double penalty = kPenaltyOfRow * static_cast<double>(rows.rows);
  const ClassifierRows parts(rows, labels);
  MatrixXd bound = parts.curvature();
  bound.diagonal().array() += penalty;
  const Eigen::LLT<MatrixXd> solver(bound);
  MatrixXd weights = MatrixXd::Zero(rows.width + 1, classes);
  double first = 0;
  for (int step = 0; step < kMostSteps; ++step) {
    const MatrixXd slope = parts.slope(weights) - penalty * weights;
    if (step == 0) first = slope.norm();
    if (slope.norm() <= kEnoughOfGradient * first) break;
    weights += solver.solve(slope);
  }
  weights_.assign(weights.data(), weights.data() + weights.size());
}

ImageRows ImageClassifier::logits(const ImageRows& rows) const {
  ImageRows logits = zero_rows(rows.rows, classes_);
  const Eigen::Map<const MatrixXd> weights(weights_.data(), rows.width + 1, classes_);
  const MatrixXf w = weights.cast<float>();
  const std::int64_t parts = (rows.rows + kRowsOfGradient - 1) / kRowsOfGradient;
  host_pool().each(static_cast<int>(parts), [&](int part) {
    const std::int64_t begin = part * kRowsOfGradient, end = std::min(rows.rows, begin + kRowsOfGradient);
    using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    Eigen::Map<RowMajor>(logits.row(begin), end - begin, classes_) = with_intercept(rows, begin, end) * w;
  });
  return logits;
}

void to_probabilities(ImageRows& logits) {
  for (std::int64_t i = 0; i < logits.rows; ++i) {
    float* const row = logits.row(i);
    const float greatest = *std::max_element(row, row + logits.width);
    float sum = 0;
    for (std::int64_t c = 0; c < logits.width; ++c) sum += row[c] = std::exp(row[c] - greatest);
    for (std::int64_t c = 0; c < logits.width; ++c) row[c] /= sum;
  }
}

bool ClassifierFigures::is_rare(std::size_t c) const {
  return std::llround(trained[c] * static_cast<double>(learnt)) < 5;
}

ClassifierFigures classify_images(const ClassifiedImages& train, const ClassifiedImages& floor,
                                  const ClassifiedImages& synthetic, const std::vector<std::string>& names) {
  const auto classes = static_cast<std::int64_t>(names.size());
  const ImageClassifier classifier(train.features, train.labels, static_cast<int>(classes));
  ImageRows of_train = classifier.logits(train.features), of_floor = classifier.logits(floor.features),
            of_synthetic = classifier.logits(synthetic.features);
  ClassifierFigures figures;
  figures.names = names;
  figures.learnt = train.features.rows;
  figures.accuracy = agreement_with(of_floor, floor.labels);
  if (!synthetic.labels.empty()) figures.agreement = agreement_with(of_synthetic, synthetic.labels);
  const auto sums_of_train = sums_of_groups(of_train, 0, classes);
  figures.distance = beside_floor(frechet_distance(sums_of_train, sums_of_groups(of_synthetic, 0, classes)),
                                  frechet_distance(sums_of_train, sums_of_groups(of_floor, 0, classes)));
  figures.trained.resize(names.size());
  for (const std::int32_t label : train.labels)
    figures.trained[label] += 1 / static_cast<double>(train.labels.size());
  to_probabilities(of_floor);
  to_probabilities(of_synthetic);
  figures.floor = class_shares(of_floor, -1);
  figures.synthetic = class_shares(of_synthetic, -1);
  for (std::size_t c = 0; c < names.size(); ++c)
    figures.present += figures.floor[c] > 0 && figures.synthetic[c] >= figures.floor[c] / 10 ? 1 : 0;
  const ClassifiedSet made(of_synthetic, figures.trained), real(of_floor, figures.trained);
  figures.share_distance = beside_floor(made.share_distance, real.share_distance);
  figures.confidence = beside_floor(made.confidence, real.confidence);
  figures.entropy = beside_floor(made.entropy, real.entropy);
  figures.score = beside_floor(made.score, real.score);
  return figures;
}

}  // namespace agon::host
