#include "host/evaluate/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "host/table/text.hpp"

namespace agon::host {
namespace {

nlohmann::json statistics_json(const Column& column) {
  return {{"mean", column.mean},
          {"deviation", column.deviation},
          {"minimum", column.minimum},
          {"maximum", column.maximum}};
}

// Characters of UTF-8 text: what a terminal gives a cell each, wide scripts apart.
std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

// A statistic with three digits more than the column's precision tells, at most six significant ones.
std::string figure(double value) {
  const double magnitude = std::abs(value);
  if (value == 0) return "0";
  if (magnitude >= 1e7 || magnitude < 1e-4) return fmt::format("{:.3e}", value);
  const int before = magnitude < 1 ? 0 : static_cast<int>(std::floor(std::log10(magnitude))) + 1;
  return fmt::format("{:.{}f}", value, std::clamp(5 - before, 0, 6));
}

// Cells in columns as wide as their widest; the first column to the left, the others to the right.
class Grid {
 public:
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  std::string text() const {
    std::vector<std::size_t> widths;
    for (const auto& row : rows_) {
      widths.resize(std::max(widths.size(), row.size()));
      for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], characters(row[c]));
    }
    std::string out;
    for (const auto& row : rows_) {
      std::string line;
      for (std::size_t c = 0; c < row.size(); ++c) {
        const std::string padding(widths[c] - characters(row[c]), ' ');
        line += c == 0 ? row[c] + padding : "  " + padding + row[c];
      }
      line.erase(line.find_last_not_of(' ') + 1);
      out += line + '\n';
    }
    return out;
  }

 private:
  std::vector<std::vector<std::string>> rows_;
};

std::string column_grid(const Quality& quality) {
  Grid grid;
  grid.add({"column", "KSComplement", "mean", "", "std dev", "", "minimum", "", "maximum", ""});
  grid.add({"", "", "real", "synthetic", "real", "synthetic", "real", "synthetic", "real", "synthetic"});
  for (const auto& [real, synthetic, ks] : quality.columns) {
    grid.add({printable(real.name, 32), fmt::format("{:.4f}", ks), figure(real.mean), figure(synthetic.mean),
              figure(real.deviation), figure(synthetic.deviation), figure(real.minimum),
              figure(synthetic.minimum), figure(real.maximum), figure(synthetic.maximum)});
  }
  return grid.text();
}

std::string pair_grid(const Quality& quality, std::size_t worst_pairs) {
  std::vector<PairQuality> pairs = quality.pairs;
  std::erase_if(pairs, [](const PairQuality& pair) { return !pair.counted; });
  std::ranges::stable_sort(pairs, {}, &PairQuality::similarity);
  if (pairs.size() > worst_pairs) pairs.resize(worst_pairs);
  if (pairs.empty()) return {};
  Grid grid;
  grid.add({"least similar pairs", "CorrelationSimilarity", "real r", "synthetic r"});
  for (const PairQuality& pair : pairs) {
    grid.add({printable(quality.columns[pair.first].real.name, 32) + " ~ " +
                  printable(quality.columns[pair.second].real.name, 32),
              fmt::format("{:.4f}", pair.similarity), fmt::format("{:+.3f}", pair.real_correlation),
              fmt::format("{:+.3f}", pair.synthetic_correlation)});
  }
  return '\n' + grid.text();
}

std::string score_lines(const Quality& quality) {
  const auto counted = std::ranges::count_if(quality.pairs, &PairQuality::counted);
  const std::string rule = quality.correlation_threshold > 0
                               ? fmt::format(" with real |r| > {}", quality.correlation_threshold)
                               : std::string();
  const std::string trends = counted == 0 ? "undefined" : fmt::format("{:.4f}", quality.pair_trends);
  return fmt::format(
      "\ncolumn shapes  {:.4f}  mean over {} columns\npair trends    {}  mean over {} of {} pairs{}\n"
      "quality score  {:.4f}  {} synthetic rows against {} real ones\n",
      quality.column_shapes, quality.columns.size(), trends, counted, quality.pairs.size(), rule,
      quality.score, quality.synthetic_rows, quality.real_rows);
}

}  // namespace

std::string to_json(const Quality& quality) {
  nlohmann::ordered_json json = {{"score", quality.score},
                                 {"column_shapes", quality.column_shapes},
                                 {"pair_trends", quality.pair_trends},
                                 {"correlation_threshold", quality.correlation_threshold},
                                 {"real_rows", quality.real_rows},
                                 {"synthetic_rows", quality.synthetic_rows}};
  json["columns"] = nlohmann::ordered_json::array();
  for (const ColumnQuality& column : quality.columns) {
    json["columns"].push_back({{"name", column.real.name},
                               {"ks_complement", column.ks_complement},
                               {"real", statistics_json(column.real)},
                               {"synthetic", statistics_json(column.synthetic)}});
  }
  json["pairs"] = nlohmann::ordered_json::array();
  for (const PairQuality& pair : quality.pairs) {
    json["pairs"].push_back(
        {{"columns", {quality.columns[pair.first].real.name, quality.columns[pair.second].real.name}},
         {"correlation_similarity", pair.similarity},
         {"real_correlation", pair.real_correlation},
         {"synthetic_correlation", pair.synthetic_correlation},
         {"counted", pair.counted}});
  }
  json["warnings"] = quality.warnings;
  return json.dump(2);
}

std::string to_text(const Quality& quality, std::size_t worst_pairs) {
  std::string out = column_grid(quality) + pair_grid(quality, worst_pairs) + score_lines(quality);
  for (const std::string& warning : quality.warnings) out += "warning: " + warning + '\n';
  return out;
}

}  // namespace agon::host
