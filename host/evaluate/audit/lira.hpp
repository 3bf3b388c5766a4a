// Membership by likelihood ratios (LiRA): Carlini, Chien, Nasr, Song, Terzis, Tramer, "Membership inference
// attacks from first principles" (IEEE S&P 2022), the online attack.
#pragma once

#include <vector>

namespace agon::host {

/// What a model says of each target, (targets): the higher, the likelier it has learnt it.
using ScoresOfTargets = std::vector<double>;

/// A model whose members are known.
struct KnownModel {
  const ScoresOfTargets* scores = nullptr;
  const std::vector<char>* inside = nullptr;  ///< (targets): whether it has learnt the target
};

/// From so many shadows on (the article says 64; a pair is left out) a target has variances of its own; of
/// fewer the variance around the targets' means is pooled over all targets, apart for those inside and
/// outside.
inline constexpr int kOwnVariancesFrom = 62;

/// Of each target t, log N(x; mean_in(t), variance_in(t)) - log N(x; mean_out(t), variance_out(t)), with
/// x = victim[t] and unbiased means and variances over the models that have learnt t and those that have not.
/// A variance is 1e-9 at least. Every target needs a model of both kinds, and one target two of each: throws
/// DataError.
ScoresOfTargets likelihood_ratios(const ScoresOfTargets& victim, const std::vector<KnownModel>& shadows);

/// Of each target victim[t] less what a model says of it anyway: the mean of its two means, over the models
/// that have learnt it and over the others. Of few models the mean is surer than the difference of the two
/// that a ratio goes by, so that it finds a weak leak which is alike for all targets. Source: Watson, Guo,
/// Cormode, Sablayrolles, "On the importance of difficulty calibration in membership inference attacks"
/// (ICLR 2022). Every target needs a model of both kinds: throws DataError.
ScoresOfTargets calibrated_scores(const ScoresOfTargets& victim, const std::vector<KnownModel>& shadows);

/// Less their mean, over their standard deviation; zeros where all are equal. A model's logits have a zero
/// and a unit of their own (a relativistic discriminator's zero means nothing), and all models judge the same
/// targets and have learnt half of them, so that they are comparable then.
ScoresOfTargets standardised_scores(const ScoresOfTargets& scores);

}  // namespace agon::host
