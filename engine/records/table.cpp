#include "engine/records/table.hpp"

#include <optional>
#include <utility>

#include "engine/checkpoint/checkpoint.hpp"
#include "engine/gan/gan.hpp"
#include "engine/records/record_draw.hpp"
#include "engine/records/table_identity.hpp"
#include "engine/records/table_recipe.hpp"
#include "engine/runtime/public_errors.hpp"
#include "kernels/error.hpp"

namespace agon {
namespace {

void require_fit(const Schema& schema, const TextTable& table) {
  std::vector<Finding> findings = check_schema(schema, table);
  for (Finding& finding : check_constraints(schema, table)) findings.push_back(std::move(finding));
  std::string errors;
  for (const Finding& finding : findings)
    if (finding.weight == Finding::Weight::error) errors += (errors.empty() ? "" : "\n") + line_of(finding);
  if (!errors.empty()) throw DataError(errors);
}

void train(Gan& gan, std::uint64_t steps, const FitOptions& options) {
  std::uint64_t done = 0;
  const auto watch = [&] {
    if (const auto fresh = gan.statistics(done); !fresh.empty()) done = fresh.back().step;
    return !options.progress || options.progress(done, steps);
  };
  gan.train(steps, watch);
  if (gan.diverged())
    throw Error("the training diverged at step " + std::to_string(gan.steps()) + ": try another seed");
}

/// One table of several with the same columns; its spellings point into theirs.
TextTable joined_tables(TextTable&& none, const std::vector<TextTable>& pieces) {
  TextTable all = std::move(none);
  for (const TextTable& piece : pieces) {
    all.rows += piece.rows;
    all.storage.insert(all.storage.end(), piece.storage.begin(), piece.storage.end());
  }
  for (std::size_t c = 0; c < all.columns.size(); ++c) {
    std::vector<std::string_view> cells;
    for (const TextTable& piece : pieces)
      for (const std::uint32_t cell : piece.columns[c].cells)
        cells.push_back(piece.columns[c].spellings[cell]);
    all.columns[c] = column_of(all.columns[c].name, cells);
  }
  return all;
}

}  // namespace

struct Table::Implementation {
  Implementation(Coding&& its_coding, Gan&& its_gan)
      : coding(std::move(its_coding)), gan(std::move(its_gan)) {}

  Coding coding;
  Gan gan;
  std::int64_t rows = 0;
  std::string fingerprint;
  std::optional<RealRecords> real;
  std::optional<RecordDraw> draw;  // of a trained gan
};

Table Table::fit(const TextTable& table, const Schema& schema, const Device& device,
                 const FitOptions& options) {
  with_errors_of("Table::fit()", [&] { require_fit(schema, table); });
  Coding coding = Coding::fit(table, schema, device, options.coding);
  const std::int64_t rows_of_step = table_config(coding.layout(), 1).rows_of_step();
  const std::uint64_t steps = options.steps > 0 ? options.steps : table_steps(table.rows, rows_of_step);
  GanConfig config = table_config(coding.layout(), steps);
  config.seed = options.seed;
  Table made(std::make_unique<Implementation>(std::move(coding), Gan(config, device)));
  Implementation& its = *made.implementation_;
  its.rows = table.rows;
  its.fingerprint = fingerprint_of(table);
  its.gan.set_data(its.coding.encode(table));
  train(its.gan, steps, options);
  its.draw.emplace(its.gan, its.coding);
  made.never_draw(table);
  return made;
}

Table::Table(std::unique_ptr<Implementation> implementation)
    : implementation_("Table", std::move(implementation)) {}
Table::Table(Table&&) noexcept = default;
Table& Table::operator=(Table&&) noexcept = default;
Table::~Table() = default;

TextTable Table::sample(std::int64_t count, std::uint64_t seed, const SampleRequest& request) const {
  const Implementation& its = *implementation_;
  require_memory("sample()", count,
                 std::ssize(its.coding.schema().columns) * std::int64_t{sizeof(std::uint32_t)});
  DrawRequest wanted{.count = count, .seed = seed, .where = Conditions(request.where, its.coding)};
  if (!request.balance.empty()) wanted.balance.emplace(request.balance, its.coding);
  if (its.real && !request.allow_copies) wanted.never = &*its.real;
  std::vector<TextTable> pieces;
  const DrawResult result = with_errors_of("sample()", [&] {
    return its.draw->draw(
        wanted, [&](const TextTable& piece) { pieces.push_back(piece); }, [] { return true; });
  });
  if (!result.finite) throw DataError("the generator's output is not finite: nothing is drawn");
  if (result.scarce) throw Error(result.shortage);
  return with_errors_of("sample()", [&] { return joined_tables(its.coding.decode({}, seed), pieces); });
}

std::vector<std::string> Table::warnings() const { return implementation_->draw->warnings(); }
const Coding& Table::coding() const { return implementation_->coding; }

void Table::never_draw(const TextTable& real) {
  with_errors_of("never_draw()",
                 [&] { implementation_->real.emplace(real, implementation_->coding.schema()); });
}

void Table::save(const std::filesystem::path& path) const {
  const Implementation& its = *implementation_;
  const Device& device = its.gan.device();
  write_checkpoint(path, {its.gan.config(),
                          its.gan.snapshot(),
                          device.name(),
                          device.threads(),
                          {{kCodingEntry, its.coding.to_json()},
                           {kRowsEntry, std::to_string(its.rows)},
                           {kFingerprintEntry, its.fingerprint}}});
}

Table Table::load(const std::filesystem::path& path, const Device& device) {
  const Checkpoint checkpoint = read_checkpoint(path);
  const auto entry = [&](const char* key) {
    const auto found = checkpoint.metadata.find(key);
    if (found != checkpoint.metadata.end()) return found->second;
    throw DataError(path.string() + ": no '" + key +
                    "' in this checkpoint's metadata: it is of no table of records");
  };
  Coding coding = Coding::from_json(entry(kCodingEntry), path.string());
  if (coding.layout() != checkpoint.config.generator.records)
    throw DataError(path.string() + ": the coding in this checkpoint's metadata is not its generator's");
  Table made(std::make_unique<Implementation>(std::move(coding), Gan(checkpoint.config, device)));
  Implementation& its = *made.implementation_;
  its.gan.restore(checkpoint.snapshot);
  its.rows = std::atoll(entry(kRowsEntry).c_str());
  its.fingerprint = entry(kFingerprintEntry);
  its.draw.emplace(its.gan, its.coding);
  return made;
}

}  // namespace agon
