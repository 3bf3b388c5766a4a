// A generative adversarial network: two networks, their optimisers, and the step that trains them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/gan/config.hpp"
#include "engine/gan/step_statistics.hpp"
#include "engine/model/snapshot.hpp"
#include "engine/network/parameter_layout.hpp"
#include "engine/program/summary.hpp"
#include "engine/runtime/device.hpp"
#include "engine/runtime/loop_options.hpp"
#include "engine/runtime/owned.hpp"
#include "engine/tuning/layer_plan.hpp"
#include "kernels/statistics.hpp"

namespace agon {

using HealthSample = kernels::HealthSample;

/// The generator's: their exponential moving average, or as the last step left them.
enum class Weights : std::uint8_t { average, last };

/// Not safe for use from two threads at once. Throws ConfigurationError, DataError, DeviceError, or another
/// Error where memory is short or the object was moved from; besides, what a caller's Watch throws.
class Gan {
 public:
  /// `loop`: how steps are repeated. Results do not depend on it, but for `fuse` on a GPU. `replicas`
  /// trainings go on side by side, the one numbered r with config.seed + r: its results are, bit for bit,
  /// those of a training of its own with that seed (on the processor: with as many threads as it gets, at
  /// least one). Functions that read or write one of them take its number.
  explicit Gan(const GanConfig& config, const Device& device, const LoopOptions& loop = {}, int replicas = 1);
  Gan(Gan&&) noexcept;
  Gan& operator=(Gan&&) noexcept;
  ~Gan();

  const GanConfig& config() const;
  const Device& device() const;
  int replicas() const;
  /// Steps completed; after divergence those of the last state that is known to be good, to which everything
  /// learnt has been set back (the start of a step whose losses were finite, at most 2048 before the end;
  /// where there was none yet, nothing is set back).
  std::uint64_t steps(int replica = 0) const;
  bool diverged(int replica = 0) const;  ///< a loss was not finite, or end() was called; training has stopped
  /// The replica takes no further part in training, as if it had diverged; restore() takes it back in.
  void end(int replica);

  /// Copies the training table, (rows, width) row-major and already standardised, to the device. Throws
  /// DataError with row and column of a number that is not finite.
  void set_data(std::span<const float> table, std::int64_t rows);
  /// The same of records, where the configuration has heads for them.
  void set_data(const CodedRows& records);
  /// Images as bytes, (count, height, width, channels), of a configuration of images; they stay bytes in the
  /// device's memory, and the discriminator sees 0 as -1 and 255 as 1, as G's tanh makes them. By class,
  /// `classes` (count) has that of each.
  void set_images(std::span<const std::uint8_t> images, std::int64_t count,
                  std::span<const std::int32_t> classes = {});
  /// A table for each replica, all of `rows` rows: what becomes of a replica is what becomes of a training of
  /// its own with its seed on its table. Records have one coding (the same cumulative shares).
  void set_data_of_each(std::span<const std::vector<float>> tables, std::int64_t rows);
  void set_data_of_each(std::span<const CodedRows> tables);
  std::int64_t rows() const;
  /// What may spoil a training on set_data's table, a line each: columns of numbers that are not
  /// standardised, as far as a mean beyond 1 or a deviation beyond 4 or below a quarter shows it.
  std::vector<std::string> warnings() const;

  /// Each linear layer and convolution of the step is computed as `plan` says, from the next step on; the
  /// default is an estimate by arithmetic. Bits depend on it. The processor has one algorithm, and no use for
  /// a plan.
  void set_plan(LayerPlan plan);
  /// Times the algorithms that the device has for each of them, which takes seconds, and sets the plan
  /// of the fastest.
  void tune();
  const LayerPlan& plan() const;
  /// What a plan must answer for this Gan's step.
  std::vector<LayerLaunch> launches() const;

  /// The operations of a step, as the device does them one after the other. Needs set_data().
  std::vector<OperationSummary> operations() const;
  /// One step of train(), and the seconds that each of operations() took. Of one replica on the processor.
  std::vector<double> time_operations();

  /// Runs `steps` steps on set_data's table. Noise and batches depend on (seed, step) alone. Returns the
  /// steps completed, fewer where the run diverged or `watch` said false: see Loop::run. While it runs,
  /// `watch` may call statistics() and nothing else of this object.
  std::uint64_t train(std::uint64_t steps, const Watch& watch = {});
  /// Statistics of the steps after step `since`, oldest first: of those completed in this object, the last
  /// kStatisticsRing - 2 at most. On CUDA also of a run under way, whose device is not disturbed.
  std::vector<StepStatistics> statistics(std::uint64_t since = 0, int replica = 0) const;
  static constexpr std::int64_t kStatisticsRing = 65536;

  /// Looks at the training's health (kernels/statistics.hpp) that belong to steps after `since`, every
  /// kHealthEvery-th, with train()'s table; oldest first, and as long as statistics() keeps theirs. The first
  /// step after restore() has none, as it has no step before it.
  std::vector<HealthSample> health_samples(std::uint64_t since = 0, int replica = 0) const;

  /// One step on the caller's own rows, (D, batch, width) with D = config.discriminator_steps, a batch for
  /// each of D's phases, and noise, (D + 1, batch, inputs), the last of it the generator's. With conditions
  /// the last columns of the noise are one-hot, and rows get them from there; by class real rows have those
  /// of the noise at their place.
  StepStatistics step(std::span<const float> batch, std::span<const float> noise);

  /// Which weights sample() and generate() use from now on: at first the average where the configuration has
  /// one (ema_samples). Throws ConfigurationError on the average where it has none.
  void draw_from(Weights weights);
  Weights drawn_from() const;
  /// `count` rows of generated data, (count, width), still standardised. Row i depends on (parameters, with
  /// batch norm the running statistics, seed, i) alone.
  std::vector<float> sample(std::int64_t count, std::uint64_t seed, int replica = 0) const;
  /// The same for rows [first, first + count): a long draw in pieces.
  struct Rows {
    std::int64_t first, count;
  };
  std::vector<float> sample(Rows rows, std::uint64_t seed, int replica = 0) const;
  /// By class: rows of that draw, but row rows.first + i of the class classes[i]; and the classes that those
  /// of sample() without them have, which are drawn by their shares. Throw ConfigurationError otherwise.
  std::vector<float> sample(Rows rows, std::uint64_t seed, std::span<const std::int32_t> classes,
                            int replica = 0) const;
  std::vector<std::int32_t> sampled_classes(Rows rows, std::uint64_t seed) const;
  /// Of a generator of records the scores (config().generator.records) that its heads choose by, (count,
  /// records.scores()): rows [first, first + count) of the draw that sample() makes records of.
  std::vector<float> sample_scores(Rows rows, std::uint64_t seed, int replica = 0) const;
  /// Generator's output, of an evaluation pass, for the caller's noise (n, inputs), and discriminator's
  /// logits for rows (n, width).
  std::vector<float> generate(std::span<const float> noise, int replica = 0) const;
  std::vector<float> discriminate(std::span<const float> rows, int replica = 0) const;
  /// The same by class, each row as one of its class; by class the one above throws ConfigurationError.
  std::vector<float> discriminate(std::span<const float> rows, std::span<const std::int32_t> classes,
                                  int replica = 0) const;
  /// The gradient of each logit of discriminate() by its rows, (n, width): which way D would have a row go,
  /// and how much it minds. Throws ConfigurationError where D has a norm, or judges by class.
  std::vector<float> discriminator_slopes(std::span<const float> rows, int replica = 0) const;

  /// "generator.0.weight", "discriminator.2.bias", with a norm "generator.0.gamma", "generator.0.beta", ...
  /// in layer order; shapes as in TensorView.
  std::vector<TensorView> parameters() const;
  std::vector<float> parameter(std::string_view name, int replica = 0) const;
  /// An average becomes what its weights are set to.
  void set_parameter(std::string_view name, std::span<const float> values, int replica = 0);
  /// The gradients the last step left, by the same names.
  std::vector<float> gradient(std::string_view name, int replica = 0) const;

  /// All that training changes, or what drawing needs of it, for checkpoint.hpp.
  struct Snapshot {
    enum class Holds : std::uint8_t {
      all,
      generator,  ///< G's parameters, their average and running statistics: no D, no optimiser
    };
    std::uint64_t step = 0;
    std::uint64_t generator_updates = 0;
    std::uint64_t discriminator_updates = 0;
    using Tensor = SnapshotTensor;
    std::vector<Tensor> tensors;  ///< both networks, or the generator, in parameters() order
    Holds holds = Holds::all;
    float augmentation = 0;  ///< where it is adaptive, its probability
  };
  Snapshot snapshot(int replica = 0) const;
  /// Throws ConfigurationError where names or shapes are not this network's. After one that holds the
  /// generator alone train(), step(), discriminate() and snapshot() of that replica throw it, too.
  void restore(const Snapshot& snapshot, int replica = 0);

 private:
  struct Implementation;
  Owned<Implementation> implementation_;
};

}  // namespace agon
