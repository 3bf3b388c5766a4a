// A small table of patients, and a generator of such records that has learnt nothing but their shares.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/gan/gan.hpp"
#include "engine/records/record_draw.hpp"
#include "tests/engine/table/table_of.hpp"

namespace agon::test {

/// 600 rows: words with holes, a code, three numbers of which one has holes and another is above the third,
/// an identifier.
inline TextTable patients() {
  const auto sbp = [](int row) { return 100 + scrambled(row, 60); };
  return make_table({
      {"id", cells_of(600, [](int row) { return "P-" + std::to_string(10000 + row); })},
      {"sex", cells_of(600, [](int row) { return row % 30 == 7       ? ""
                                                 : scrambled(row, 2) ? "F"
                                                                     : "M"; })},
      {"ward", cells_of(600, [](int row) { return std::string(1, "AAAABBBC"[scrambled(3 * row, 8)]); })},
      {"grade", cells_of(600, [](int row) { return std::to_string(1 + scrambled(5 * row, 4)); })},
      {"sbp", cells_of(600, [&](int row) { return std::to_string(sbp(row)); })},
      {"dbp", cells_of(600, [&](int row) { return std::to_string(sbp(row) - 20 + scrambled(7 * row, 40)); })},
      {"crp", cells_of(600,
                       [](int row) {
                         return row % 11 == 0   ? "NA"
                                : row % 11 == 1 ? "<0.5"
                                                : std::to_string(1 + scrambled(9 * row, 90)) + ".5";
                       })},
  });
}

using Rows = std::vector<std::vector<std::string>>;

inline Rows rows_of(const TextTable& table) {
  Rows rows(static_cast<std::size_t>(table.rows));
  for (const TextColumn& column : table.columns)
    for (std::size_t row = 0; row < rows.size(); ++row)
      rows[row].emplace_back(column.at(static_cast<std::int64_t>(row)));
  return rows;
}

/// 100 of the 400 pairs of two codes, each once but one, which is there seven times.
inline TextTable pairs() {
  const auto x = [](int row) { return row < 100 ? row % 20 : 7; };
  const auto y = [](int row) { return row < 100 ? (row % 20 + 4 * (row / 20)) % 20 : 7; };
  return make_table({{"x", cells_of(106, [&](int row) { return std::to_string(x(row)); })},
                     {"y", cells_of(106, [&](int row) { return std::to_string(y(row)); })}});
}

/// How many of the rows are in the table, but less than five times.
inline std::int64_t copies_of_few(const Rows& drawn, const TextTable& table) {
  std::map<std::vector<std::string>, int> people;
  for (const auto& row : rows_of(table)) ++people[row];
  return std::ranges::count_if(drawn,
                               [&](const auto& row) { return people.contains(row) && people[row] < 5; });
}

/// The table's coding, and an untrained generator for it.
struct UntrainedDraw {
  Schema schema;
  Coding coding;
  Gan gan;
  RecordDraw draw;

  explicit UntrainedDraw(const TextTable& table, const std::vector<std::string>& constraints = {})
      : schema(schema_of(table, constraints)),
        coding(Coding::fit(table, schema, Device::cpu(1))),
        gan(config_of(coding.layout()), Device::cpu(1)),
        draw(gan, coding) {}

  struct Drawn {
    DrawResult result;
    Rows rows;  ///< as TextTable's columns are
    std::vector<std::string> column(std::int64_t place) const {
      std::vector<std::string> cells;
      for (const auto& row : rows) cells.push_back(row[static_cast<std::size_t>(place)]);
      return cells;
    }
  };
  Drawn drawn(const DrawRequest& request) const {
    Drawn drawn;
    const auto sink = [&](const TextTable& table) {
      for (auto& row : rows_of(table)) drawn.rows.push_back(std::move(row));
    };
    drawn.result = draw.draw(request, sink, [] { return true; });
    return drawn;
  }

 private:
  static Schema schema_of(const TextTable& table, const std::vector<std::string>& constraints) {
    Schema schema = infer_schema(table).schema;
    schema.constraints = constraints;
    return schema;
  }
  static GanConfig config_of(const RecordLayout& layout) {
    GanConfig config;
    config.generator = {{6, 16, 16, layout.scores()}, 0.2f, NormKind::layer, Residual::pre_activation};
    config.generator.records = layout;
    config.discriminator = {{config.width(), 8, 1}};
    config.objective = Objective::relativistic;
    return config;
  }
};

}  // namespace agon::test
