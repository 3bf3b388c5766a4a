#include "engine/gan/condition_tables.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/columns.hpp"
#include "kernels/draw_conditions.hpp"
#include "kernels/formula/conditions.hpp"
#include "kernels/random.hpp"

namespace agon {
namespace {

template <class T>
Buffer<T> in_memory(const Queue& queue, const std::vector<T>& values) {
  Buffer<T> buffer(queue.device(), std::max<std::size_t>(values.size(), 1));
  queue.upload(buffer.data(), std::span(values));
  queue.wait();
  return buffer;
}

std::int64_t levels_of(const RecordLayout& layout, std::size_t condition) {
  return layout.heads[static_cast<std::size_t>(layout.conditions.heads[condition])];
}

/// Where the levels of each of the conditions' heads begin, among those of conditions, and their end.
std::vector<std::int32_t> first_levels(const RecordLayout& layout) {
  std::vector<std::int32_t> first{0};
  for (std::size_t i = 0; i < layout.conditions.heads.size(); ++i)
    first.push_back(first.back() + static_cast<std::int32_t>(levels_of(layout, i)));
  return first;
}

/// The same among all levels, which are the first of the scores and of the row.
std::vector<std::int32_t> score_columns(const RecordLayout& layout) {
  std::vector<std::int32_t> columns;
  for (const std::int64_t head : layout.conditions.heads) {
    std::int64_t before = 0;
    for (std::int64_t h = 0; h < head; ++h) before += layout.heads[static_cast<std::size_t>(h)];
    columns.push_back(static_cast<std::int32_t>(before));
  }
  return columns;
}

/// kernels/condition_shape.hpp, from weights of the levels.
std::vector<std::uint32_t> thresholds(const RecordLayout& layout, const std::vector<double>& weights) {
  constexpr double kWhole = 0x1p31;
  std::vector<std::uint32_t> all;
  for (std::size_t i = 0; i < layout.conditions.heads.size(); ++i) {
    const auto levels = static_cast<std::size_t>(levels_of(layout, i)), first = all.size();
    double sum = 0, so_far = 0;
    std::size_t last = first;
    for (std::size_t l = first; l < first + levels; ++l) {
      sum += weights[l];
      if (weights[l] > 0) last = l;
    }
    for (std::size_t l = first; l < first + levels; ++l) {
      so_far += weights[l];
      all.push_back(static_cast<std::uint32_t>(l >= last ? kWhole : std::round(kWhole * (so_far / sum))));
    }
  }
  return all;
}

/// The rows of each level, one behind the other.
struct Index {
  std::vector<std::int64_t> first{0};
  std::vector<std::uint32_t> rows;
  std::vector<double> weight;  ///< log(rows + 1)
};

Index index_of(const RecordLayout& layout, const CodedRows& records) {
  Index index;
  const std::size_t heads = layout.heads.size(), rows = static_cast<std::size_t>(records.rows);
  index.rows.resize(layout.conditions.heads.size() * rows);
  for (std::size_t i = 0; i < layout.conditions.heads.size(); ++i) {
    const auto head = static_cast<std::size_t>(layout.conditions.heads[i]);
    std::vector<std::int64_t> count(static_cast<std::size_t>(layout.heads[head]));
    for (std::size_t row = 0; row < rows; ++row) ++count[records.codes[row * heads + head]];
    std::vector<std::int64_t> next;
    for (const std::int64_t n : count) {
      next.push_back(index.first.back());
      index.first.push_back(index.first.back() + n);
      index.weight.push_back(std::log(static_cast<double>(n) + 1));
    }
    for (std::size_t row = 0; row < rows; ++row)
      index.rows[static_cast<std::size_t>(next[records.codes[row * heads + head]]++)] =
          static_cast<std::uint32_t>(row);
  }
  return index;
}

}  // namespace

ConditionTables::ConditionTables(const Queue& queue, const RecordLayout& layout)
    : first_(in_memory(queue, first_levels(layout))), score_(in_memory(queue, score_columns(layout))) {
  const std::vector<std::int64_t>& shares = layout.conditions.shares;
  threshold_ = in_memory(queue, thresholds(layout, {shares.begin(), shares.end()}));
  by_shares_ = {static_cast<std::int64_t>(layout.conditions.heads.size()), layout.condition_levels(),
                first_.data(), score_.data(), threshold_.data()};
}

Evaluator::Amend ConditionTables::amend(const Queue& queue, const GanConfig& config,
                                        std::int64_t width) const {
  const std::int64_t inputs = config.inputs(), levels = by_shares_.levels;
  const bool beside = width == config.width();
  return [=, this, &queue](float* input, float* output, const kernels::RandomStream& random, std::uint64_t) {
    kernels::draw_conditions(
        queue, {.rows = Evaluator::kChunk,
                .shape = by_shares_,
                .out = input,
                .width = inputs,
                .random = {random.seed, kernels::RandomPurpose::sampling_conditions, random.step}});
    if (!beside) return;
    kernels::columns(queue, {.rows = Evaluator::kChunk,
                             .width = levels,
                             .from = input,
                             .from_width = inputs,
                             .first_from = inputs - levels,
                             .to = output,
                             .to_width = width,
                             .first_to = width - levels});
  };
}

TrainingConditions::TrainingConditions(const Queue& queue, const RecordLayout& layout,
                                       std::span<const CodedRows> records, const ConditionTables& tables)
    : shape_(tables.by_shares()) {
  std::vector<std::uint32_t> threshold, row;
  std::vector<std::int64_t> first;
  const auto append = [](const auto& more, auto& to) { to.insert(to.end(), more.begin(), more.end()); };
  for (const CodedRows& table : records) {
    const Index index = index_of(layout, table);
    append(thresholds(layout, index.weight), threshold);
    append(index.rows, row);
    append(index.first, first);
  }
  threshold_ = in_memory(queue, threshold);
  row_ = in_memory(queue, row);
  first_ = in_memory(queue, first);
  shape_.threshold = threshold_.data();
  shape_.own = records.size() > 1;
  rows_ = {first_.data(), row_.data(), std::ssize(row) / std::ssize(records), shape_.own};
}

void answer_conditions(const RecordLayout& layout, std::uint64_t seed, std::vector<float>& rows) {
  if (layout.condition_levels() == 0) return;
  const std::vector<std::int32_t> first = first_levels(layout), column = score_columns(layout);
  const auto purpose = static_cast<std::uint32_t>(kernels::RandomPurpose::sampling_conditions);
  const std::int64_t width = layout.width(), count = static_cast<std::int64_t>(rows.size()) / width;
  for (std::int64_t row = 0; row < count; ++row) {
    const auto words = kernels::formula::random_block(seed, purpose, static_cast<std::uint64_t>(row), 0);
    const auto head = static_cast<std::size_t>(
        kernels::formula::part_of(words.word[0], static_cast<std::int64_t>(column.size())));
    float* const record = rows.data() + row * width;
    float* const condition = record + width - layout.condition_levels();
    std::fill_n(condition, layout.condition_levels(), 0.0f);
    std::copy_n(record + column[head], first[head + 1] - first[head], condition + first[head]);
  }
}

std::vector<std::int32_t> asked_in(const GanConfig& config, std::span<const float> noise) {
  std::vector<std::int32_t> levels;
  for (auto row = noise.begin(); row != noise.end(); row += config.inputs()) {
    const auto condition = row + config.latent();
    levels.push_back(
        static_cast<std::int32_t>(std::max_element(condition, row + config.inputs()) - condition));
  }
  return levels;
}

void copy_conditions(const GanConfig& config, std::span<const float> noise, std::vector<float>& rows) {
  const std::int64_t levels = config.generator.records.condition_levels(), width = config.width();
  for (std::int64_t row = 0; levels > 0 && row * width < std::ssize(rows); ++row)
    std::copy_n(noise.begin() + (row + 1) * config.inputs() - levels, levels,
                rows.begin() + (row + 1) * width - levels);
}

}  // namespace agon
