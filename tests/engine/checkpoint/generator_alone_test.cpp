// A checkpoint that holds the generator alone: what is drawn is what the whole one draws, and nothing else is
// there.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "engine/checkpoint/checkpoint.hpp"
#include "engine/checkpoint/snapshot_layout.hpp"
#include "kernels/error.hpp"

namespace agon {
namespace generator_alone_test {

using Holds = Gan::Snapshot::Holds;

/// A little trained, with all that a generator can keep beside its parameters.
Checkpoint trained_checkpoint() {
  GanConfig config;
  config.generator = {{5, 17, 24, 3}, 0.2f, NormKind::batch};
  config.discriminator = {{3, 20, 18, 1}, 0.2f};
  config.batch = 24;
  config.ema_samples = 500;
  config.spectral_norm = true;
  Gan gan(config, Device::cpu(1));
  std::vector<float> rows;
  for (int i = 0; i < 300; ++i) rows.push_back(static_cast<float>(i % 7) - 3.0f);
  gan.set_data(rows, 100);
  gan.train(20);
  return {config, gan.snapshot(), "cpu", 1, {{"columns", "a,b,c"}}};
}

Checkpoint alone(const Checkpoint& whole) {
  Checkpoint out = whole;
  out.snapshot = generator_of(whole.snapshot, whole.config);
  return out;
}

TEST(GeneratorAlone, DrawsTheBitsOfTheWhole) {
  const Checkpoint whole = trained_checkpoint();
  const Checkpoint read = parse_checkpoint(serialize_checkpoint(alone(whole)));
  EXPECT_EQ(read.snapshot.holds, Holds::generator);
  EXPECT_EQ(read.metadata, whole.metadata);
  for (const Weights weights : {Weights::average, Weights::last}) {
    Gan from_whole(whole.config, Device::cpu(1)), from_alone(whole.config, Device::cpu(1));
    from_whole.restore(whole.snapshot);
    from_alone.restore(read.snapshot);
    from_whole.draw_from(weights);
    from_alone.draw_from(weights);
    EXPECT_EQ(from_whole.sample(50, 7), from_alone.sample(50, 7));
    EXPECT_EQ(from_alone.steps(), 20u);
  }
}

/// Of the discriminator, of Adam's moments and of D's singular vectors no number is in the file.
TEST(GeneratorAlone, HoldsNothingElse) {
  const Checkpoint whole = trained_checkpoint();
  const std::string file = serialize_checkpoint(alone(whole));
  const auto holds = [&](const std::vector<float>& values) {
    return !values.empty() && file.find(std::string(reinterpret_cast<const char*>(values.data()),
                                                    values.size() * sizeof(float))) != std::string::npos;
  };
  int found = 0;
  for (const Gan::Snapshot::Tensor& tensor : whole.snapshot.tensors) {
    const bool of_generator = tensor.name.starts_with("generator.");
    if (tensor.value.size() < 3) continue;  // few bytes may stand anywhere
    EXPECT_EQ(holds(tensor.value), of_generator) << tensor.name;
    EXPECT_EQ(holds(tensor.average), of_generator) << tensor.name;
    EXPECT_FALSE(holds(tensor.moment1)) << tensor.name;
    EXPECT_FALSE(holds(tensor.moment2)) << tensor.name;
    EXPECT_FALSE(holds(tensor.left_singular) || holds(tensor.right_singular)) << tensor.name;
    found += of_generator;
  }
  EXPECT_GT(found, 5);
  for (const char* const word : {"moment", "discriminator.0", "singular"})
    EXPECT_EQ(file.find(word), file.npos) << word;
}

TEST(GeneratorAlone, IsNotTrainedFurther) {
  const Checkpoint whole = trained_checkpoint();
  const Checkpoint part = alone(whole);
  Gan gan(whole.config, Device::cpu(1));
  gan.set_data(std::vector<float>(300, 1.0f), 100);
  gan.restore(part.snapshot);
  const std::vector<float> rows(3 * 24, 0.5f);
  const std::function<void()> refused[] = {[&] { gan.train(1); }, [&] { gan.snapshot(); },
                                           [&] { gan.discriminate(rows); },
                                           [&] { gan.step(rows, std::vector<float>(2 * 24 * 5)); }};
  for (const auto& ask : refused) EXPECT_THROW(ask(), ConfigurationError);
  gan.restore(whole.snapshot);
  gan.train(1);
  EXPECT_EQ(gan.steps(), 21u) << "a whole one is";
}

TEST(GeneratorAlone, OfAnotherModelIsRefused) {
  const Checkpoint part = alone(trained_checkpoint());
  GanConfig other = part.config;
  other.generator.widths = {5, 16, 24, 3};
  Gan gan(other, Device::cpu(1));
  EXPECT_THROW(gan.restore(part.snapshot), ConfigurationError);
}

}  // namespace generator_alone_test
}  // namespace agon
