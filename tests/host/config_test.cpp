// Settings: their defaults, and their values from text.
#include <gtest/gtest.h>

#include <algorithm>

#include "host/config/assign.hpp"
#include "host/config/toml.hpp"
#include "kernels/error.hpp"
#include "tests/temporary_folder.hpp"

namespace agon::host {
namespace config_test {

Setting named(Settings& settings, std::string_view path) {
  const auto all = all_settings(settings);
  return *std::find_if(all.begin(), all.end(), [&](const Setting& s) { return s.path() == path; });
}

TEST(Settings, DefaultsAreTheEnginesOwn) {
  const Settings settings;
  EXPECT_EQ(gan_config(settings, 10, 500), GanConfig());
}

TEST(Settings, SurviveTheWayThroughTheEnginesConfiguration) {
  GanConfig config;
  config.generator = {{3, 5, 7, 4}, 0.1f, NormKind::batch, Residual::concat, 0.125, ActivationKind::tanh};
  config.discriminator = {{4, 1}, 0.3f, NormKind::layer, Residual::concat, 0.25};
  config.objective = Objective::minimax;
  config.generator_rate = 1.0 / 3;
  config.beta1 = 0;
  config.real_label = 0.9;
  config.batch = 3;
  config.micro_batch = 12;
  config.seed = 77;
  config.precision = kernels::Precision::bf16;
  config.rate_schedule = {kernels::RateShape::cosine, 10, 500, 0.125};
  config.burn_in = {500, 0.1, 0.99};
  config.weight_decay = 0.01;
  config.clip_norm = 0.5;
  config.spectral_norm = true;
  config.ema_samples = 12500;
  EXPECT_EQ(gan_config(Settings(config), 4, 500), config);
}

/// What moves does so in the first part of the run, instance noise apart; what does not has no part of it.
TEST(Settings, ABurnInIsAShareOfTheRun) {
  Settings settings;
  settings.gan.rate_schedule = {kernels::RateShape::cosine, 400, 0, 0.25};
  settings.gan.burn_in.final_penalty = 0.1;
  settings.training.burn_in = 0.25, settings.training.instance_noise_until = 0.5;
  GanConfig config = gan_config(settings, 10, 1000);
  EXPECT_EQ(config.rate_schedule, (kernels::RateSchedule{kernels::RateShape::cosine, 62, 250, 0.25}));
  EXPECT_EQ(config.burn_in, (kernels::BurnIn{250, 0.1, 0}));
  EXPECT_EQ(config.instance_noise.steps, 500u);
  settings.gan.burn_in = {0, 1, 0.99};
  EXPECT_EQ(gan_config(settings, 10, 3).burn_in, (kernels::BurnIn{1, 1, 0.99}));
  settings.gan.burn_in.final_beta2 = 0;
  EXPECT_EQ(gan_config(settings, 10, 1000).burn_in, kernels::BurnIn{});
}

TEST(Settings, TheWayThroughTomlKeepsEveryBit) {
  const test::TemporaryFolder folder;
  Settings settings;
  settings.gan.generator_rate = 1.0 / 3;
  settings.gan.epsilon = 5e-324;
  settings.gan.seed = 1ULL << 53;
  settings.gan.discriminator.widths = {10, 1};
  settings.data.table = "tab\t \"quotes\" \\ \x01 \xc3\xa9.csv";
  test::put(folder / "x.toml", to_toml(settings));
  Settings back;
  read_toml(folder / "x.toml", back);
  EXPECT_EQ(to_toml(back), to_toml(settings));
  EXPECT_EQ(back.gan.generator_rate, settings.gan.generator_rate);
  EXPECT_EQ(back.gan, settings.gan);
  EXPECT_EQ(back.data.table, settings.data.table);
}

TEST(Assign, BoundsAreWhereTheySay) {
  Settings settings;
  const auto takes = [&](std::string_view path, const char* text) {
    try {
      assign_text(named(settings, path), text, "here");
      return true;
    } catch (const ConfigurationError& error) {
      EXPECT_TRUE(std::string_view(error.what()).starts_with("here: expected ")) << error.what();
      return false;
    }
  };
  EXPECT_TRUE(takes("training.batch", "1"));
  EXPECT_FALSE(takes("training.batch", "0"));
  EXPECT_TRUE(takes("training.batch", "1048576"));
  EXPECT_FALSE(takes("training.batch", "1048577"));
  EXPECT_TRUE(takes("training.seed", "+4611686018427387904"));
  EXPECT_FALSE(takes("training.seed", "4611686018427387905"));
  EXPECT_FALSE(takes("training.seed", "9223372036854775808"));
  EXPECT_TRUE(takes("run.checkpoint_every", "9007199254740992"));
  EXPECT_FALSE(takes("run.checkpoint_every", "9007199254740993"));
  EXPECT_TRUE(takes("training.batch", "1e3"));
  EXPECT_TRUE(takes("training.batch", "+2.5e2"));
  EXPECT_TRUE(takes("training.batch", "5E0"));
  EXPECT_TRUE(takes("generator.hidden", "1e2,256"));
  EXPECT_TRUE(takes("training.held_out", "-1"));
  EXPECT_FALSE(takes("training.held_out", "-0.5"));
  EXPECT_FALSE(takes("training.held_out", "0.95"));
  EXPECT_FALSE(takes("training.seed", "-1"));
  EXPECT_TRUE(takes("generator.rate", "1e-300"));
  EXPECT_FALSE(takes("generator.rate", "0"));
  EXPECT_FALSE(takes("generator.rate", "inf"));
  EXPECT_TRUE(takes("training.beta1", "0"));
  EXPECT_FALSE(takes("training.beta1", "1"));
  EXPECT_TRUE(takes("training.real_label", "1"));
  EXPECT_FALSE(takes("training.real_label", "0"));
  for (const char* text :
       {"", " 1", "1 ", "0x10", "1e-3", "1.5e0", "1e99", "1e", "e1", "64.0", "--1", "+-1", "one"})
    EXPECT_FALSE(takes("training.batch", text)) << text;
}

TEST(Assign, BoundsAreSaid) {
  Settings settings;
  const auto takes = [&](std::string_view path) { return expectation(named(settings, path)); };
  EXPECT_EQ(takes("training.batch"), "an integer from 1 to 1048576");
  EXPECT_EQ(takes("training.seed"), "an integer from 0 to 4611686018427387904");
  EXPECT_EQ(takes("generator.rate"), "a number above 0 and at most 10");
  EXPECT_EQ(takes("training.beta1"), "a number from 0 to below 1");
  EXPECT_EQ(takes("training.held_out"), "a number from 0 to 0.9, or -1");
  EXPECT_EQ(takes("penalties.r1"), "a number from 0 to 1000000");
  EXPECT_EQ(takes("training.rate_schedule"), "one of constant, linear, cosine");
}

/// What the engine's configuration has and what the program has itself, under the names that files have.
TEST(Settings, AreNamedAndInOrder) {
  Settings settings;
  std::string flags;
  std::vector<std::string> sections;
  for (const Setting& setting : all_settings(settings)) {
    flags += setting.path() + (setting.flag.empty() ? "" : " --" + setting.flag) + "\n";
    if (sections.empty() || sections.back() != setting.section) sections.push_back(setting.section);
  }
  EXPECT_EQ(sections, (std::vector<std::string>{"data", "generator", "discriminator", "penalties",
                                                "augmentation", "training", "run", "device"}));
  for (const char* line :
       {"data.table\n", "generator.hidden --generator-hidden\ngenerator.latent --latent\n",
        "generator.rate --generator-rate\n", "discriminator.steps --discriminator-steps\n",
        "discriminator.pack --pack\n", "penalties.wgan_gp --wgan-gp\n",
        "training.objective --objective\ntraining.epochs --epochs\ntraining.steps --steps\n",
        "training.minutes --minutes\ntraining.batch --batch\n",
        "training.seed --seed\ntraining.replicas --replicas\ntraining.held_out --held-out\n",
        "training.instance_noise --instance-noise\ntraining.instance_noise_until --instance-noise-until\n",
        "penalties.dragan --dragan\npenalties.final_penalty --final-penalty\n",
        "training.final_rate --final-rate\ntraining.final_beta2 --final-beta2\ntraining.burn_in --burn-in\n",
        "run.from_recipe\ndevice.name --device\n", "device.precision --precision\n"})
    EXPECT_NE(flags.find(line), std::string::npos) << line << flags;
}

/// Resuming compares what a checkpoint has with what config.toml has.
TEST(Settings, ASlopeIsShownAsItIsUsed) {
  Settings settings;
  assign_text(named(settings, "generator.slope"), "0.123456789", "here");
  Settings resumed(gan_config(settings, 10, 500));
  EXPECT_EQ(setting_text(named(settings, "generator.slope")),
            setting_text(named(resumed, "generator.slope")));
}

TEST(Assign, TruthIsSpeltOut) {
  Settings settings;
  const Setting norm = named(settings, "training.spectral_norm");
  assign_text(norm, "true", "here");
  EXPECT_TRUE(settings.gan.spectral_norm);
  assign_text(norm, "false", "here");
  EXPECT_FALSE(settings.gan.spectral_norm);
  for (const char* text : {"", "1", "yes", "True", "true "})
    EXPECT_THROW(assign_text(norm, text, "here"), ConfigurationError) << text;
}

TEST(Assign, Lists) {
  Settings settings;
  const Setting hidden = named(settings, "generator.hidden");
  const auto list = [&](const char* text) {
    assign_text(hidden, text, "here");
    return std::get<std::vector<std::int64_t>>(hidden.value());
  };
  using List = std::vector<std::int64_t>;
  EXPECT_EQ(list("128"), (List{128}));
  EXPECT_EQ(list("128,256"), (List{128, 256}));
  EXPECT_EQ(list("[128, 256]"), (List{128, 256}));
  EXPECT_EQ(list("[]"), List());
  for (const char* text : {"1,", ",1", "1,,2", "[1", "1;2", "0", "1,-2", "1.5"})
    EXPECT_THROW(list(text), ConfigurationError) << text;
}

TEST(Assign, EveryDefaultIsAllowed) {
  Settings settings;
  for (const Setting& setting : all_settings(settings)) {
    std::string text = setting_text(setting);
    std::erase(text, '"');
    EXPECT_NO_THROW(assign_text(setting, text, "default")) << setting.path();
  }
  EXPECT_EQ(to_toml(settings), to_toml(Settings()));
}

}  // namespace config_test
}  // namespace agon::host
