#include "host/cli/train_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string_view>
#include <utility>

#include "host/cli/evaluated_tables.hpp"
#include "host/config/recipes.hpp"
#include "host/run/budget.hpp"
#include "host/run/data_words.hpp"
#include "host/run/held_out.hpp"
#include "host/run/image_classes.hpp"
#include "host/run/image_data.hpp"
#include "host/run/records_file.hpp"
#include "host/table/csv.hpp"
#include "host/table/read_table.hpp"
#include "host/table/round_bounds.hpp"
#include "host/table/scaling.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace fs = std::filesystem;
namespace {

/// The errors of splitting a table know nothing of its name.
template <class Split>
auto split_of(const TrainSetup& plan, const Split& split) {
  try {
    return split(held_out_share(plan.settings), plan.first_seed);
  } catch (const DataError& error) {
    const std::string why = error.what();
    throw DataError(fmt::format("{}: {}", plan.settings.data.table,
                                plan.settings.data.coding == "images" ? in_words_of_images(why) : why));
  }
}

/// The evaluation knows the columns of a table of numbers by what they look like.
void check_target_of_numbers(const TrainSetup& plan) {
  const std::string& target = plan.settings.run.target;
  if (target.empty()) return;
  const TextTable whole = read_table(plan.settings.data.table).table;
  const double share = held_out_share(plan.settings);
  const TextTable learnt =
      share > 0 ? whole.part(hold_out(whole.rows, share, plan.first_seed).training) : whole;
  check_target(target, learnt, infer_schema(whole).schema, plan.device);
}

void learn_numbers(TrainSetup& plan) {
  const auto& asked = plan.settings.data;
  if (!plan.from && asked.conditions)
    throw ConfigurationError("--conditions: a table of numbers has no levels; --coding records has");
  if (!plan.from && !(asked.schema + asked.columns + asked.ignore).empty())
    throw ConfigurationError(
        "--schema, --columns and --ignore: a table of numbers is learnt whole; --coding records takes them");
  Table table = read_csv(plan.settings.data.table);
  settle_held_out(plan.settings, table.rows);
  std::optional<Table> held_out;
  DataIdentity whole;
  if (held_out_share(plan.settings) > 0) {
    Split split =
        split_of(plan, [&](double share, std::uint64_t seed) { return hold_out(table, share, seed); });
    whole = identify(table, standardise(table), {table.columns, nullptr});
    held_out = std::move(split.held_out);
    table = std::move(split.training);
  }
  if (!asked.exact_bounds) round_bounds(table);
  check_target_of_numbers(plan);
  const Representation how{table.columns, nullptr, asked.exact_bounds};
  plan.rows = rows_of(how, table);
  plan.data = identify(table, plan.rows.standardised, how);
  if (held_out) plan.held_out = {rows_of(how, *held_out), std::move(whole), plan.first_seed};
}

/// Coded as the run that goes on coded them, where one does.
void learn_records(TrainSetup& plan) {
  const auto& asked = plan.settings.data;
  const RecordsFile file =
      read_records_file({asked.table, plan.from ? std::string() : asked.schema, asked.columns, asked.ignore,
                         asked.exact_bounds ? Examples::any : Examples::shared});
  plan.cautions = require_sound(file, asked.table);
  settle_held_out(plan.settings, file.table.rows);
  Representation how;
  if (plan.from) how = stored_identity(plan.from->checkpoint, plan.from->path.string()).representation;
  TextTable table = file.table;
  std::optional<TextTable> held_out;
  if (held_out_share(plan.settings) > 0) {
    const RowSplit split =
        split_of(plan, [&](double share, std::uint64_t seed) { return hold_out(table.rows, share, seed); });
    held_out = table.part(split.held_out);
    table = table.part(split.training);
  }
  if (!how.of_records())
    how.coding = std::make_shared<const Coding>(Coding::fit(table, file.schema, plan.device,
                                                            {.extrapolate = asked.extrapolate,
                                                             .exact_bounds = asked.exact_bounds,
                                                             .modes = asked.coding == "modes",
                                                             .conditions = asked.conditions}));
  check_target(plan.settings.run.target, table, how.coding->schema(), plan.device);
  plan.rows = rows_of(how, table);
  plan.data = identify(table, how);
  if (plan.settings.run.samples_every > 0)
    plan.people = std::make_shared<const RealRecords>(file.table, how.coding->schema());
  if (held_out) plan.held_out = {rows_of(how, *held_out), identify(file.table, how), plan.first_seed};
}

void refuse_image_options(const Settings& settings) {
  const auto& asked = settings.data;
  if (!asked.image_size.empty() || asked.image_channels != 0 ||
      asked.image_fit != Settings().data.image_fit || !asked.labels.empty() || asked.by_class)
    throw ConfigurationError(
        "--image-size, --image-fit, --image-channels, --labels and --by-class are for images; this is a "
        "table");
  constexpr std::string_view kOfImages[] = {"kernel", "blocks", "group_channels", "expansion"};
  Settings given = settings, plain;
  const auto all = all_settings(given), defaults = all_settings(plain);
  for (std::size_t i = 0; i < all.size(); ++i)
    if (std::ranges::find(kOfImages, all[i].key) != std::end(kOfImages) &&
        all[i].value() != defaults[i].value())
      throw ConfigurationError(fmt::format("--{}: is for images; this is a table", all[i].flag));
}

void learn_images(TrainSetup& plan) {
  const auto& asked = plan.settings.data;
  if (!(asked.schema + asked.columns + asked.ignore + plan.settings.run.target).empty() || asked.conditions ||
      asked.extrapolate || asked.exact_bounds)
    throw ConfigurationError(
        "--schema, --columns, --ignore, --conditions, --extrapolate, --exact-bounds and --target are for "
        "tables; these are images");
  ReadImages read = read_images(asked.table, image_reading(plan.settings));
  for (const std::string& finding : read.findings) plan.notes += "note: " + finding + "\n";
  settle_held_out(plan.settings, read.set.count);
  settle_image_layers(plan.settings, read.set.shape);
  LearntClasses classes;
  if (asked.by_class) {
    classes = classes_to_learn(read.set, asked.table);
    plan.cautions = warning_of_small_classes(read.set);
  }
  DataIdentity whole;
  std::optional<ImageSet> held_out;
  if (held_out_share(plan.settings) > 0) {
    const RowSplit split = split_of(
        plan, [&](double share, std::uint64_t seed) { return hold_out(read.set.count, share, seed); });
    whole = identify(read.set);
    held_out = part(read.set, split.held_out);
    read.set = part(read.set, split.training);
  }
  plan.data = identify(read.set);
  plan.data.representation.classes = std::move(classes);
  plan.rows = {read.set.count, {}, {}, std::move(read.set.pixels)};
  if (asked.by_class) plan.rows.classes = std::move(read.set.labels);
  if (held_out)
    plan.held_out = {
        {held_out->count, {}, {}, std::move(held_out->pixels)}, std::move(whole), plan.first_seed};
}

/// A batch goes through the rows in turns, so beyond one turn it has rows again.
std::string note_of_batch(const TrainSetup& plan) {
  const std::int64_t batch = plan.settings.gan.batch, rows = plan.rows.rows;
  if (batch <= rows) return "";
  return fmt::format(
      "note: a batch of {} has {} of the {} {} more than once; --batch {} is one pass over them\n", batch,
      batch < 2 * rows ? "some" : "each", rows, rows_word(plan.data.representation), rows);
}

/// A folder that holds no images is not read as a table, nor images as one.
void check_kind(const Settings& settings) {
  const bool images = is_images(settings.data.table), asked = settings.data.coding == "images";
  if (images && !asked)
    throw ConfigurationError(
        fmt::format("{}: holds images; a recipe of images learns them, such as --recipe {}",
                    settings.data.table, kDefaultOfImages));
  if (images) return;
  std::error_code ignored;
  if (fs::is_directory(settings.data.table, ignored)) read_images(settings.data.table);  // says what it lacks
  if (asked && fs::is_regular_file(settings.data.table, ignored))
    throw DataError(
        settings.data.table +
        ": neither a folder of PNG or JPEG files nor an IDX, NPY or NPZ file, by its first bytes; a "
        "table is learnt without --recipe, or with --recipe table");
}

}  // namespace

void read_data(TrainSetup& plan) {
  const Settings& settings = plan.settings;
  check_kind(settings);
  if (settings.data.coding == "images") {
    learn_images(plan);
  } else {
    refuse_image_options(settings);
    settings.data.coding == "numbers" ? learn_numbers(plan) : learn_records(plan);
  }
  plan.notes += note_of_batch(plan);
  plan.steps = steps_of(settings, plan.rows.rows);
  plan.config = gan_config(settings, plan.data.representation, plan.steps);
}

}  // namespace agon::host
