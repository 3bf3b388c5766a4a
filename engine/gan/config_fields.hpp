// Every member of a GanConfig, once: what its checks, its checkpoints, the settings (flags, TOML) and `agon
// inspect` are made from.
#pragma once

#include "engine/gan/config.hpp"
#include "engine/gan/field.hpp"

namespace agon {
namespace fields {

constexpr auto kWidths = Bounds::between(1, 1 << 20);  // columns of a layer
constexpr auto kRows = Bounds::between(1, 1 << 20);    // of a batch
constexpr auto kRowsOrNone = Bounds::between(0, 1 << 20);
constexpr auto kLevels = Bounds::between(2, 1 << 16);  // of a head
constexpr auto kGates = Bounds::between(-1, (1 << 30) - 1);
constexpr auto kHeads = Bounds::between(0, 1 << 20);
constexpr auto kClasses = Bounds::between(0, 1 << 16);
constexpr auto kBillionths = Bounds::between(0, 1'000'000'000);
constexpr auto kShare = Bounds::between(0, 1);
constexpr auto kShareOfSome = Bounds::below(0, 1);  // of what is not all taken
constexpr auto kNotNegative = Bounds::from(0);
constexpr auto kRate = Bounds::above(0, 10);
constexpr auto kSeeds = Bounds::between(0, 0x1p62);  // the time in nanoseconds, and room to count up from it
constexpr auto kWeight = Bounds::between(0, 1e6);
constexpr auto kPixels = Bounds::between(0, 1 << 12);  // of an image in either direction
constexpr auto kBlocks = Bounds::between(1, 64);
constexpr auto kChannelsOfGroup = Bounds::between(0, 1 << 14);
constexpr auto kTaps = Bounds::between(2, 16);
constexpr auto kDeviation = Bounds::between(0, 10);

template <class Config, class Visit>
void visit_generator(Config& c, const Visit& visit) {
  visit(Field{"generator.widths", "widths of its hidden layers", kWidths}.as("generator.hidden").always(),
        c.generator.widths);
  visit(Field{"generator.slope", "its LeakyReLU's slope below zero", kShare}.always(), c.generator.slope);
  visit(Field{"generator_rate", "its learning rate", kNotNegative}.takes(kRate).as("generator.rate").always(),
        c.generator_rate);
  visit(Field{"generator.norm",
              "of its hidden layers before LeakyReLU: none, batch (running statistics when sampling) or "
              "layer"},
        c.generator.norm);
  visit(
      Field{
          "generator.residual",
          "what its hidden layers do with their input: none, concat, add, or pre-activation (add, with norms "
          "and LeakyReLU before the linear layers)"}
          .with_flag("residual"),
      c.generator.residual);
  visit(Field{"generator.dropout", "share of its hidden layers' outputs that is dropped while training",
              kShareOfSome},
        c.generator.dropout);
  visit(Field{"generator.images"}, c.generator.images.role);
  visit(Field{"generator.image_height", "", kPixels}, c.generator.images.shape.height);
  visit(Field{"generator.image_width", "", kPixels}, c.generator.images.shape.width);
  visit(Field{"generator.image_channels", "", kPixels}, c.generator.images.shape.channels);
  visit(Field{"generator.kernel", "taps of its convolutions, of images, in either direction; even", kTaps},
        c.generator.images.kernel);
  visit(Field{"generator.blocks", "of images with residual add: residual blocks at each size", kBlocks},
        c.generator.images.blocks);
  visit(Field{"generator.group_channels",
              "channels of a group in these blocks' 3 x 3 convolutions; 0: all in one", kChannelsOfGroup},
        c.generator.images.group_channels);
  visit(Field{"generator.expansion", "channels inside these blocks for each of their input's", kBlocks},
        c.generator.images.expansion);
  visit(Field{"generator.initial_deviation",
              "standard deviation of the normal numbers that its weights start as; 0: as uniform ones by the "
              "layer's inputs",
              kDeviation},
        c.generator.initial_deviation);
  visit(Field{"generator.output", "of its last layer: identity, or tanh or sigmoid, which stay below 1"},
        c.generator.output);
  visit(Field{"generator.heads", "", kLevels}, c.generator.records.heads);
  visit(Field{"generator.gates", "", kGates}, c.generator.records.gates);
  visit(Field{"generator.choice"}, c.generator.records.choice);
  visit(Field{"generator.link"}, c.generator.records.link);
  visit(Field{"generator.condition_heads", "", kHeads}, c.generator.records.conditions.heads);
  visit(Field{"generator.condition_shares", "", kBillionths}, c.generator.records.conditions.shares);
}

template <class Config, class Visit>
void visit_discriminator(Config& c, const Visit& visit) {
  visit(Field{"discriminator.widths", "widths of its hidden layers", kWidths}
            .as("discriminator.hidden")
            .always(),
        c.discriminator.widths);
  visit(Field{"discriminator.slope", "its LeakyReLU's slope below zero", kShare}.always(),
        c.discriminator.slope);
  visit(Field{"discriminator_rate", "its learning rate", kNotNegative}
            .takes(kRate)
            .as("discriminator.rate")
            .always(),
        c.discriminator_rate);
  visit(Field{"discriminator_steps",
              "its updates in a step, each on a batch of its own, before the generator's",
              Bounds::between(1, 1000)}
            .as("discriminator.steps"),
        c.discriminator_steps);
  visit(Field{"pack", "rows that it judges together, side by side, all real or all fake (PacGAN)", kRows}
            .as("discriminator.pack")
            .with_flag("pack"),
        c.pack);
  visit(Field{"discriminator.dropout", "share of its hidden layers' outputs that is dropped while training",
              kShareOfSome}
            .with_flag("dropout"),
        c.discriminator.dropout);
  visit(Field{"discriminator.norm",
              "of its hidden layers before LeakyReLU: none, batch or layer; not with a penalty on its slope"},
        c.discriminator.norm);
  visit(Field{"discriminator.residual",
              "what its hidden layers do with their input: none, concat, add or pre-activation"},
        c.discriminator.residual);
  visit(Field{"discriminator.images"}, c.discriminator.images.role);
  visit(Field{"discriminator.image_height", "", kPixels}, c.discriminator.images.shape.height);
  visit(Field{"discriminator.image_width", "", kPixels}, c.discriminator.images.shape.width);
  visit(Field{"discriminator.image_channels", "", kPixels}, c.discriminator.images.shape.channels);
  visit(
      Field{"discriminator.kernel", "taps of its convolutions, of images, in either direction; even", kTaps},
      c.discriminator.images.kernel);
  visit(Field{"discriminator.blocks", "of images with residual add: residual blocks at each size", kBlocks},
        c.discriminator.images.blocks);
  visit(Field{"discriminator.group_channels",
              "channels of a group in these blocks' 3 x 3 convolutions; 0: all in one", kChannelsOfGroup},
        c.discriminator.images.group_channels);
  visit(Field{"discriminator.expansion", "channels inside these blocks for each of their input's", kBlocks},
        c.discriminator.images.expansion);
  visit(Field{"discriminator.classes", "", kClasses}, c.discriminator.images.classes);
  visit(Field{"discriminator.initial_deviation",
              "standard deviation of the normal numbers that its weights start as; 0: as uniform ones by the "
              "layer's inputs",
              kDeviation},
        c.discriminator.initial_deviation);
  visit(Field{"discriminator.output"}, c.discriminator.output);
}

template <class Config, class Visit>
void visit_penalties(Config& c, const Visit& visit) {
  const auto weight = [&](std::string_view path, std::string_view text, auto& member) {
    visit(Field{path, text, kNotNegative}.takes(kWeight).with_group(), member);
  };
  weight("penalties.r1", "R1: r1/2 of its squared slope at real rows", c.penalties.r1);
  weight("penalties.r2", "R2: the same at fakes", c.penalties.r2);
  weight("penalties.wgan_gp", "WGAN-GP: weight of (slope - 1)^2 between real rows and fakes",
         c.penalties.wgan_gp);
  weight("penalties.dragan", "DRAGAN: weight of (slope - 1)^2 around real rows", c.penalties.dragan);
  visit(Field{"burn_in.final_penalty",
              "share of these weights that they fall to over the burn-in; 1: they stay", kShare}
            .as("penalties.final_penalty")
            .with_group(),
        c.burn_in.final_penalty);
}

template <class Config, class Visit>
void visit_augmentation(Config& c, const Visit& visit) {
  visit(
      Field{"augmentation.mode",
            "of images, what D sees of them, real and fake: none, adaptive (as much as keeps D from knowing "
            "its images by heart), or fixed, with augment-probability"}
          .with_flag("augment"),
      c.augmentation.mode);
  visit(Field{"augmentation.probability", "of each transformation of an image, where it is fixed", kShare}
            .with_flag("augment-probability"),
        c.augmentation.probability);
  const auto kind = [&](std::string_view path, std::string_view text, std::string_view flag, auto& member) {
    visit(Field{path, text}.with_flag(flag), member);
  };
  kind("augmentation.flip", "whether it mirrors them, left and right", "augment-flip", c.augmentation.flip);
  kind("augmentation.translation", "whether it shifts them, by an eighth of a side at most",
       "augment-translation", c.augmentation.translation);
  kind("augmentation.colour", "whether it changes brightness, contrast and saturation", "augment-colour",
       c.augmentation.colour);
  kind("augmentation.cutout", "whether it cuts a rectangle of half of each side out of them",
       "augment-cutout", c.augmentation.cutout);
  visit(Field{"augmentation.target",
              "adaptive: the mean sign of D's logits of real images, 0 to 1, above which there is more of it",
              Bounds::above(0, 1)}
            .with_flag("augment-target"),
        c.augmentation.target);
  visit(Field{"augmentation.images", "adaptive: real images in which its probability can go from 0 to 1",
              Bounds::between(1, 1e12)}
            .with_flag("augment-images"),
        c.augmentation.images);
}

template <class Config, class Visit>
void visit_game(Config& c, const Visit& visit) {
  visit(Field{"objective",
              "non-saturating, minimax (the literal game), hinge, least-squares, relativistic, or "
              "wasserstein, which needs a penalty (--wgan-gp 10)"}
            .always(),
        c.objective);
  visit(Field{"batch", "rows in a step", kRows}.always(), c.batch);
  visit(
      Field{"micro_batch", "rows that go through the networks at a time; 0 for what the device's cache holds",
            kRowsOrNone},
      c.micro_batch);
  visit(Field{"seed", "of initial weights, noise and the order of rows", kNotNegative}.takes(kSeeds).always(),
        c.seed);
}

template <class Config, class Visit>
void visit_optimiser(Config& c, const Visit& visit) {
  visit(Field{"beta1", "Adam's decay of the mean gradient", kShareOfSome}.always(), c.beta1);
  visit(Field{"beta2", "Adam's decay of the squared gradient", kShareOfSome}.always(), c.beta2);
  visit(Field{"epsilon", "Adam's epsilon", Bounds::above(0)}.takes(Bounds::above(0, 1)).always(), c.epsilon);
  visit(Field{"real_label", "target of real rows; below 1 smooths the labels, where the objective has them",
              Bounds::above(0, 1)}
            .always(),
        c.real_label);
}

template <class Config, class Visit>
void visit_schedule(Config& c, const Visit& visit) {
  visit(Field{"rate_schedule.shape",
              "both learning rates over the run: constant, or falling as linear or cosine"}
            .as("training.rate_schedule")
            .with_group(),
        c.rate_schedule.shape);
  visit(
      Field{"rate_schedule.warmup_steps", "steps in which they rise to their full value first", kNotNegative}
          .as("training.warmup_steps")
          .with_group(),
      c.rate_schedule.warmup_steps);
  visit(Field{"rate_schedule.steps", "", kNotNegative}.with_group(), c.rate_schedule.steps);
  visit(Field{"rate_schedule.final_fraction", "share of them that linear and cosine fall to", kShare}
            .as("training.final_rate")
            .with_group(),
        c.rate_schedule.final_fraction);
  visit(Field{"burn_in.final_beta2", "what beta2 goes to over the burn-in; 0: it stays", kShareOfSome}
            .as("training.final_beta2")
            .with_group(),
        c.burn_in.final_beta2);
  visit(Field{"burn_in.steps", "", kNotNegative}.with_group(), c.burn_in.steps);
  visit(Field{"instance_noise.deviation",
              "standard deviation of noise on all that D sees, in standard deviations of the columns",
              kNotNegative}
            .takes(kWeight)
            .as("training.instance_noise")
            .with_group(),
        c.instance_noise.deviation);
  visit(Field{"instance_noise.steps", "", kNotNegative}.with_group(), c.instance_noise.steps);
}

template <class Config, class Visit>
void visit_parameters(Config& c, const Visit& visit) {
  visit(Field{"weight_decay",
              "share of a parameter that a step of rate 1 takes away, in both networks (AdamW)", kShare},
        c.weight_decay);
  visit(
      Field{
          "l2",
          "times half of each network's squared parameters is added to its loss (Adam's older weight decay)",
          kShare},
      c.l2);
  visit(
      Field{"clip_norm", "norm that each network's gradient is scaled down to where it is longer; 0 for none",
            kNotNegative},
      c.clip_norm);
  visit(Field{"spectral_norm",
              "whether the discriminator's weights are divided by their largest singular value"},
        c.spectral_norm);
  visit(Field{"ema_samples",
              "rows of training in which the average of the generator's weights, which is sampled from, "
              "forgets half; 0 for none",
              kNotNegative},
        c.ema_samples);
  visit(Field{"precision", "of products in layers wider than 16: fp32, or factors rounded to tf32 or bf16"}
            .as("device.precision")
            .always(),
        c.precision);
}

}  // namespace fields

/// Calls visit(field, member) for every member of `config`, a GanConfig or a const one, and of what lies in
/// it, in the order in which settings are shown. A new member takes one visit, here.
template <class Config, class Visit>
void visit_fields(Config& config, const Visit& visit) {
  fields::visit_generator(config, visit);
  fields::visit_discriminator(config, visit);
  fields::visit_penalties(config, visit);
  fields::visit_augmentation(config, visit);
  fields::visit_game(config, visit);
  fields::visit_optimiser(config, visit);
  fields::visit_schedule(config, visit);
  fields::visit_parameters(config, visit);
}

}  // namespace agon
