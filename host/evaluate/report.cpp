#include "host/evaluate/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>
#include <vector>

#include "host/table/text.hpp"

namespace agon::host {
namespace {

nlohmann::ordered_json statistics_json(const Column& column) {
  return {{"mean", column.mean},
          {"deviation", column.deviation},
          {"minimum", column.minimum},
          {"maximum", column.maximum}};
}

// Characters of UTF-8 text: what a terminal gives a cell each, wide scripts apart.
std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

// With that many decimals where this is readable, else with six significant digits.
std::string figure(double value, int decimals) {
  if (decimals > 6 || std::abs(value) >= 1e9) return fmt::format("{:.6g}", value);
  const std::string text = fmt::format("{:.{}f}", value, decimals);
  const bool minus_zero = text.starts_with('-') && text.find_first_not_of("-0.") == text.npos;
  return minus_zero ? text.substr(1) : text;
}

// Cells in columns as wide as their widest; the first column to the left, the others to the right.
class Grid {
 public:
  void add(std::vector<std::string> cells) {
    widths_.resize(std::max(widths_.size(), cells.size()));
    for (std::size_t c = 0; c < cells.size(); ++c) widths_[c] = std::max(widths_[c], characters(cells[c]));
    rows_.push_back(std::move(cells));
  }

  // A line of titles, each centred over a pair of columns: the first over columns `first` and first + 1.
  std::string titles(std::size_t first, std::span<const std::string_view> words) const {
    std::string line(widths_[0], ' ');
    for (std::size_t c = 1; c < first; ++c) line.append(widths_[c] + 2, ' ');
    for (std::size_t t = 0; t < words.size(); ++t) {
      const std::size_t room = widths_[first + 2 * t] + widths_[first + 2 * t + 1] + 4;
      const std::size_t left = room > words[t].size() ? (room - words[t].size() + 2) / 2 : 0;
      line.append(left, ' ').append(words[t]).append(room - std::min(room, left + words[t].size()), ' ');
    }
    return stripped(line) + '\n';
  }

  std::string text() const {
    std::string out;
    for (const auto& row : rows_) {
      std::string line;
      for (std::size_t c = 0; c < row.size(); ++c) {
        const std::string padding(widths_[c] - characters(row[c]), ' ');
        line += c == 0 ? row[c] + padding : "  " + padding + row[c];
      }
      out += stripped(line) + '\n';
    }
    return out;
  }

 private:
  static std::string stripped(const std::string& line) {
    return line.substr(0, line.find_last_not_of(' ') + 1);
  }

  std::vector<std::vector<std::string>> rows_;
  std::vector<std::size_t> widths_;
};

std::string column_grid(const Quality& quality) {
  Grid grid;
  grid.add({"column", "KSComplement", "real", "synthetic", "real", "synthetic", "real", "synthetic", "real",
            "synthetic"});
  for (const auto& [real, synthetic, ks] : quality.columns) {
    // Extremes as precise as the real column, mean and deviation two digits more.
    const int decimals = real.decimals;
    grid.add({printable(real.name, 32), fmt::format("{:.4f}", ks), figure(real.mean, decimals + 2),
              figure(synthetic.mean, decimals + 2), figure(real.deviation, decimals + 2),
              figure(synthetic.deviation, decimals + 2), figure(real.minimum, decimals),
              figure(synthetic.minimum, decimals), figure(real.maximum, decimals),
              figure(synthetic.maximum, decimals)});
  }
  constexpr std::array<std::string_view, 4> kTitles = {"mean", "std dev", "minimum", "maximum"};
  return grid.titles(2, kTitles) + grid.text();
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
