#include "host/evaluate/discriminator/discriminator_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "host/table/text.hpp"
#include "kernels/record_shape.hpp"

namespace agon::host {
namespace {

constexpr std::int64_t kViewedRows = 2000;

// Whole packs, at most kViewedRows rows.
std::vector<float> some_rows(const std::vector<float>& rows, std::int64_t rows_of_both, std::int64_t pack,
                             std::int64_t width) {
  const std::int64_t count = std::min(rows_of_both, kViewedRows) / pack * pack;
  return {rows.begin(), rows.begin() + count * width};
}

// (width) the standard deviation of each of the rows' columns.
std::vector<double> spreads(const std::vector<float>& rows, std::size_t width) {
  std::vector<double> mean(width), square(width);
  const auto count = static_cast<double>(rows.size() / width);
  for (std::size_t i = 0; i < rows.size(); ++i) mean[i % width] += rows[i] / count;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double off = rows[i] - mean[i % width];
    square[i % width] += off * off / count;
  }
  for (double& value : square) value = std::sqrt(value);
  return square;
}

// (width) mean over rows of |slope|.
std::vector<double> mean_sizes(const std::vector<float>& slopes, std::size_t width) {
  std::vector<double> mean(width);
  const auto count = static_cast<double>(slopes.size() / width);
  for (std::size_t i = 0; i < slopes.size(); ++i) mean[i % width] += std::abs(slopes[i]) / count;
  return mean;
}

// The change of the logit by a number's rank u: each of D's columns of it changes as kernels/record_shape.hpp
// says. Of rows whose number has a value; `first` is the first of the number's columns.
std::optional<double> upward_slope(const std::vector<float>& rows, const std::vector<float>& slopes,
                                   std::size_t width, std::size_t first) {
  constexpr auto kHats = static_cast<std::size_t>(kernels::kNumberHats);
  double sum = 0, count = 0;
  for (std::size_t row = first; row < rows.size(); row += width) {
    double gate = 0;
    for (std::size_t hat = 0; hat < kHats; ++hat) gate += rows[row + hat];
    if (gate < 0.5) continue;
    const double u = std::clamp((rows[row + kHats] / gate + 1) / 2, 0.0, 1.0);
    const auto below = std::min(static_cast<std::size_t>(u * (kHats - 1)), kHats - 2);
    sum += 2 * slopes[row + kHats] + (kHats - 1) * (slopes[row + below + 1] - slopes[row + below]);
    ++count;
  }
  return count > 0 ? std::optional(sum / count) : std::nullopt;
}

double mean_logit(const Gan& gan, const std::vector<float>& rows) {
  const std::vector<float> logits = gan.discriminate(rows);
  return std::accumulate(logits.begin(), logits.end(), 0.0) / static_cast<double>(logits.size());
}

}  // namespace

std::optional<DiscriminatorView> view_of_discriminator(const Gan& gan, const Coding& coding,
                                                       const std::vector<float>& all_real,
                                                       const std::vector<float>& all_synthetic) {
  const GanConfig& config = gan.config();
  const std::int64_t count =
      std::ssize(std::min(all_real, all_synthetic,
                          [](const auto& a, const auto& b) { return a.size() < b.size(); })) /
      config.width();
  if (config.discriminator.norm != NormKind::none || count < config.pack) return std::nullopt;
  const auto real = some_rows(all_real, count, config.pack, config.width()),
             synthetic = some_rows(all_synthetic, count, config.pack, config.width());
  const auto width = static_cast<std::size_t>(config.width());
  const std::vector<float> slopes = gan.discriminator_slopes(synthetic);
  const std::vector<double> spread = spreads(real, width), of_synthetic = mean_sizes(slopes, width),
                            of_real = mean_sizes(gan.discriminator_slopes(real), width);
  DiscriminatorView out{
      std::ssize(real) / config.width(), mean_logit(gan, real), mean_logit(gan, synthetic), {}};
  std::vector<ViewedColumn> columns;
  for (const ColumnSchema& column : coding.schema().columns) columns.push_back({column.name, 0, 0, 0, {}});
  const std::vector<RowColumn> row_columns = coding.row_columns();
  const auto levels = static_cast<std::size_t>(coding.layout().levels());
  double total = 0;
  for (std::size_t i = 0; i < row_columns.size(); ++i) {
    if (row_columns[i].column < 0) continue;
    ViewedColumn& column = columns[static_cast<std::size_t>(row_columns[i].column)];
    column.real += of_real[i] * spread[i];
    column.synthetic += of_synthetic[i] * spread[i];
    total += of_synthetic[i] * spread[i];
    const bool begins_number = i >= levels && (i - levels) % (kernels::kNumberHats + 1) == 0;
    if (begins_number && coding.layout().link == NumberLink::rank)
      column.upward = upward_slope(synthetic, slopes, width, i);
  }
  for (ViewedColumn& column : columns) {
    column.share = total > 0 ? column.synthetic / total : 0;
    if (column.synthetic > 0) out.columns.push_back(std::move(column));
  }
  std::ranges::stable_sort(out.columns, std::ranges::greater{}, &ViewedColumn::share);
  return out;
}

nlohmann::ordered_json to_json(const DiscriminatorView& view) {
  nlohmann::ordered_json json{{"rows", view.rows},
                              {"mean_logit_real", view.real_logit},
                              {"mean_logit_synthetic", view.synthetic_logit}};
  json["columns"] = nlohmann::ordered_json::array();
  for (const ViewedColumn& column : view.columns)
    json["columns"].push_back({{"name", column.column},
                               {"share", column.share},
                               {"synthetic", column.synthetic},
                               {"real", column.real},
                               {"upward", column.upward ? nlohmann::ordered_json(*column.upward)
                                                        : nlohmann::ordered_json(nullptr)}});
  return json;
}

const std::string_view kAboutDiscriminator =
    "G is the network that draws the records. D is the network that learnt beside it to tell G's records "
    "from real "
    "ones; G learnt from what D minds.";

std::string to_text(const DiscriminatorView& view) {
  std::string text = fmt::format("What does D still look at? {}\n", kAboutDiscriminator);
  text += fmt::format(
      "  D's mean verdict: {:.3g} of real rows, {:.3g} of synthetic (the higher, the more real)\n",
      view.real_logit, view.synthetic_logit);
  for (const ViewedColumn& column : view.columns) {
    if (&column - view.columns.data() == 10) break;
    text += fmt::format("  {:>5.1f}%  {}: a usual change moves the verdict by {:.2g} (real rows: {:.2g}){}\n",
                        100 * column.share, printable(column.column, 32), column.synthetic, column.real,
                        !column.upward       ? ""
                        : *column.upward > 0 ? "; D would have it larger"
                                             : "; D would have it smaller");
  }
  return text;
}

}  // namespace agon::host
