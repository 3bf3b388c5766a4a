#include "host/run/held_out.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "host/table/text.hpp"
#include "kernels/error.hpp"
#include "kernels/formula/permutation.hpp"
#include "kernels/random.hpp"

namespace agon::host {
namespace {

std::int64_t held_out_rows(std::int64_t rows, double share) {
  constexpr std::int64_t kAtLeast = 10;
  const auto asked = static_cast<std::int64_t>(std::llround(share * static_cast<double>(rows)));
  return std::max(asked, std::min(kAtLeast, rows / 2));
}

void append_row(Table& part, const Table& table, std::int64_t row) {
  const auto first = table.values.begin() + row * table.width();
  part.values.insert(part.values.end(), first, first + table.width());
  ++part.rows;
}

}  // namespace

RowSplit hold_out(std::int64_t rows, double share, std::uint64_t seed) {
  const std::int64_t held_out = held_out_rows(rows, share);
  if (held_out < 2 || rows - held_out < 2) {
    throw DataError(fmt::format(
        "of {} rows {} would be held out to score by: two or more must be on either side", rows, held_out));
  }
  RowSplit split;
  const auto order =
      kernels::formula::permutation(static_cast<std::uint32_t>(rows), seed,
                                    static_cast<std::uint32_t>(kernels::RandomPurpose::held_out_rows), 0);
  for (std::int64_t row = 0; row < rows; ++row) {
    const bool out = kernels::formula::permute(order, static_cast<std::uint32_t>(row)) < held_out;
    (out ? split.held_out : split.training).push_back(row);
  }
  return split;
}

Split hold_out(const Table& table, double share, std::uint64_t seed) {
  const RowSplit rows = hold_out(table.rows, share, seed);
  Split split{{table.columns, 0, {}}, {table.columns, 0, {}}};
  for (const std::int64_t row : rows.held_out) append_row(split.held_out, table, row);
  for (const std::int64_t row : rows.training) append_row(split.training, table, row);
  compute_statistics(split.training.values, split.training.columns);
  compute_statistics(split.held_out.values, split.held_out.columns);
  for (const Column& column : split.training.columns) {
    if (!column.constant()) continue;
    throw DataError(fmt::format("column {} is constant in the {} rows that are not held out",
                                in_quotes(column.name), split.training.rows));
  }
  return split;
}

HeldOutJudge::HeldOutJudge(const Device& device, std::span<const float> held_out, std::int64_t width,
                           std::uint64_t seed, std::vector<double> unit)
    : width_(width), seed_(seed), unit_(std::move(unit)), scorer_(device, in_units(held_out), width, seed_) {}

std::vector<float> HeldOutJudge::in_units(std::span<const float> rows) const {
  std::vector<float> scaled(rows.begin(), rows.end());
  for (std::size_t i = 0; i < scaled.size() && !unit_.empty(); ++i)
    if (const double unit = unit_[i % unit_.size()]; unit > 0)
      scaled[i] = static_cast<float>(scaled[i] / unit);
  return scaled;
}

HeldOutScore HeldOutJudge::score(const Gan& gan, int replica) {
  return scorer_.score(in_units(gan.sample(scorer_.rows(), seed_, replica)));
}

HeldOutScore HeldOutJudge::score(std::span<const float> rows) {
  const std::int64_t all = static_cast<std::int64_t>(rows.size()) / width_;
  std::vector<float> sample;
  for (std::int64_t i = 0; i < scorer_.rows(); ++i) {
    const auto row = rows.subspan(static_cast<std::size_t>(i * all / scorer_.rows() * width_),
                                  static_cast<std::size_t>(width_));
    sample.insert(sample.end(), row.begin(), row.end());
  }
  return scorer_.score(in_units(sample));
}

std::string score_line(const ScoredStep& scored) {
  const nlohmann::ordered_json line{{"step", scored.step},
                                    {"sliced_wasserstein", scored.score.sliced_wasserstein},
                                    {"mmd", scored.score.mmd},
                                    {"spread", scored.score.spread}};
  return line.dump();
}

std::vector<ScoredStep> read_scores(const std::filesystem::path& path, std::uint64_t until) {
  std::vector<ScoredStep> scores;
  std::ifstream file(path);
  for (std::string text; std::getline(file, text);) {
    const auto line = nlohmann::json::parse(text, nullptr, false);
    if (!line.is_object()) break;
    try {
      const ScoredStep one{line.at("step").get<std::uint64_t>(),
                           {line.at("sliced_wasserstein").get<double>(), line.at("mmd").get<double>(),
                            line.at("spread").get<double>()}};
      if (one.step > until) break;
      scores.push_back(one);
    } catch (const nlohmann::json::exception&) {
      break;
    }
  }
  return scores;
}

std::int64_t scores_after(std::span<const ScoredStep> scores, std::uint64_t step) {
  return std::ranges::count_if(scores, [=](const ScoredStep& scored) { return scored.step > step; });
}

}  // namespace agon::host
