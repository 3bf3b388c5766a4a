#include "host/config/other_words.hpp"

#include <algorithm>

#include "engine/table/suggestion.hpp"

namespace agon::host {
namespace {

struct OtherWords {
  std::string_view words;  ///< without dashes in front, with blanks between
  std::string_view flags;  ///< ours, likewise; those that the command has are named
};

constexpr OtherWords kOtherWords[] = {
    {"lr learning-rate rate step-size", "generator-rate discriminator-rate"},
    {"lr-g g-lr glr generator-lr gen-lr g-rate", "generator-rate"},
    {"lr-d d-lr dlr discriminator-lr disc-lr d-rate", "discriminator-rate"},
    {"generator-decay discriminator-decay wd", "weight-decay"},
    {"scheduler lr-scheduler lr-schedule schedule", "rate-schedule"},
    {"warmup warm-up", "warmup-steps"},
    {"batch-size bs b minibatch minibatch-size", "batch batches"},
    {"epoch num-epochs n-epochs max-epochs nb-epochs e", "epochs"},
    {"iterations iters max-iter n-iter num-steps n-steps max-steps", "steps"},
    {"n-samples num-samples samples num-rows n-rows nrows rows num n size sample-size", "count"},
    {"output o output-file outfile out-file output-path save-path save output-dir out-dir output-folder "
     "outdir "
     "folder dir destination run-dir result",
     "out"},
    {"gpu gpus cuda use-gpu use-cuda no-cuda cpu accelerator", "device"},
    {"random-state random-seed manual-seed rng-seed s", "seed"},
    {"workers num-workers n-jobs jobs j num-threads n-threads cores cpus t", "threads"},
    {"latent-dim z-dim noise-dim embedding-dim nz z latent-size", "latent"},
    {"generator-dim generator-layers generator-widths g-dim gen-dim", "generator-hidden"},
    {"discriminator-dim discriminator-layers discriminator-widths d-dim disc-dim", "discriminator-hidden"},
    {"hidden hidden-dim hidden-size layers", "generator-hidden discriminator-hidden"},
    {"n-critic critic-steps d-steps", "discriminator-steps"},
    {"pac", "pack"},
    {"lambda-gp gp gp-weight gradient-penalty", "wgan-gp"},
    {"gamma", "r1 r2"},
    {"loss criterion gan-mode", "objective"},
    {"betas adam-beta1 b1", "beta1 beta2"},
    {"ema ema-decay", "ema-samples"},
    {"clip clip-grad grad-clip max-grad-norm", "clip-norm"},
    {"dropout-rate dropout-p", "dropout"},
    {"aug ada diffaug diffaugment augmentation augment-mode", "augment"},
    {"aug-p augment-p", "augment-probability"},
    {"augment-color color-jitter", "augment-colour"},
    {"mirror hflip xflip horizontal-flip", "augment-flip"},
    {"ada-target", "augment-target"},
    {"ada-kimg", "augment-images"},
    {"label-smoothing", "real-label"},
    {"fp16 bf16 tf32 amp dtype", "precision"},
    {"test-size validation-split val-split valid-size validation-fraction holdout test-fraction", "held-out"},
    {"held-out test test-data test-set validation control", "holdout"},
    {"early-stopping early-stop", "patience"},
    {"checkpoint-interval save-every save-interval checkpoint-frequency", "checkpoint-every"},
    {"log-frequency log-interval print-every", "log-every"},
    {"load restore continue checkpoint from-checkpoint", "resume"},
    {"config-file settings yaml toml c", "config"},
    {"preset", "recipe"},
    {"metadata discrete-columns dtypes", "schema"},
    {"drop exclude skip-columns drop-columns", "ignore"},
    {"usecols features include", "columns"},
    {"conditions condition filter query", "where"},
    {"stratify balanced", "balance"},
    {"label target-column y outcome", "target"},
    {"conditional class-conditional class-cond cond label classes", "by-class class"},
    {"force f yes y overwrite-existing exist-ok", "overwrite"},
    {"silent q no-progress", "quiet"},
    {"best last", "which"},
};

bool has_word(std::string_view words, std::string_view word) {
  while (true) {
    const std::size_t end = words.find(' ');
    if (words.substr(0, end) == word) return true;
    if (end == words.npos) return false;
    words.remove_prefix(end + 1);
  }
}

/// "'--generator-rate' and '--discriminator-rate'": of some flags those that the command has.
std::string named(std::string_view ours, const std::vector<std::string>& flags) {
  std::string text;
  for (const std::string& flag : flags)
    if (has_word(ours, std::string_view(flag).substr(2)))
      text += (text.empty() ? "'" : " and '") + flag + "'";
  return text;
}

}  // namespace

std::string flag_suggestion(std::string_view word, const std::vector<std::string>& flags) {
  std::string plain(word.substr(std::min(word.find_first_not_of('-'), word.size())));
  std::ranges::transform(plain, plain.begin(), [](char c) {
    return c == '_' ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  std::string found = named(plain, flags);
  for (const OtherWords& other : kOtherWords)
    if (found.empty() && has_word(other.words, plain)) found = named(other.flags, flags);
  return found.empty() ? suggestion(word, flags) : "; did you mean " + found + "?";
}

}  // namespace agon::host
