#include "host/run/replica_table.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "host/run/stats_log.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

using nlohmann::json;

constexpr const char* kReplicas = "replicas";

template <class Number>
std::string field(Number value) {
  return std::isfinite(value) ? fmt::format("{}", value) : "";
}

/// JSON has no NaN: null stands for what is not finite.
template <class Number>
Number number_from(const json& value) {
  return value.is_null() ? std::numeric_limits<Number>::quiet_NaN() : value.get<Number>();
}

json json_of_result(const ReplicaResult& r, const OutputNames& names) {
  return {{"seed", r.seed},
          {"wasserstein", r.score.sliced_wasserstein},
          {"mmd", r.score.mmd},
          {"spread", r.score.spread},
          {"diverged", r.diverged},
          {"step", r.last.step},
          {"discriminator_loss", r.last.discriminator_loss},
          {"generator_loss", r.last.generator_loss},
          {names.real, r.last.output_real},
          {names.fake, r.last.output_fake}};
}

ReplicaResult result_from_json(const json& object, const OutputNames& names) {
  return {object.at("seed").get<std::uint64_t>(),
          {number_from<double>(object.at("wasserstein")), number_from<double>(object.at("mmd")),
           number_from<double>(object.at("spread"))},
          object.at("diverged").get<bool>(),
          {object.at("step").get<std::uint64_t>(), number_from<float>(object.at("discriminator_loss")),
           number_from<float>(object.at("generator_loss")), number_from<float>(object.at(names.real)),
           number_from<float>(object.at(names.fake))}};
}

}  // namespace

int ReplicaTable::best() const {
  int best = -1;
  for (int i = 0; i < static_cast<int>(replicas.size()); ++i) {
    if (replicas[i].diverged || std::isnan(replicas[i].score.sliced_wasserstein)) continue;
    if (best < 0 || is_better(replicas[i].score, replicas[best].score)) best = i;
  }
  return best;
}

std::string to_csv(const ReplicaTable& table) {
  const auto [real, fake] = output_names(table.objective);
  std::string text = fmt::format(
      "seed,held_out_wasserstein,held_out_mmd,held_out_spread,step,discriminator_loss,generator_loss,{},{},"
      "diverged,chosen\n",
      real, fake);
  const int best = table.best();
  for (int i = 0; i < static_cast<int>(table.replicas.size()); ++i) {
    const ReplicaResult& r = table.replicas[i];
    text += fmt::format("{},{},{},{},{},{},{},{},{},{:d},{:d}\n", r.seed, field(r.score.sliced_wasserstein),
                        field(r.score.mmd), field(r.score.spread), r.last.step,
                        field(r.last.discriminator_loss), field(r.last.generator_loss),
                        field(r.last.output_real), field(r.last.output_fake), r.diverged, i == best);
  }
  return text;
}

void store(const ReplicaTable& table, Checkpoint& checkpoint) {
  const OutputNames names = output_names(table.objective);
  json list = json::array();
  for (const ReplicaResult& result : table.replicas) list.push_back(json_of_result(result, names));
  checkpoint.metadata[kReplicas] = json{
      {"held_out", table.held_out},
      {"rows", table.whole.rows},
      {"fingerprint", table.whole.fingerprint},
      {"replicas", std::move(list)}}.dump();
}

ReplicaTable stored_replicas(const Checkpoint& checkpoint, std::string_view source) {
  const auto found = checkpoint.metadata.find(kReplicas);
  if (found == checkpoint.metadata.end()) return {};
  try {
    const json object = json::parse(found->second);
    ReplicaTable table;
    table.objective = checkpoint.config.objective;
    const OutputNames names = output_names(table.objective);
    table.held_out = object.at("held_out").get<double>();
    table.whole.rows = object.at("rows").get<std::int64_t>();
    table.whole.fingerprint = object.at("fingerprint").get<std::string>();
    for (const json& replica : object.at("replicas"))
      table.replicas.push_back(result_from_json(replica, names));
    if (table.best() >= 0) return table;
  } catch (const json::exception&) {
  }
  throw DataError(fmt::format("{}: '{}' in this checkpoint's metadata is not what agon train writes there",
                              source, kReplicas));
}

ReplicaSnapshots read_snapshots(const RunFolder& folder, const ReplicaTable& table,
                                const Checkpoint& chosen) {
  ReplicaSnapshots snapshots;
  for (const ReplicaResult& replica : table.replicas) {
    snapshots.emplace_back();
    if (replica.diverged) continue;
    const auto path = folder.checkpoint(chosen.snapshot.step, replica_suffix(replica.seed));
    Checkpoint own = read_checkpoint(path);
    GanConfig expected = chosen.config;
    expected.seed = replica.seed;
    if (own.config != expected || own.snapshot.step != chosen.snapshot.step) {
      throw DataError(fmt::format("{}: not the checkpoint of seed {} at step {} of this run", path.string(),
                                  replica.seed, chosen.snapshot.step));
    }
    snapshots.back() = std::move(own.snapshot);
  }
  return snapshots;
}

}  // namespace agon::host
