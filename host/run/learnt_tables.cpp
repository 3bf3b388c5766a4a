#include "host/run/learnt_tables.hpp"

#include <algorithm>
#include <numeric>

#include "host/config/toml.hpp"
#include "host/table/read_table.hpp"
#include "host/table/scaling.hpp"
#include "kernels/error.hpp"

namespace agon::host {

std::uint64_t first_seed_of(const FoundCheckpoint& found, const Settings& settings) {
  std::uint64_t first = settings.gan.seed;
  for (const std::uint64_t seed : RunFolder::open(found.path.parent_path()).attempts())
    first = std::min(first, seed);
  return first;
}

namespace {

DataIdentity identity_of(const LearntTables& tables, const DataIdentity& data, double share,
                         std::uint64_t seed) {
  if (data.representation.of_records()) return identify(tables.learnt, data.representation);
  Table numbers = read_csv(tables.path);
  if (share > 0) numbers = hold_out(numbers, share, seed).training;
  return identify(numbers, standardise(numbers), {numbers.columns, nullptr});
}

}  // namespace

LearntTables read_learnt_tables(const FoundCheckpoint& found, const DataIdentity& data) {
  if (data.representation.of_images())
    throw ConfigurationError(found.path.parent_path().string() +
                             ": this run has learnt images; this is for runs of tables");
  Settings settings;
  read_toml(found.path.parent_path() / "config.toml", settings);
  LearntTables tables;
  tables.path = settings.data.table;
  tables.whole = read_table(tables.path).table;
  tables.schema = data.representation.of_records() ? data.representation.coding->schema()
                                                   : infer_schema(tables.whole).schema;
  const double share = held_out_share(settings);
  const std::uint64_t seed = first_seed_of(found, settings);
  if (share > 0) {
    tables.rows = hold_out(tables.whole.rows, share, seed);
    tables.learnt = tables.whole.part(tables.rows.training);
    tables.held_out = tables.whole.part(tables.rows.held_out);
  } else {
    tables.learnt = tables.whole;
    tables.rows.training.resize(static_cast<std::size_t>(tables.whole.rows));
    std::iota(tables.rows.training.begin(), tables.rows.training.end(), std::int64_t{0});
  }
  check_same_data(data, identity_of(tables, data, share, seed), tables.path);
  return tables;
}

}  // namespace agon::host
