// Every command's options. CLI11 takes 13 s to compile: main.cpp alone includes this.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "bench/flags.hpp"
#include "engine/runtime/described_gpu.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/number_option.hpp"
#include "host/config/recipes.hpp"
#include "host/config/settings.hpp"
#include "host/evaluate/audit/audit_game.hpp"

namespace agon::host {

/// All options of all commands, and where CLI11 puts the text of every setting's flag.
struct CommandLine {
  TrainOptions train;
  SampleOptions sample;
  ExportOptions exported;
  EvaluateOptions evaluate;
  AuditOptions audit;
  InspectOptions inspect;
  BenchLine bench;
  DevicesOptions devices;

  Settings defaults = recipe_settings(kDefaultRecipe);
  std::vector<Setting> settings = all_settings(defaults);
  std::vector<std::string> flag_texts = std::vector<std::string>(settings.size());
};

inline constexpr const char* kSections[][2] = {{"data", "Table"},
                                               {"generator", "Generator"},
                                               {"discriminator", "Discriminator"},
                                               {"penalties", "Penalties"},
                                               {"augmentation", "Augmentation"},
                                               {"training", "Training"},
                                               {"run", "Run folder"},
                                               {"device", "Device"}};

inline std::string group_of(const Setting& setting) {
  for (const auto& [section, title] : kSections) {
    if (setting.section == section) return title;
  }
  return "Options";
}

/// "[128,256,512]": the default as it would be typed.
inline std::string default_text(const Setting& setting) {
  std::string text = setting_text(setting);
  std::erase_if(text, [](char c) { return c == '[' || c == ']' || c == '"' || c == ' '; });
  return fmt::format("[{}]", text);
}

inline void add_setting(CLI::App& command, const Setting& setting, std::string& text) {
  command.add_option(fmt::format("--{}", setting.flag), text, std::string(setting.text))
      ->type_name(default_text(setting))
      ->group(group_of(setting))
      ->take_last();
}

inline void add_train(CLI::App& app, CommandLine& line) {
  CLI::App* train = app.add_subcommand("train", "Learn a table, or images");
  TrainOptions& options = line.train;
  train
      ->add_option(
          "table", options.table,
          "CSV file: the first line names the columns; or images: a folder of PNG and JPEG files, IDX, NPY "
          "or NPZ (agon inspect shows what either is taken for)")
      ->type_name("FILE.csv|IMAGES");
  train
      ->add_option("--recipe", options.recipe,
                   "settings known to work, by name; --config and flags override them; list shows all")
      ->type_name(fmt::format("[{}; of images {}]", kDefaultRecipe, kDefaultOfImages))
      ->take_last();
  train->add_option("--config", options.config, "settings from a TOML file; flags override it")
      ->type_name("FILE");
  train->add_option("--out", options.out, "folder of the new run [runs/<name of the data>]")
      ->type_name("FOLDER");
  train->add_option("--resume", options.resume, "go on with a run, exactly where it was")->type_name("RUN");
  train->add_flag("--overwrite", options.overwrite, "replace an earlier run in that folder");
  train->add_flag("--dry-run", options.dry_run, "say what would happen, and write nothing");
  train->add_flag("--print-config", options.print_config, "print all settings as TOML, fit for --config");
  train->add_flag("--quiet", options.quiet, "no summary, no progress");
  for (std::size_t i = 0; i < line.settings.size(); ++i) {
    if (!line.settings[i].flag.empty()) add_setting(*train, line.settings[i], line.flag_texts[i]);
  }
  train->footer("Example: agon train patients.csv --epochs 2000 --out runs/longer");
}

inline void add_which(CLI::App& command, std::string& which) {
  command
      .add_option("--which", which,
                  "of a run folder: last, or best by the held-out rows (agon train --held-out)")
      ->check(CLI::IsMember({"last", "best"}))
      ->capture_default_str();
}

inline void add_device(CLI::App& command, std::string& device, int& threads) {
  command.add_option("--device", device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  command.add_option("--threads", threads, "of the processor; 0 takes all that this process may use")
      ->transform(whole_numbers(0, 4096))
      ->capture_default_str();
}

template <class Options>
void add_reports(CLI::App& command, Options& options) {
  command
      .add_option("--out", options.out,
                  "a report for people, .html; all figures, .json; may be given for both")
      ->type_name("FILE");
  command.add_flag("--json", options.json, "print JSON, not text");
  command.add_flag("--overwrite", options.overwrite, "replace existing files");
}

inline void add_sample(CLI::App& app, CommandLine& line) {
  CLI::App* sample = app.add_subcommand("sample", "Draw new records or images from a run");
  SampleOptions& options = line.sample;
  sample->add_option("run", options.source, "run folder, or one of its checkpoints")->required();
  sample->add_option("-n,--count", options.count, "records or images to draw")
      ->required()
      ->transform(whole_numbers(1, 1L << 40));
  sample
      ->add_option(
          "--out", options.out,
          "CSV file; - is standard output, as is none. Images: a .png for one grid, an .npy, or a folder "
          "of PNG files")
      ->type_name("FILE|FOLDER");
  add_which(*sample, options.which);
  sample->add_option("--where", options.where,
                     "only records that fulfil this: COLUMN=VALUE, or != < <= > >=, with commas between; "
                     "VALUE may be a column, or a sum a + b of columns");
  sample->add_option("--balance", options.balance, "as many records of each level of this column")
      ->type_name("COLUMN");
  sample
      ->add_option(
          "--class", options.classes,
          "images of this class, of a run that knows classes (agon train --by-class true); more than one "
          "--class: as many of each")
      ->type_name("NAME")
      ->expected(1)
      ->take_all();
  sample
      ->add_option("--table", options.table,
                   "the real table, where it is not where it was: a record that equals one of its rows is "
                   "drawn again")
      ->type_name("FILE.csv");
  sample->add_flag("--allow-copies", options.allow_copies,
                   "records may equal real ones, and the real table is not read");
  sample
      ->add_option("--interpolate", options.interpolate,
                   "of images: each of the -n is a row of so many, which lead from one draw to another")
      ->transform(whole_numbers(2, 1000))
      ->type_name("K");
  sample->add_option("--seed", options.seed, "another seed, other records")
      ->transform(seeds())
      ->capture_default_str();
  sample
      ->add_option("--weights", options.weights,
                   "the generator's: average or last; the average is the default where the run keeps one")
      ->check(CLI::IsMember({"average", "last"}));
  add_device(*sample, options.device, options.threads);
  sample->add_flag("--overwrite", options.overwrite, "replace an existing file");
  sample->add_flag("--quiet", options.quiet, "no message at the end");
  sample->footer("Example: agon sample runs/patients -n 10000 --out synthetic.csv");
}

inline void add_export(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand("export", "Write a run's generator alone, to give away");
  ExportOptions& options = line.exported;
  command->add_option("run", options.source, "run folder, or one of its checkpoints")->required();
  command->add_option("--out", options.out, "the new file; - is standard output")
      ->required()
      ->type_name("FILE.safetensors");
  add_which(*command, options.which);
  command->add_flag("--overwrite", options.overwrite, "replace an existing file");
  command->add_flag("--quiet", options.quiet, "no message at the end");
  command->footer("Example: agon export runs/patients --out patients-generator.safetensors");
}

inline void add_evaluate(CLI::App& app, CommandLine& line) {
  CLI::App* evaluate =
      app.add_subcommand("evaluate", "Compare synthetic records or images with the real ones");
  EvaluateOptions& options = line.evaluate;
  evaluate
      ->add_option(
          "real", options.real,
          "CSV file of real records, or images (a folder, IDX, NPY or NPZ), or a run folder: what it "
          "learnt from")
      ->required()
      ->type_name("REAL|RUN");
  evaluate
      ->add_option("synthetic", options.synthetic,
                   "CSV file with the same columns, or images; of a run folder, what it draws is the default")
      ->type_name("SYNTHETIC");
  evaluate
      ->add_option("--holdout", options.held_out,
                   "real rows or images that were not learnt from; figures beside them")
      ->type_name("TEST");
  evaluate->add_option("--schema", options.schema, "what the real table's columns are, over what is inferred")
      ->type_name("FILE.toml");
  evaluate->add_option("--target", options.target, "column that the others are to tell")->type_name("COLUMN");
  CLI::Option* const time =
      evaluate->add_option("--time", options.time, "column of how long each was followed: survival curves")
          ->type_name("COLUMN");
  CLI::Option* const event =
      evaluate
          ->add_option("--event", options.event, "column of whether that ended with the event, such as death")
          ->type_name("COLUMN[=VALUE]");
  time->needs(event);
  event->needs(time);
  evaluate->add_option("--row", options.row, "row of the synthetic table, from 1: why it is doubted")
      ->transform(whole_numbers(1, 1L << 40))
      ->type_name("N");
  evaluate->add_flag("--real-images", options.real_images,
                     "of images: the report shows some real ones, and the closest pairs");
  evaluate
      ->add_option(
          "--features", options.features,
          "of images: what a network of yours makes of them, tensors real (images, features), synthetic "
          "and held_out; may be given for several files")
      ->allow_extra_args(false)
      ->type_name("FILE.safetensors");
  evaluate->add_option("--seed", options.seed, "of all draws")->transform(seeds())->capture_default_str();
  add_reports(*evaluate, options);
  evaluate->add_flag("--quiet", options.quiet, "no word of what is being measured");
  add_device(*evaluate, options.device, options.threads);
  evaluate->footer(
      "Example: agon evaluate patients.csv synthetic.csv --holdout test.csv --target died --out report.html");
}

inline void add_audit(CLI::App& app, CommandLine& line) {
  CLI::App* audit =
      app.add_subcommand("audit", "Find out whether a run gives away who was learnt, by shadow runs");
  AuditOptions& options = line.audit;
  audit->add_option("run", options.run, "run folder, of a run that held rows out (agon train --held-out 0.2)")
      ->required();
  audit
      ->add_option("--shadows", options.shadows,
                   "runs that are trained alike, each with half of the targets; an even number")
      ->transform(whole_numbers(kFewestShadows, kMostShadows))
      ->capture_default_str();
  audit
      ->add_option("--targets", options.targets,
                   "people of each kind, learnt and held out; 0: half of the held-out rows, from 50 to 500")
      ->transform(whole_numbers(0, 1L << 30))
      ->capture_default_str();
  audit->add_option("--seed", options.seed, "of all draws, and of the shadow runs")
      ->transform(seeds())
      ->capture_default_str();
  add_reports(*audit, options);
  audit->add_flag("--quiet", options.quiet, "no progress");
  add_device(*audit, options.device, options.threads);
  audit->footer("Example: agon audit runs/patients --shadows 32 --out audit.html");
}

inline void add_devices(CLI::App& devices, DevicesOptions& options) {
  devices.add_flag("--json", options.json, "print JSON");
  CLI::Option* const plan =
      devices.add_flag("--plan", options.plan,
                       "print how each layer of a step can be computed, how long it takes, and the choice");
  const auto of_plan = [plan](CLI::Option* option) { return option->needs(plan)->group("Plan"); };
  of_plan(
      devices.add_flag("--tune", options.tune, "choose anew, whatever earlier runs on this device chose"));
  of_plan(devices.add_option("--run", options.run, "run folder or checkpoint whose networks are meant"));
  of_plan(
      devices.add_option("--batch", options.batch, "rows in a step")->transform(whole_numbers(1, 1L << 20)));
  of_plan(devices.add_option("--precision", options.precision, "of products in layers wider than 16")
              ->check(CLI::IsMember({"fp32", "tf32", "bf16"})));
  of_plan(devices.add_option("--replicas", options.replicas, "trainings side by side")
              ->transform(whole_numbers(1, 4096)));
  of_plan(devices.add_option("--device", options.device, "auto, cuda or cuda:N")->capture_default_str());
  devices.footer("Example: agon devices --plan --batch 256 --precision tf32");
}

inline void add_the_rest(CLI::App& app, CommandLine& line) {
  CLI::App* inspect = app.add_subcommand(
      "inspect", "Show what a table or images are taken for, or what a run or a checkpoint holds");
  inspect->add_option("source", line.inspect.source, "CSV file, images, run folder or checkpoint")
      ->required();
  const auto of_table = [](CLI::Option* option) { option->group("Table"); };
  of_table(inspect->add_option(
      "--write-schema", line.inspect.write_schema,
      "write what the columns are taken for to a TOML file, for editing; - is standard output"));
  of_table(inspect->add_option("--schema", line.inspect.schema, "TOML file that says what columns mean"));
  of_table(inspect->add_option("--columns", line.inspect.columns, "names of the columns to learn"));
  of_table(inspect->add_option("--ignore", line.inspect.ignore, "names of columns to leave out"));
  of_table(inspect->add_flag(
      "--exact-bounds", line.inspect.exact_bounds,
      "name the least and greatest numbers and rare cells, although single rows have them"));
  of_table(inspect->add_flag("--overwrite", line.inspect.overwrite, "replace an existing file"));
  inspect->add_flag("--json", line.inspect.json, "print JSON");
  CLI::Option* const program =
      inspect->add_flag("--program", line.inspect.program,
                        "the step's operations instead, as they are written and as the device runs them");
  inspect
      ->add_option("--gpu", line.inspect.gpu,
                   "and what they cost at least on a GPU that need not be here: " + names_of_gpus())
      ->needs(program);
  inspect->footer("Example: agon inspect patients.csv");

  add_bench(app, line.bench, add_setting);

  CLI::App* devices = app.add_subcommand("devices", "List where training can run");
  add_devices(*devices, line.devices);
}

}  // namespace agon::host
