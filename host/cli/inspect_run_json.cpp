#include "host/cli/inspect_run_json.hpp"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>
#include <type_traits>
#include <utility>

#include "engine/gan/config_fields.hpp"
#include "engine/gan/config_names.hpp"

namespace agon::host {
namespace {

using nlohmann::ordered_json;

ordered_json columns_json(const DataIdentity& data) {
  ordered_json columns = ordered_json::array();
  const Representation& how = data.representation;
  if (how.of_records()) {
    const std::vector<std::string> names = how.names(), coded = how.coding->description();
    for (std::size_t i = 0; i < names.size(); ++i)
      columns.push_back({{"name", names[i]},
                         {"kind", agon::to_string(how.coding->schema().columns[i].kind)},
                         {"coding", coded[i]}});
    return columns;
  }
  for (const Column& c : how.columns) {
    columns.push_back({{"name", c.name},
                       {"decimals", c.decimals},
                       {"minimum", c.minimum},
                       {"maximum", c.maximum},
                       {"mean", c.mean},
                       {"deviation", c.deviation}});
  }
  return columns;
}

/// How many there are of what, and of images, as of those of a folder, their shape, and by class the names.
ordered_json data_json(const DataIdentity& data) {
  const ImageShape& shape = data.representation.images;
  if (!data.representation.of_images()) return {{"rows", data.rows}};
  ordered_json images{
      {"images", data.rows}, {"height", shape.height}, {"width", shape.width}, {"channels", shape.channels}};
  if (const LearntClasses& classes = data.representation.classes; classes.any())
    images["classes"] = classes.names;
  return images;
}

/// Names that the configuration has otherwise.
constexpr std::pair<std::string_view, std::string_view> kOtherNames[] = {
    {"generator_rate", "generator.rate"},           {"discriminator_rate", "discriminator.rate"},
    {"rate_schedule.shape", "rate_schedule"},       {"rate_schedule.warmup_steps", "warmup_steps"},
    {"rate_schedule.steps", "schedule_steps"},      {"rate_schedule.final_fraction", "final_rate"},
    {"instance_noise.deviation", "instance_noise"}, {"instance_noise.steps", "instance_noise_steps"},
};

std::string_view shown_name(const Field& field) {
  const auto* const other = std::ranges::find(kOtherNames, field.path, [](const auto& n) { return n.first; });
  return other == std::end(kOtherNames) ? field.path : other->second;
}

/// A network's parts are shown where it has them.
void add_configuration(ordered_json& all, const GanConfig& config) {
  all["generator"]["parameters"] = config.generator.parameter_count();
  all["discriminator"]["parameters"] = config.discriminator.parameter_count();
  visit_fields(config, [&](const Field& field, const auto& member) {
    using Member = std::remove_cvref_t<decltype(member)>;
    const std::string_view name = shown_name(field);
    const std::size_t dot = name.find('.');
    const bool of_network = name.starts_with("generator.") || name.starts_with("discriminator.");
    if (of_network && field.entry == Entry::optional && member == Member{}) return;
    ordered_json& object = dot == name.npos ? all : all[std::string(name.substr(0, dot))];
    ordered_json& value = object[std::string(name.substr(dot + 1))];
    if constexpr (Named<Member>) {
      value = agon::name_of(member);
    } else {
      value = member;
    }
  });
}

}  // namespace

ordered_json last_statistics(const Checkpoint& checkpoint) {
  const auto found = checkpoint.metadata.find("statistics");
  if (found == checkpoint.metadata.end()) return nullptr;
  const auto statistics = ordered_json::parse(found->second, nullptr, false);
  return statistics.is_object() ? statistics : ordered_json(nullptr);
}

double epoch_of(const Checkpoint& checkpoint, const DataIdentity& data) {
  return static_cast<double>(checkpoint.snapshot.step) *
         static_cast<double>(checkpoint.config.rows_of_step()) / static_cast<double>(data.rows);
}

std::string run_json(const FoundCheckpoint& found, const DataIdentity& data) {
  const Checkpoint& c = found.checkpoint;
  ordered_json all{
      {"checkpoint", found.path.string()}, {"step", c.snapshot.step}, {"epoch", epoch_of(c, data)}};
  all["generator_alone"] = c.snapshot.holds == Gan::Snapshot::Holds::generator;
  add_configuration(all, c.config);
  all.update({{"device", c.device}, {"threads", c.threads}});
  all.update(data_json(data));
  all.update({{"fingerprint", data.fingerprint}, {"exact_bounds", data.representation.exact_bounds()}});
  if (!data.representation.of_images()) all["columns"] = columns_json(data);
  all["statistics"] = last_statistics(c);
  return all.dump(2) + "\n";
}

}  // namespace agon::host
