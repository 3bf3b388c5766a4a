#include "host/run/replica_run.hpp"

#include <algorithm>
#include <filesystem>

#include "engine/checkpoint/snapshot_layout.hpp"
#include "engine/runtime/atomic_file.hpp"
#include "host/run/image_data.hpp"
#include "host/run/layer_plan.hpp"
#include "kernels/error.hpp"

namespace agon::host {
void MeanStatistics::add(std::span<const StepStatistics> statistics) {
  for (const StepStatistics& s : statistics) {
    const double values[5] = {s.discriminator_loss, s.generator_loss, s.output_real, s.output_fake,
                              s.augmentation};
    for (int i = 0; i < 5; ++i) sum_[i] += values[i];
  }
  count_ += static_cast<double>(statistics.size());
}

StepStatistics MeanStatistics::take() {
  const auto mean = [&](int i) { return static_cast<float>(sum_[i] / std::max(count_, 1.0)); };
  const StepStatistics result{0, mean(0), mean(1), mean(2), mean(3), 0, mean(4)};
  *this = {};
  return result;
}

ReplicaRun::ReplicaRun(const TrainingRun& run, int replica, std::uint64_t step)
    : run_(run),
      replica_(replica),
      suffix_(run.gan->replicas() > 1 ? replica_suffix(seed()) : ""),
      step_(step),
      log_(run.folder->stats(suffix_), step, run.settings.run.log_every, static_cast<double>(run.data.rows),
           static_cast<double>(run.gan->config().rows_of_step()), run.gan->config().objective),
      going_(!run.gan->diverged(replica)),
      watch_(run.gan->config()) {
  if (!going_ && !log_.logged().empty()) last_ = log_.logged().back();
  for (const StatsRow& row : log_.with_health()) watch_.see(row);
  write_health();
  if (run.held_out && step > 0)  // at step 0 it is scored anew: its first checkpoint may be missing
    scores_ = read_scores(run.folder->scores(suffix_), step);
}

/// What a killed run said beyond its last checkpoint goes, as in the log.
void ReplicaRun::write_health() const {
  const auto path = run_.folder->health(suffix_);
  std::error_code ignored;
  if (watch_.said().empty()) {
    std::filesystem::remove(path, ignored);
    return;
  }
  std::string text;
  for (const HealthWarning& warning : watch_.said()) text += health_line(warning) + "\n";
  write_file_atomically(path, text);
}

void ReplicaRun::note(const HeldOutScore& score) {
  const std::uint64_t step = run_.gan->steps(replica_);
  if (!scores_.empty() && scores_.back().step >= step) return;  // of a state it went back to
  scores_.push_back({step, score});
  std::string text;
  for (const ScoredStep& scored : scores_) text += score_line(scored) + "\n";
  write_file_atomically(run_.folder->scores(suffix_), text);
}

std::uint64_t ReplicaRun::take_in() {
  const std::vector<StepStatistics> fresh = run_.gan->statistics(step_, replica_);
  if (fresh.empty()) return 0;
  const std::vector<HealthSample> samples =
      run_.gan->health_samples(step_, replica_);  // of these steps, and maybe later ones
  const std::uint64_t done = fresh.back().step - step_;
  last_ = fresh.back();
  step_ = last_.step;
  mean_.add(fresh);
  log_.append(fresh, samples);
  watch(fresh, samples);
  return done;
}

void ReplicaRun::watch(std::span<const StepStatistics> statistics, std::span<const HealthSample> samples) {
  const std::size_t known = watch_.said().size();
  for (const HealthSample& sample : samples) {
    const auto same_step = [&](const StepStatistics& s) { return s.step == sample.step; };
    const auto found = std::find_if(statistics.begin(), statistics.end(), same_step);
    if (found == statistics.end()) continue;
    for (HealthWarning& warning : watch_.see({*found, sample})) fresh_.push_back(std::move(warning));
  }
  if (watch_.said().size() > known) write_health();
}

void ReplicaRun::end() {
  log_.append(std::span(&last_, 1), {}, true);
  run_.gan->end(replica_);
  going_ = false;
}

std::optional<Checkpoint> ReplicaRun::checkpoint(const StepStatistics& at) {
  const Gan& gan = *run_.gan;
  Checkpoint checkpoint{
      gan.config(), gan.snapshot(replica_), gan.device().name(), gan.device().threads(), {}};
  if (!all_finite(checkpoint.snapshot)) return std::nullopt;
  checkpoint.config.seed = seed();
  store(run_.data, checkpoint);
  if (gan.device().kind() == DeviceKind::cuda) checkpoint.metadata[kPlanRecord] = record_plan(gan);
  if (checkpoint.snapshot.step > 0) {
    checkpoint.metadata["statistics"] =
        stats_line({at}, static_cast<double>(run_.data.rows),
                   static_cast<double>(gan.config().rows_of_step()), gan.config().objective);
  }
  log_.sync();  // a checkpoint never knows of steps that the log does not
  return checkpoint;
}

bool ReplicaRun::write_sample_grid() const {
  ImageGrid grid;
  try {
    grid =
        drawn_grid(*run_.gan, run_.data.representation.classes, run_.settings.run.samples, seed(), replica_);
  } catch (const DataError&) {
    return false;
  }
  write_png(run_.folder->sample_grid(step_, suffix_), grid.shape, grid.pixels);
  return true;
}

bool ReplicaRun::write_samples() const {
  if (run_.data.representation.of_images()) return write_sample_grid();
  AtomicFile file(run_.folder->samples(step_, suffix_));
  CsvDraw draw(
      *run_.gan, run_.data.representation, [&](std::string_view text) { file.write(text); }, replica_);
  // Where next to no records fulfil the schema's constraints, fewer: agon sample says so.
  const DrawRequest request{.count = run_.settings.run.samples, .seed = seed(), .never = run_.people};
  if (!draw.draw(request, [] { return true; }).finite) return false;
  draw.finish();
  file.commit();
  return true;
}

}  // namespace agon::host
