#include "host/evaluate/distances/coverage_report.hpp"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

namespace agon::host {
namespace {

struct NamedFigure {
  const char* key;
  const char* words;
  double CoverageFigures::*figure;
};

constexpr std::array kNamedFigures = {
    NamedFigure{"alpha_precision", "alpha-precision", &CoverageFigures::alpha_precision},
    NamedFigure{"beta_recall", "beta-recall", &CoverageFigures::beta_recall},
    NamedFigure{"authenticity", "authenticity", &CoverageFigures::authenticity},
    NamedFigure{"density", "density", &CoverageFigures::density},
    NamedFigure{"coverage", "coverage", &CoverageFigures::coverage}};

const char* floor_words(bool held_out) { return held_out ? "held-out rows" : "two halves of the real table"; }

}  // namespace

nlohmann::ordered_json to_json(const Coverage& coverage) {
  nlohmann::ordered_json json = {{"rows", coverage.rows},
                                 {"floor_rows", coverage.floor_rows},
                                 {"floor", floor_words(coverage.floor_is_held_out)},
                                 {"draws", coverage.draws},
                                 {"distances", "float: relative error 1e-7"}};
  for (const auto& [key, words, figure] : kNamedFigures) {
    nlohmann::ordered_json& one = json[key];
    one = {{"value", coverage.synthetic.*figure}};
    for (const char* const name : {"value_at_floor_rows", "floor", "floor_least", "floor_greatest"})
      one[name] = nullptr;
    if (coverage.draws == 0) continue;
    one["value_at_floor_rows"] = coverage.synthetic_as_floor.*figure;
    one["floor"] = coverage.floor.*figure;
    one["floor_least"] = coverage.floor_least.*figure;
    one["floor_greatest"] = coverage.floor_greatest.*figure;
  }
  return json;
}

nlohmann::ordered_json to_json(const SlicedDistance& distance) {
  nlohmann::ordered_json json = {{"rows", distance.rows}, {"value", distance.synthetic}};
  json["floor_rows"] = distance.floor_rows;
  json["floor_of"] = floor_words(distance.floor_is_held_out);
  json["floor"] = nullptr;
  json["value_at_floor_rows"] = nullptr;
  if (distance.floor_rows == 0) return json;
  json["floor"] = distance.floor;
  json["value_at_floor_rows"] = distance.synthetic_as_floor;
  return json;
}

std::string to_text(const Coverage& coverage) {
  std::string text;
  for (const auto& [key, words, figure] : kNamedFigures) {
    if (coverage.draws == 0) {
      text += fmt::format("{:<16}{:.4f}  {} rows of either table\n", words, coverage.synthetic.*figure,
                          coverage.rows);
      continue;
    }
    text +=
        fmt::format("{:<16}{:.4f}  floor {:.4f} ({:.4f} to {:.4f}); {:.4f} at {} rows\n", words,
                    coverage.synthetic_as_floor.*figure, coverage.floor.*figure, coverage.floor_least.*figure,
                    coverage.floor_greatest.*figure, coverage.synthetic.*figure, coverage.rows);
  }
  if (coverage.draws == 0) return text + "No floor: too few rows.\n";
  return text + fmt::format("Floor: {}, {} rows of either table, {} draws.\n",
                            floor_words(coverage.floor_is_held_out), coverage.floor_rows, coverage.draws);
}

std::string to_text(const SlicedDistance& distance) {
  if (distance.floor_rows == 0)
    return fmt::format("{:<16}{:.4f}  {} rows of either table; no floor: too few rows\n", "sliced distance",
                       distance.synthetic, distance.rows);
  return fmt::format("{:<16}{:.4f}  floor {:.4f} ({}, {} rows); {:.4f} at {} rows\n", "sliced distance",
                     distance.synthetic_as_floor, distance.floor, floor_words(distance.floor_is_held_out),
                     distance.floor_rows, distance.synthetic, distance.rows);
}

}  // namespace agon::host
