#include "engine/gan/config.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <type_traits>

#include "engine/gan/config_fields.hpp"
#include "engine/gan/config_names.hpp"
#include "kernels/error.hpp"

namespace agon {
namespace {

void require(bool holds, const std::string& complaint) {
  if (!holds) throw ConfigurationError(complaint);
}

/// With as many digits as it takes: "0.1", "1e-300".
template <class Number>
std::string shown(Number value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

/// "not between 0 and 1", "not in [0, 1)", "not a finite number >= 0"
std::string outside(const Bounds& b) {
  if (std::isinf(b.high) && std::isinf(b.low)) return "not finite";
  if (std::isinf(b.high))
    return std::string("not a finite number >") + (b.above_low ? " " : "= ") + shown(b.low);
  if (!b.above_low && !b.below_high) return "not between " + shown(b.low) + " and " + shown(b.high);
  return std::string("not in ") + (b.above_low ? "(" : "[") + shown(b.low) + ", " + shown(b.high) +
         (b.below_high ? ")" : "]");
}

/// Of numbers and lists of them; an enumeration holds what has a name. An output is looked at later.
template <class Member>
void require_bounds(const Field& field, const Member& member) {
  if constexpr (std::is_same_v<Member, std::vector<std::int64_t>>) {
    for (const std::int64_t one : member) require_bounds(field, one);
  } else if constexpr (Named<Member> && !std::is_same_v<Member, ActivationKind>) {
    name_of(member);
  } else if constexpr (std::is_arithmetic_v<Member> && !std::is_same_v<Member, bool>) {
    if (!field.bounds.hold(member))
      throw ConfigurationError(std::string(field.path) + ": " + shown(member) + " is " +
                               outside(field.bounds));
  }
}

/// With the bounds of its widths, keeps the parameters below 2^57, so that no count of them overflows.
void validate_network(const NetworkSpec& spec, const std::string& name) {
  constexpr std::size_t kDeepest = 256;
  require(spec.widths.size() >= 2, name + ": needs at least an input and an output width");
  require(spec.widths.size() <= kDeepest, name + ": " + std::to_string(spec.widths.size()) +
                                              " widths are more than " + std::to_string(kDeepest));
  const bool adding = (spec.residual == Residual::add && !spec.images.any()) || spec.pre_activation();
  bool adds = !adding;
  for (std::size_t block = 0; spec.hidden(block); ++block) adds = adds || spec.adds(block);
  require(adds, name + ": residual " + std::string(to_string(spec.residual)) +
                    ": no hidden layer is as wide as its input; equal widths, such as 256,256, "
                    "make one so");
  require(!spec.pre_activation() || spec.norm != NormKind::none,
          name + ": residual pre-activation: needs a norm, such as layer");
}

void validate_image_blocks(const NetworkSpec& spec, const std::string& name) {
  if (!spec.has_image_blocks()) return;
  require(spec.norm == NormKind::none,
          name + ": residual blocks of images have no norm; --" + name + "-norm none");
  require(spec.dropout == 0, name + ": residual blocks of images have no dropout; leave it at 0");
  const std::int64_t group = spec.images.group_channels;
  for (std::size_t b = 1; group > 0 && b + 1 < spec.widths.size(); ++b)
    require(spec.widths[b] * spec.images.expansion % group == 0,
            name + ": groups of " + std::to_string(group) + " channels do not divide the " +
                std::to_string(spec.widths[b] * spec.images.expansion) + " inside a block");
}

void validate_images(const NetworkSpec& spec, const std::string& name, ImageRole role) {
  if (!spec.images.any()) return;
  const auto refuse = [&](const std::string& what) { throw ConfigurationError(name + ": " + what); };
  const ImageShape& image = spec.images.shape;
  if (spec.images.role != role) refuse("a generator makes images, a discriminator reads them");
  constexpr std::int64_t kMostChannels = 1 << 14, kMostPixels = 1 << 22;  // so that no count overflows
  if (image.size() < 1) refuse("its images have no pixels");
  if (image.pixels() > kMostPixels)
    refuse("images of " + std::to_string(image.height) + " x " + std::to_string(image.width) +
           " have more than " + std::to_string(kMostPixels) +
           " pixels; smaller ones are learnt, such as --image-size 256 --image-fit stretch");
  for (std::size_t b = 1; b + 1 < spec.widths.size(); ++b)
    if (spec.widths[b] > kMostChannels)
      refuse(std::to_string(spec.widths[b]) + " channels are more than " + std::to_string(kMostChannels));
  if (spec.widths.size() < 3) refuse("of images: needs a hidden layer, whose width is in channels");
  if (spec.images.kernel % 2 != 0)
    refuse("kernel " + std::to_string(spec.images.kernel) +
           ": convolutions that halve or double an image take an even number of taps, such as 4");
  if ((spec.residual != Residual::none && spec.residual != Residual::add) || spec.records.any())
    refuse("of images: has residual none or add, not " + std::string(to_string(spec.residual)) +
           ", and no heads of records");
  if (spec.output == ActivationKind::sigmoid)
    refuse("of images: output sigmoid is never below 0, and pixels lie in [-1, 1]; tanh or identity");
  validate_image_blocks(spec, name);
  const std::size_t halvings = spec.halvings();
  const std::int64_t unit = std::int64_t{1} << std::min<std::size_t>(halvings, 40);
  const bool whole = image.height % unit == 0 && image.width % unit == 0;
  if (spec.has_image_blocks() ? !whole : std::min(image.height, image.width) < unit)
    refuse("images of " + std::to_string(image.height) + " x " + std::to_string(image.width) +
           " are not halved " + std::to_string(halvings) +
           " times, as its hidden layers do; their sides must be " +
           (spec.has_image_blocks() ? "multiples of " : "at least ") + std::to_string(unit) +
           ": fewer layers, or another --image-size");
  if (spec.width_at(role == ImageRole::makes ? spec.widths.size() - 1 : 0) != image.channels)
    refuse("its images' channels are not the " + std::to_string(image.channels) + " of its shape");
}

void validate_images(const GanConfig& c) {
  validate_images(c.generator, "generator", ImageRole::makes);
  validate_images(c.discriminator, "discriminator", ImageRole::reads);
  require(c.generator.images.shape == c.discriminator.images.shape,
          "discriminator: reads other images than the generator makes");
  require(!c.generator.images.any() || c.pack == 1,
          "pack: a discriminator of images judges each alone; --pack 1");
}

void validate_augmentation(const GanConfig& c) {
  const Augmentation& a = c.augmentation;
  const bool fixed = a.mode == AugmentationMode::fixed;
  require(fixed || a.probability == 0,
          "augmentation: a probability is given where it is fixed, and else none; --augment fixed");
  if (!a.any()) return;
  require(c.of_images(), "augmentation: moves and recolours images, which records are not; --augment none");
  require(
      !fixed || a.probability > 0,
      "augmentation: fixed at probability 0 it does nothing; --augment-probability 0.3, or --augment none");
  require(a.kinds() != kernels::AugmentKinds{},
          "augmentation: without flip, translation, colour and cutout it does nothing; --augment none");
}

void validate_records(const GanConfig& c) {
  const RecordLayout& records = c.generator.records;
  require(c.discriminator.records == RecordLayout{},
          "discriminator: its output is a logit, which has no heads");
  if (!records.any()) return;
  require(c.generator.widths.back() == records.scores(),
          "generator: output width " + std::to_string(c.generator.widths.back()) + " differs from the " +
              std::to_string(records.scores()) + " scores of its heads");
  require(c.generator.output == ActivationKind::identity,
          "generator: heads take scores, which have no activation");
  for (const std::int64_t gate : records.gates) {
    require(gate < 0 || records.choice != HeadChoice::gumbel,
            "generator: a gate is open or closed, and the levels of gumbel heads are shares");
    require(gate < records.levels(), "generator: gate " + std::to_string(gate) + " is none of the " +
                                         std::to_string(records.levels()) + " levels");
  }
}

void validate_classes(const GanConfig& c) {
  const RecordConditions& conditions = c.generator.records.conditions;
  const std::string classes = std::to_string(c.classes());
  require(c.generator.images.classes == 0, "generator: classes are for a discriminator to judge by");
  require(c.of_images() || c.classes() == 0, "discriminator: classes are of images");
  require(c.classes() != 1, "discriminator: one class tells nothing apart; two or more, or none");
  require(c.discriminator.widths.back() == 1 + c.classes(),
          "discriminator: output width must be 1, one logit a row" +
              (c.classes() == 0 ? "" : ", and one more for each of the " + classes + " classes"));
  if (!c.of_images()) return;
  require(conditions.heads.empty(), "generator: conditions of images are classes, and of no heads");
  require(c.generator.records.condition_levels() == c.classes(),
          "generator: is asked for other classes than the " + classes + " of the discriminator");
  require(c.classes() == 0 || std::ranges::any_of(conditions.shares, [](auto share) { return share > 0; }),
          "generator: no class has a share");
}

void validate_conditions(const GanConfig& c) {
  require(c.latent() >= 1, "generator: its input is the condition alone");
  if (c.of_images()) return;
  const RecordLayout& records = c.generator.records;
  std::int64_t levels = 0, before = -1;
  for (const std::int64_t head : records.conditions.heads) {
    require(head > before && head < static_cast<std::int64_t>(records.heads.size()),
            "generator: conditions on head " + std::to_string(head) + " after head " +
                std::to_string(before) + " of " + std::to_string(records.heads.size()));
    before = head;
    const std::int64_t first = levels;
    levels += records.heads[static_cast<std::size_t>(head)];
    require(levels <= records.condition_levels(), "generator: conditions have too few shares");
    const auto begin = records.conditions.shares.begin();
    require(std::any_of(begin + first, begin + levels, [](std::int64_t share) { return share > 0; }),
            "generator: no level of head " + std::to_string(head) + " has a share");
  }
  require(levels == records.condition_levels(), "generator: conditions have too many shares");
}

void validate_layers(const GanConfig& c) {
  validate_network(c.generator, "generator");
  validate_network(c.discriminator, "discriminator");
  require(std::ranges::any_of(Names<ActivationKind>::all,
                              [&](const auto& entry) { return entry.second == c.generator.output; }),
          "generator: an output is identity, tanh or sigmoid");
  require(c.discriminator.output == ActivationKind::identity,
          "discriminator: its output is a logit, which has no activation");
  require(!c.penalties.any() || c.discriminator.norm != NormKind::batch || !c.discriminator.hidden(0),
          "discriminator: a batch norm makes a row's slope depend on the other rows of its batch, and a "
          "penalty is on each "
          "row's own; --discriminator-norm none or no penalty");
  require(
      !c.penalties.any() || c.discriminator.piecewise_linear(),
      "discriminator: a layer norm is curved, and penalties are exact where the discriminator is linear in "
      "pieces; --discriminator-norm none or no penalty");
}

void validate_rows(const GanConfig& c) {
  require(c.generator.norm != NormKind::batch || c.batch > 1,
          "batch norm: needs a batch of two rows or more");
  require(c.discriminator.norm != NormKind::batch || c.batch / c.pack > 1,
          "batch norm: needs a batch of two packs or more");
  require(c.batch % c.pack == 0,
          "pack: " + std::to_string(c.pack) + " does not divide the batch of " + std::to_string(c.batch));
  require(c.discriminator.inputs(0) == c.pack * c.width(),
          "discriminator: input width " + std::to_string(c.discriminator.inputs(0)) +
              " differs from the generator's output width " + std::to_string(c.width()) +
              (c.pack == 1 ? "" : " times the pack of " + std::to_string(c.pack)));
}

void validate_optimiser(const GanConfig& c) {
  const kernels::RateSchedule& schedule = c.rate_schedule;
  require(schedule.shape == kernels::RateShape::constant || schedule.warmup_steps < schedule.steps,
          "warm-up: its " + std::to_string(schedule.warmup_steps) + " steps leave none of the schedule's " +
              std::to_string(schedule.steps));
  require(c.weight_decay * std::max(c.generator_rate, c.discriminator_rate) <= 1.0,
          "weight decay: " + shown(c.weight_decay) + " at these rates takes away more than all");
}

void validate_game(const GanConfig& c) {
  require(c.real_label == 1.0 || kernels::has_real_label(c.objective),
          "real label: the " + std::string(to_string(c.objective)) + " objective has no labels to smooth");
  require(c.penalties.wgan_gp == 0.0 || c.penalties.dragan == 0.0,
          "wgan-gp and dragan: their points differ, only one of them can be used at a time");
}

}  // namespace

void GanConfig::validate() const {
  visit_fields(*this, [](const Field& field, const auto& member) { require_bounds(field, member); });
  validate_layers(*this);
  validate_images(*this);
  validate_augmentation(*this);
  validate_records(*this);
  validate_classes(*this);
  validate_conditions(*this);
  validate_rows(*this);
  validate_optimiser(*this);
  validate_game(*this);
}

std::string_view to_string(Objective objective) { return name_of(objective); }
std::string_view to_string(kernels::Precision precision) { return name_of(precision); }
std::string_view to_string(kernels::RateShape shape) { return name_of(shape); }
std::string_view to_string(NormKind norm) { return name_of(norm); }
std::string_view to_string(Residual residual) { return name_of(residual); }
std::string_view to_string(ActivationKind activation) { return name_of(activation); }
Objective parse_objective(std::string_view name) { return value_named<Objective>(name); }
kernels::Precision parse_precision(std::string_view name) { return value_named<kernels::Precision>(name); }
NormKind parse_norm(std::string_view name) { return value_named<NormKind>(name); }

}  // namespace agon
