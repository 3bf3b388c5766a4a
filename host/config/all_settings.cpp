// The list of all settings: the engine's fields, with the program's own among them.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>

#include "engine/gan/config_fields.hpp"
#include "engine/gan/config_names.hpp"
#include "host/config/settings.hpp"

namespace agon::host {
namespace {

using Widths = std::vector<std::int64_t>;

/// The decimal number a person would have written for the float: 0.2, not 0.200000003.
double decimal(float value) { return std::stod(fmt::format("{}", value)); }

/// Of a network's widths the hidden ones: what is before and behind them is set by others.
template <class Member>
SettingValue value_of(const Member& member) {
  if constexpr (Named<Member>) {
    return std::string(agon::name_of(member));
  } else if constexpr (std::is_same_v<Member, Widths>) {
    return Widths(member.begin() + 1, member.end() - 1);
  } else if constexpr (std::is_same_v<Member, float>) {
    return decimal(member);
  } else if constexpr (std::is_same_v<Member, std::uint64_t>) {
    return static_cast<std::int64_t>(member);
  } else {
    return member;
  }
}

template <class Member>
void put(const SettingValue& value, Member& member) {
  if constexpr (Named<Member>) {
    member = value_named<Member>(std::get<std::string>(value));
  } else if constexpr (std::is_same_v<Member, Widths>) {
    Widths widths = std::get<Widths>(value);
    widths.insert(widths.begin(), member.front());
    widths.push_back(member.back());
    member = std::move(widths);
  } else if constexpr (std::is_floating_point_v<Member>) {
    member = static_cast<Member>(std::get<double>(value));
  } else if constexpr (std::is_integral_v<Member> && !std::is_same_v<Member, bool>) {
    member = static_cast<Member>(std::get<std::int64_t>(value));
  } else {
    member = std::get<Member>(value);
  }
}

/// What both allow, with finite ends.
Bounds both(const Bounds& a, const Bounds& b) {
  double low = std::max(a.low, b.low), high = std::min(a.high, b.high);
  if (std::isinf(low)) low = -kLargestNumber;
  if (std::isinf(high)) high = kLargestNumber;
  return {low, high, (a.above_low && a.low == low) || (b.above_low && b.low == low),
          (a.below_high && a.high == high) || (b.below_high && b.high == high)};
}

std::string flag_of(const Field& field, const std::string& section, const std::string& key) {
  if (field.flag) return std::string(*field.flag);
  std::string flag = section == "generator" || section == "discriminator" ? section + "-" + key : key;
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

/// Without what gives it its value.
Setting named_setting(const Field& field) {
  std::string path(field.setting.empty() ? field.path : field.setting);
  if (path.find('.') == path.npos) path = "training." + path;
  const std::size_t dot = path.find('.');
  Setting setting;
  setting.section = path.substr(0, dot);
  setting.key = path.substr(dot + 1);
  setting.flag = flag_of(field, setting.section, setting.key);
  setting.text = field.text;
  setting.bounds = both(field.bounds, field.asked);
  return setting;
}

template <class Member>
Setting setting_of(const Field& field, Member& member) {
  Setting setting = named_setting(field);
  if constexpr (Named<Member>)
    for (const auto& [name, value] : Names<Member>::all) setting.choices.push_back(name);
  if constexpr (requires { Names<Member>::earlier; })
    for (const auto& [name, value] : Names<Member>::earlier) setting.earlier.push_back(name);
  setting.value = [&member] { return value_of(member); };
  setting.set = [&member](const SettingValue& value) { put(value, member); };
  return setting;
}

Setting latent_setting(Widths& widths) {
  Setting setting = named_setting(
      Field{"generator.latent", "width of the noise it starts from", fields::kWidths}.with_flag("latent"));
  setting.value = [&widths] { return value_of(widths.front()); };
  setting.set = [&widths](const SettingValue& value) { put(value, widths.front()); };
  return setting;
}

/// The program's own settings; the first of them stand before the setting `before`.
struct OwnSettings {
  std::string_view before;
  std::vector<Setting> settings;
};

std::vector<Setting> run_settings(Settings& s) {
  constexpr auto kOneUp = Bounds::from(1), kNoneUp = Bounds::from(0);
  return {
      setting_of({"run.checkpoint_every", "steps between checkpoints", kOneUp}, s.run.checkpoint_every),
      setting_of({"run.keep", "newest checkpoints kept", kOneUp}, s.run.keep),
      setting_of({"run.log_every", "steps between lines of stats.jsonl", kOneUp}, s.run.log_every),
      setting_of({"run.samples_every", "steps between samples-*.csv; 0 for none", kNoneUp},
                 s.run.samples_every),
      setting_of({"run.samples", "rows in each of them", fields::kRows}, s.run.samples),
      setting_of(
          {"run.patience",
           "end after so many checkpoints without a better held-out score; 0: train to the end", kNoneUp},
          s.run.patience),
      setting_of({"run.restarts",
                  "begin again with the next seed and lower rates, at most so often: after divergence or a "
                  "lasting collapse, or where at the end G is collapsed or was never near the held-out rows",
                  Bounds::between(0, 1000)},
                 s.run.restarts),
      setting_of({"run.evaluate", "end with how far to trust what it draws: report.html, evaluation-*.json"},
                 s.run.evaluate),
      setting_of({"run.target", "column that the evaluation foretells from the others; empty: none"},
                 s.run.target),
      setting_of(Field{"run.from_recipe",
                       "the recipe that settings were taken from, as a note: --recipe takes them, this line "
                       "changes nothing"}
                     .with_flag(""),
                 s.run.from_recipe),
      setting_of(Field{"device.name", "auto, cpu, cuda or cuda:N"}.with_flag("device"), s.device.name),
      setting_of({"device.threads", "of the processor; 0 takes all that this process may use",
                  Bounds::between(0, 4096)},
                 s.device.threads),
  };
}

std::vector<Setting> data_settings(Settings& s) {
  Setting coding = setting_of(
      {"data.coding",
       "records: columns of any kind, as codes and ranks; modes: numbers as places in the modes of a mixture "
       "instead, as CTGAN has them; numbers: columns of numbers alone, standardised; images: a folder of PNG "
       "and JPEG files, IDX, NPY or NPZ"},
      s.data.coding);
  coding.choices = {"records", "modes", "numbers", "images"};
  Setting fit = setting_of({"data.image_fit",
                            "what becomes of images of another size: refuse, crop (the middle, then scaled), "
                            "stretch, or pad (scaled, then black around)"},
                           s.data.image_fit);
  fit.choices = {"refuse", "crop", "stretch", "pad"};
  return {
      setting_of(Field{"data.table", "CSV file, one record a line; or images"}.with_flag(""), s.data.table),
      coding,
      setting_of({"data.schema",
                  "TOML file that says what columns mean; what it leaves out is inferred (agon inspect "
                  "TABLE.csv --write-schema)"},
                 s.data.schema),
      setting_of({"data.columns", "names of the columns to learn, with commas between; empty for all"},
                 s.data.columns),
      setting_of({"data.ignore", "names of columns to leave out, with commas between"}, s.data.ignore),
      setting_of({"data.extrapolate", "whether numbers may be drawn that lie beyond the table's"},
                 s.data.extrapolate),
      setting_of({"data.exact_bounds",
                  "whether checkpoints keep the table's least and greatest numbers, and messages name rare "
                  "cells, although single rows have them"},
                 s.data.exact_bounds),
      setting_of({"data.conditions",
                  "whether the generator is asked for a level of one column in each record, rare ones more "
                  "often than they are (training by sampling, as CTGAN's)"},
                 s.data.conditions),
      setting_of({"data.image_size",
                  "of images: HEIGHTxWIDTH, or one number for both; empty: as they are, all of one size"},
                 s.data.image_size),
      fit,
      setting_of({"data.image_channels", "of images: 1 for grey, 3 for RGB, 0 for what most are",
                  Bounds::between(0, 3)},
                 s.data.image_channels),
      setting_of({"data.labels",
                  "of a folder of images: CSV file with the columns file and label; empty: labels are the "
                  "subfolders"},
                 s.data.labels),
      setting_of({"data.by_class",
                  "of images with labels: whether the generator is asked for a class, and the discriminator "
                  "judges an image as one of its class"},
                 s.data.by_class)};
}

Setting held_out_setting(Settings& s) {
  Setting setting = setting_of(
      {"training.held_out",
       "share of the rows that are never learnt from and score what is; -1: a tenth of a table of 200 "
       "rows or more; 0: none, but a tenth for several replicas or with --patience",
       Bounds::between(0, 0.9)},
      s.training.held_out);
  setting.besides = -1;
  return setting;
}

std::vector<OwnSettings> own_settings(Settings& s) {
  return {
      {"generator.hidden", data_settings(s)},
      {"generator.slope", {latent_setting(s.gan.generator.widths)}},
      {"training.batch",
       {setting_of({"training.epochs", "passes over the table; 0: as many as its rows ask for",
                    Bounds::between(0, 1e9)},
                   s.training.epochs),
        setting_of({"training.steps", "steps instead of epochs; 0: as epochs say", Bounds::between(0, 1e15)},
                   s.training.steps),
        setting_of(
            {"training.minutes", "minutes instead of either, by the speed of the first steps; 0: as they say",
             Bounds::between(0, 1e6)},
            s.training.minutes)}},
      {"training.beta1",
       {setting_of(
            {"training.replicas", "trainings side by side, with seeds from that one up; the best is kept",
             Bounds::between(1, 4096)},
            s.training.replicas),
        held_out_setting(s)}},
      {"training.instance_noise",
       {setting_of({"training.burn_in",
                    "share of the run in which rates, penalties and beta2 go to their final values, where "
                    "they have other ones",
                    Bounds::above(0, 1)},
                   s.training.burn_in)}},
      {"training.weight_decay",
       {setting_of({"training.instance_noise_until",
                    "share of the run at which the noise has fallen to nothing; 0: it stays", fields::kShare},
                   s.training.instance_noise_until)}},
      {"device.precision", run_settings(s)},
      {"",
       {setting_of({"device.steps_per_launch",
                    "on CUDA: 0 for all (the device repeats them), -1 for each operation; no effect on the "
                    "processor",
                    Bounds::from(-1)},
                   s.device.steps_per_launch),
        setting_of(
            {"device.fuse", "passes that merge a step's operations: all, none, or names with commas between"},
            s.device.fuse),
        setting_of({"device.plan",
                    "on CUDA, how layers are computed: auto (timed once, then remembered), tune "
                    "(timed again), estimate, own, library, fused, or a file of agon devices --plan --json"},
                   s.device.plan)}},
  };
}

}  // namespace

std::vector<Setting> all_settings(Settings& settings) {
  std::vector<Setting> all;
  const std::vector<OwnSettings> own = own_settings(settings);
  const auto add_own_before = [&](std::string_view path) {
    const auto place = std::ranges::find(own, path, &OwnSettings::before);
    if (place != own.end()) all.insert(all.end(), place->settings.begin(), place->settings.end());
  };
  visit_fields(settings.gan, [&](const Field& field, auto& member) {
    if (field.text.empty()) return;
    Setting setting = setting_of(field, member);
    add_own_before(setting.path());
    all.push_back(std::move(setting));
  });
  add_own_before("");
  return all;
}

}  // namespace agon::host
