#include "host/run/stats_log.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "kernels/error.hpp"

namespace agon::host {
namespace {

using kernels::HealthSample;

constexpr OutputNames kProbability{"probability_real", "probability_fake"},
    kLogit{"logit_real", "logit_fake"};

std::string number_or_null(float value) { return std::isfinite(value) ? fmt::format("{}", value) : "null"; }

float number_at(const nlohmann::json& line, const char* key) {
  const auto& value = line.at(key);
  return value.is_null() ? std::numeric_limits<float>::quiet_NaN() : value.get<float>();
}

/// What a health sample is called in files, in their order.
struct HealthField {
  const char* name;
  float HealthSample::*member;
};
constexpr HealthField kHealthFields[] = {
    {"gradient_norm_generator", &HealthSample::generator_gradient},
    {"gradient_norm_discriminator", &HealthSample::discriminator_gradient},
    {"saturated_real", &HealthSample::saturated_real},
    {"saturated_fake", &HealthSample::saturated_fake},
    {"spread_least", &HealthSample::spread_least},
    {"spread_mean", &HealthSample::spread_mean},
    {"shift_most", &HealthSample::shift_most},
    {"distance", &HealthSample::distance}};

std::optional<StatsRow> parse_line(const std::string& text) {
  try {
    const auto line = nlohmann::json::parse(text);
    const bool probability = line.contains(kProbability.real);
    const auto& [real, fake] = probability ? kProbability : kLogit;
    StatsRow row{{line.at("step").get<std::uint64_t>(), number_at(line, "discriminator_loss"),
                  number_at(line, "generator_loss"), number_at(line, real), number_at(line, fake)}};
    if (line.contains("penalty")) row.statistics.penalty = number_at(line, "penalty");
    if (line.contains("augmentation")) row.statistics.augmentation = number_at(line, "augmentation");
    if (!line.contains(kHealthFields[0].name)) return row;
    row.health.emplace().step = row.statistics.step;
    for (const HealthField& field : kHealthFields) *row.health.*field.member = number_at(line, field.name);
    return row;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

struct Kept {
  std::vector<StatsRow> rows;
  std::uintmax_t bytes = 0;  ///< of the lines that they came from
};

Kept read_until(const std::filesystem::path& path, std::uint64_t until) {
  Kept kept;
  std::ifstream file(path, std::ios::binary);
  for (std::string text; std::getline(file, text) && !file.eof();) {  // a line without its end was cut off
    const auto row = parse_line(text);
    if (!row || row->statistics.step > until) break;
    kept.rows.push_back(*row);
    kept.bytes += text.size() + 1;
  }
  return kept;
}

}  // namespace

OutputNames output_names(kernels::Objective objective) {
  return kernels::is_probability(objective) ? kProbability : kLogit;
}

std::string stats_line(const StatsRow& row, double rows_per_epoch, double batch,
                       kernels::Objective objective) {
  const auto [real, fake] = output_names(objective);
  const StepStatistics& s = row.statistics;
  std::string line =
      fmt::format(R"({{"step": {}, "epoch": {:.3f}, "discriminator_loss": {}, "generator_loss": {}, )"
                  R"("{}": {}, "{}": {})",
                  s.step, static_cast<double>(s.step) * batch / rows_per_epoch,
                  number_or_null(s.discriminator_loss), number_or_null(s.generator_loss), real,
                  number_or_null(s.output_real), fake, number_or_null(s.output_fake));
  if (s.penalty != 0) line += fmt::format(R"(, "penalty": {})", number_or_null(s.penalty));
  if (s.augmentation != 0) line += fmt::format(R"(, "augmentation": {})", number_or_null(s.augmentation));
  if (row.health)
    for (const HealthField& field : kHealthFields)
      line += fmt::format(R"(, "{}": {})", field.name, number_or_null(*row.health.*field.member));
  return line + "}";
}

std::vector<StatsRow> read_stats_and_health(const std::filesystem::path& path) {
  return read_until(path, std::numeric_limits<std::uint64_t>::max()).rows;
}

std::vector<StepStatistics> read_stats(const std::filesystem::path& path) {
  std::vector<StepStatistics> statistics;
  for (const StatsRow& row : read_stats_and_health(path)) statistics.push_back(row.statistics);
  return statistics;
}

StatsLog::StatsLog(std::filesystem::path path, std::uint64_t until, std::int64_t every, double rows,
                   double batch, kernels::Objective objective)
    : path_(std::move(path)), every_(every), rows_(rows), batch_(batch), objective_(objective) {
  Kept kept = read_until(path_, until);
  for (const StatsRow& row : kept.rows) {
    logged_.push_back(row.statistics);
    if (row.health) with_health_.push_back(row);
  }
  descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (descriptor_ < 0 || ftruncate(descriptor_, static_cast<off_t>(kept.bytes)) != 0) fail();
}

StatsLog::~StatsLog() {
  if (descriptor_ >= 0) close(descriptor_);
}

void StatsLog::fail() const {
  throw Error(fmt::format("{}: cannot write: {}", path_.string(), std::strerror(errno)));
}

void StatsLog::append(std::span<const StepStatistics> statistics, std::span<const HealthSample> samples,
                      bool all) {
  std::string text;
  auto sample = samples.begin();
  for (const StepStatistics& s : statistics) {
    while (sample != samples.end() && sample->step < s.step) ++sample;
    StatsRow row{s};
    if (sample != samples.end() && sample->step == s.step) row.health = *sample;
    if (!all && !row.health && s.step != 1 && s.step % static_cast<std::uint64_t>(every_) != 0) continue;
    if (!logged_.empty() && logged_.back().step >= s.step) continue;
    text += stats_line(row, rows_, batch_, objective_) + "\n";
    logged_.push_back(s);
  }
  for (std::string_view rest = text; !rest.empty();) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail();
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

void StatsLog::sync() {
  if (fdatasync(descriptor_) != 0 && errno != EINVAL) fail();
}

}  // namespace agon::host
