#include "host/cli/evaluated_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "engine/records/real_records.hpp"
#include "engine/table/suggestion.hpp"
#include "host/cli/file_facts.hpp"
#include "host/cli/run_facts.hpp"
#include "host/evaluate/models/target.hpp"
#include "host/evaluate/tables/compared_tables.hpp"
#include "host/run/console.hpp"
#include "host/run/drawn_table.hpp"
#include "host/run/learnt_tables.hpp"
#include "host/run/records_file.hpp"
#include "host/table/file_bytes.hpp"
#include "host/table/read_table.hpp"
#include "host/table/text.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

std::pair<std::string, std::string> about_file(const char* label, const std::string& path,
                                               std::int64_t rows) {
  const std::string hash = path == "-" ? "" : sha256_of_file(path);
  return {label,
          fmt::format("{}, {} rows{}", short_name(path), rows, hash.empty() ? "" : ", SHA-256 " + hash)};
}

void add_synthetic_file(const EvaluateOptions& options, EvaluatedTables& out) {
  out.synthetic = read_table(options.synthetic).table;
  out.title = short_name(options.synthetic);
  out.about.push_back(about_file("synthetic table", options.synthetic, out.synthetic.rows));
}

EvaluatedTables from_files(const EvaluateOptions& options) {
  if (options.synthetic.empty())
    throw ConfigurationError(
        fmt::format("{}: no run folder; a real table needs a synthetic one beside it", options.real));
  RecordsFile real = read_records_file({options.real, options.schema, {}, {}});
  require_sound(real, options.real);
  EvaluatedTables out;
  out.about.push_back(about_file("real table", options.real, real.table.rows));
  if (!options.schema.empty()) out.about.emplace_back("schema", short_name(options.schema));
  out.real = std::move(real.table);
  out.schema = std::move(real.schema);
  add_synthetic_file(options, out);
  return out;
}

/// As many as the run has learnt from, none of them a copy of a row of its table.
TextTable drawn(const Gan& gan, const DataIdentity& data, const LearntTables& tables, std::uint64_t seed) {
  std::optional<RealRecords> real;
  if (data.representation.of_records()) real.emplace(tables.whole, tables.schema);
  return drawn_table(gan, data.representation, tables.learnt.rows, seed, real ? &*real : nullptr);
}

bool same_columns(const TextTable& a, const TextTable& b) {
  return std::ranges::equal(a.columns, b.columns, {}, &TextColumn::name, &TextColumn::name);
}

// What the run's discriminator says, where it learnt from records.
void ask_discriminator(const Gan& gan, const DataIdentity& data, const EvaluateOptions& options,
                       EvaluatedTables& out) {
  if (!data.representation.of_records()) return;
  constexpr std::int64_t kRows = 2000;
  const TableRows rows = rows_of(data.representation, out.real);
  std::vector<float> real = seen_rows(gan.device(), gan.config(), rows, options.seed);
  real.resize(std::min(real.size(), static_cast<std::size_t>(kRows * gan.config().width())));
  out.discriminator = view_of_discriminator(gan, *data.representation.coding, real,
                                            gan.sample(std::min(kRows, rows.rows), options.seed));
  // D of packs sees no row by itself; a file may have other columns.
  const bool asked = options.row >= 1 && options.row <= out.synthetic.rows;
  if (!asked || gan.config().pack > 1 || !same_columns(out.real, out.synthetic)) return;
  const std::vector<float> logits = gan.discriminate(real);
  const TableRows one = rows_of(data.representation, out.synthetic.part(std::array{options.row - 1}));
  const float logit = gan.discriminate(seen_rows(gan.device(), gan.config(), one, options.seed))[0];
  const auto below = std::ranges::count_if(logits, [&](float other) { return other < logit; });
  out.of_row = {logit, static_cast<double>(below) / static_cast<double>(logits.size())};
}

EvaluatedTables from_run(const EvaluateOptions& options, const Device& device) {
  const std::pair<const char*, bool> of_files[] = {{"--schema", !options.schema.empty()},
                                                   {"--holdout", !options.held_out.empty()}};
  for (const auto& [flag, given] : of_files)
    if (given) throw ConfigurationError(fmt::format("{}: the run {} has its own", flag, options.real));
  const FoundCheckpoint found = find_checkpoint(options.real);
  const DataIdentity data = stored_identity(found.checkpoint, found.path.string());
  LearntTables tables = read_learnt_tables(found, data);
  Gan gan(found.checkpoint.config, device);
  gan.restore(found.checkpoint.snapshot);
  EvaluatedTables out;
  const auto table = about_file("real table", tables.path, tables.whole.rows);
  out.about.push_back(table);
  out.about.emplace_back(
      "run", fmt::format("{}, step {}", short_name(options.real), found.checkpoint.snapshot.step));
  if (!options.synthetic.empty()) {
    add_synthetic_file(options, out);
  } else {
    out.synthetic = drawn(gan, data, tables, options.seed);
    out.title = fmt::format("what {} draws", short_name(options.real));
    out.about.emplace_back("synthetic table",
                           fmt::format("{} rows drawn for this, seed {}", out.synthetic.rows, options.seed));
  }
  if (!tables.held_out)
    print_message(
        "agon: this run held no rows out; with `agon train --held-out 0.2` its privacy can be judged, too");
  else
    out.about.emplace_back("held-out rows", fmt::format("{} that the run set aside", tables.held_out->rows));
  out.training =
      training_record(found, data, tables.learnt.rows, tables.held_out ? tables.held_out->rows : 0);
  out.real = std::move(tables.learnt);
  ask_discriminator(gan, data, options, out);
  out.held_out = std::move(tables.held_out);
  out.schema = std::move(tables.schema);
  return out;
}

}  // namespace

EvaluatedTables evaluated_tables(const EvaluateOptions& options, const Device& device) {
  const bool run = std::filesystem::is_directory(options.real);
  EvaluatedTables out = run ? from_run(options, device) : from_files(options);
  if (!options.held_out.empty()) {
    out.held_out = read_table(options.held_out).table;
    out.about.push_back(about_file("held-out table", options.held_out, out.held_out->rows));
  }
  return out;
}

void check_target(const std::string& target, const TextTable& real, const Schema& schema,
                  const Device& device) {
  if (target.empty()) return;
  check_target(target, real);
  find_target(compare_tables(real, real.part({}), nullptr, schema, device), target);
}

void check_target(const std::string& target, const TextTable& real) {
  if (target.empty() || real.find(target) >= 0) return;
  std::vector<std::string> columns;
  for (const TextColumn& column : real.columns) columns.push_back(column.name);
  throw ConfigurationError(fmt::format("--target: the real table has no column {}{}", in_quotes(target),
                                       suggestion(target, columns)));
}

}  // namespace agon::host
