#include "host/evaluate/models/target_model.hpp"

#include <cmath>
#include <memory>
#include <utility>

namespace agon::host {

LabelScale label_scale(const Target& target, const RecordSet& real) {
  if (target.is_class) return {};
  double count = 0, sum = 0, squares = 0;
  for (const double x : numbers_of(target, real))
    if (std::isfinite(x)) sum += x, ++count;
  const double middle = sum / count;
  for (const double x : numbers_of(target, real))
    if (std::isfinite(x)) squares += (x - middle) * (x - middle);
  const double spread = std::sqrt(squares / count);
  return {middle, spread > 0 && std::isfinite(spread) ? spread : 1};
}

TargetTable target_table(const Target& target, const TreeLayout& layout, const RecordSet& records) {
  TargetTable table{part(records, rows_with(target, records)), {}, 0};
  table.features = layout.features_of(table.records);
  table.without_target = records.rows - table.records.rows;
  return table;
}

TargetModel::TargetModel(const Target& target, const LabelScale& scale, const TargetTable& table,
                         TreeSettings settings)
    : target_(target), scale_(scale) {
  if (table.records.rows == 0) return;
  settings.task = TreeSettings::Task::number;
  std::vector<float> labels;
  if (target.is_class) {
    settings.task = target.count() == 2 ? TreeSettings::Task::two_classes : TreeSettings::Task::classes;
    settings.classes = target.count();
    for (const std::int32_t of_row : classes_of(target, table.records))
      labels.push_back(static_cast<float>(of_row));
  } else {
    for (const double x : numbers_of(target, table.records))
      labels.push_back(static_cast<float>((x - scale.middle) / scale.spread));
  }
  trees_.emplace(table.features, labels, settings);
}

Judge TargetModel::judge(const TargetTable& table) const {
  const auto rows = static_cast<std::size_t>(table.records.rows);
  const std::vector<float> said = trees_ ? trees_->predict(table.features) : std::vector<float>{};
  if (!target_.is_class) {
    std::vector<double> guess(rows, scale_.middle);
    for (std::size_t i = 0; i < said.size(); ++i) guess[i] = scale_.middle + scale_.spread * said[i];
    const auto judged = std::make_shared<JudgedNumbers>(numbers_of(target_, table.records), std::move(guess));
    return [judged](std::span<const std::int32_t> times) { return judged->scores(times); };
  }
  std::vector<double> probabilities(said.begin(), said.end());
  if (!trees_) probabilities.assign(rows * target_.classes.size(), 0);
  if (trees_ && target_.count() == 2) {
    probabilities.clear();
    for (const float p : said) probabilities.insert(probabilities.end(), {1 - double{p}, double{p}});
  }
  const auto judged = std::make_shared<JudgedClasses>(
      classes_of(target_, table.records), std::move(probabilities), target_.count(), target_.rarer);
  return [judged](std::span<const std::int32_t> times) { return judged->scores(times); };
}

}  // namespace agon::host
