// What a training run can be told: every setting, its default, its bounds, its name in a file and on the
// command line.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/gan/config.hpp"
#include "engine/gan/field.hpp"

namespace agon::host {

struct Settings {
  explicit Settings(const GanConfig& config = {}) : gan(config) {
    gan.generator.widths.front() = config.latent();
  }

  /// All but the widths of the data and the conditions and the length of the run, which gan_config() puts in.
  GanConfig gan;
  struct {
    std::string table;
    std::string coding = "numbers";
    std::string schema, columns, ignore;
    bool extrapolate = false, exact_bounds = false, conditions = false;
    std::string image_size, image_fit = "refuse";
    std::int64_t image_channels = 0;
    std::string labels;
    bool by_class = false;
  } data;
  struct {
    std::int64_t epochs = 1000;
    std::int64_t steps = 0;
    double minutes = 0;
    std::int64_t replicas = 1;
    double held_out = 0;
    double burn_in = 1;
    double instance_noise_until = 0;
  } training;
  struct {
    std::int64_t checkpoint_every = 1000, keep = 2;
    std::int64_t log_every = 10;
    std::int64_t samples_every = 2000, samples = 100;
    std::int64_t patience = 0, restarts = 0;
    bool evaluate = true;
    std::string target;
    std::string from_recipe;
  } run;
  struct {
    std::string name = "auto";
    std::int64_t threads = 0;
    std::int64_t steps_per_launch = 0;
    std::string fuse = "all";
    std::string plan = "auto";
  } device;
};

/// What a setting can hold, as TOML has it: an enumeration's value is its name.
using SettingValue = std::variant<std::int64_t, double, bool, std::string, std::vector<std::int64_t>>;

/// The largest bound of a number that has no other: beyond it a double no longer counts by ones.
inline constexpr double kLargestNumber = 1LL << 53;

/// One setting of a Settings object; `text` is what --help and --print-config say of it.
struct Setting {
  std::string section, key;  ///< "[section] key = ..." in a file
  std::string flag;          ///< "--flag" on the command line; empty where it has none
  std::string_view text;
  Bounds bounds;                          ///< of its numbers, all of them finite
  std::optional<double> besides;          ///< a number that it takes, too, though it is out of bounds
  std::vector<std::string_view> choices;  ///< what a text may be; empty allows anything
  std::vector<std::string_view> earlier;  ///< what older versions' configurations may say as well
  std::function<SettingValue()> value;
  /// Takes a value of the kind that value() has, within the bounds or the number besides, one of the choices.
  std::function<void(const SettingValue&)> set;

  std::string path() const { return section + "." + key; }
};

/// Whether it is of the networks and their training: of a section that is neither the table's, nor the run
/// folder's, nor the device's.
bool is_of_training(const Setting& setting);

/// Every setting of `settings`, in the order of --print-config; they read and write `settings`.
std::vector<Setting> all_settings(Settings& settings);

/// The setting's value as TOML writes it: 64, 0.0002, [128, 256], "cpu".
std::string setting_text(const Setting& setting);

/// The share of the rows that is held out: training.held_out, or where that is 0 or below a tenth if
/// something is to be scored by them (several replicas, patience), else 0.
double held_out_share(const Settings& settings);
/// Settles training.held_out where it is left to the number of rows (below 0): a tenth, if that is enough
/// rows to judge anything by.
void settle_held_out(Settings& settings, std::int64_t rows);

/// The engine's configuration for a table of `width` columns and a run of `steps` steps. What moves does so
/// over its burn-in: the learning rates where they are not constant, which rise for a quarter of it at most,
/// the penalties' weights and beta2. Throws ConfigurationError.
GanConfig gan_config(const Settings& settings, std::int64_t width, std::uint64_t steps);
/// The same for a table of records, which the generator gets heads for.
GanConfig gan_config(const Settings& settings, const RecordLayout& records, std::uint64_t steps);
/// The same for images, where settle_image_layers() has been called; with shares of classes
/// (RecordConditions::shares) by class.
GanConfig gan_config(const Settings& settings, const kernels::ImageShape& images,
                     const std::vector<std::int64_t>& class_shares, std::uint64_t steps);

/// Networks of images that have no hidden layers get those that halve the images until no side is above 4: 64
/// channels where they are half as large, twice as many at each half, 512 at most (Radford et al., 2016);
/// with residual blocks until no side is above 7, or one is odd: 32 at the images' own size, twice as many at
/// each half, 256 at most. Throws ConfigurationError where what cannot be halved is still above 14, or no
/// layer comes of it.
void settle_image_layers(Settings& settings, const kernels::ImageShape& images);

}  // namespace agon::host
