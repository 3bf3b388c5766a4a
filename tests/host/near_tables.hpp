// Tables for tests of distances: golden ones, and draws from a population.
#pragma once

#include <cstdint>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "host/evaluate/tables/compared_tables.hpp"

namespace agon::test {

inline const nlohmann::json& near_golden() {
  static const nlohmann::json golden = [] {
    std::ifstream file(std::string(AGON_SOURCE_FOLDER) + "/tests/golden/near.json");
    return nlohmann::json::parse(file);
  }();
  return golden;
}

inline host::RecordSet near_golden_table(const char* name) {
  const nlohmann::json& table = near_golden().at("tables").at(name);
  host::RecordSet records;
  records.rows = static_cast<std::int64_t>(table.at("a").size());
  for (const char* const column : {"a", "b", "kind", "ward", "flag"}) {
    host::ComparedCells& cells = records.columns.emplace_back();
    const bool number = column[1] == '\0';
    for (const nlohmann::json& cell : table.at(column)) {
      if (number)
        cells.numbers.push_back(cell.is_null() ? std::numeric_limits<double>::quiet_NaN()
                                               : cell.get<double>());
      cells.levels.push_back(!number          ? cell.get<std::int32_t>()
                             : cell.is_null() ? host::ComparedCells::kNone
                                              : host::ComparedCells::kNumber);
    }
  }
  return records;
}

inline host::ComparedTables near_golden_tables() {
  using Kind = host::ComparedColumn::Kind;
  host::ComparedTables tables;
  tables.columns = {{"a", Kind::number, {}, 0, true},
                    {"b", Kind::number, {}, 0, true},
                    {"kind", Kind::nominal, {"k0", "k1", "k2", "k3", "k4"}, 4, true},
                    {"ward", Kind::nominal, {"w0", "w1", "w2"}, 3, true},
                    {"flag", Kind::nominal, {"no", "yes"}, 2, true}};
  tables.real = near_golden_table("real");
  tables.synthetic = near_golden_table("synthetic");
  tables.held_out = near_golden_table("held_out");
  return tables;
}

/// Patients: three numbers that hang together, one with holes, and two categories.
inline host::RecordSet patients(std::int64_t rows, unsigned seed) {
  std::mt19937_64 engine(seed);
  const auto uniform = [&] { return static_cast<double>(engine() >> 11) * 0x1p-53; };
  host::RecordSet records;
  records.rows = rows;
  records.columns.resize(5);
  const auto add = [&](std::size_t c, double value, bool number) {
    const std::int32_t none = host::ComparedCells::kNone, is_number = host::ComparedCells::kNumber;
    host::ComparedCells& cells = records.columns[c];
    if (number) cells.numbers.push_back(value);
    cells.levels.push_back(!number ? static_cast<std::int32_t>(value) : value == value ? is_number : none);
  };
  for (std::int64_t i = 0; i < rows; ++i) {
    const double age = 20 + 60 * uniform(), pressure = 90 + age / 2 + 40 * uniform() * uniform();
    add(0, age, true);
    add(1, pressure, true);
    add(2, uniform() < 0.1 ? std::numeric_limits<double>::quiet_NaN() : pressure / age + uniform(), true);
    add(3, static_cast<double>(static_cast<int>(4 * uniform() * uniform())), false);
    add(4, uniform() < age / 100 ? 1 : 0, false);
  }
  return records;
}

inline host::ComparedTables patient_tables(host::RecordSet real, host::RecordSet synthetic,
                                           host::RecordSet held_out) {
  using Kind = host::ComparedColumn::Kind;
  host::ComparedTables tables;
  tables.columns = {{"age", Kind::number, {}, 0, true},
                    {"pressure", Kind::number, {}, 0, true},
                    {"ratio", Kind::number, {}, 0, true},
                    {"ward", Kind::nominal, {"A", "B", "C", "D"}, 4, true},
                    {"ill", Kind::nominal, {"no", "yes"}, 2, true}};
  tables.real = std::move(real);
  tables.synthetic = std::move(synthetic);
  if (held_out.rows > 0) tables.held_out = std::move(held_out);
  return tables;
}

/// A generator that memorises: rows of the table, drawn with replacement.
inline host::RecordSet memorised(const host::RecordSet& real, std::int64_t rows, unsigned seed,
                                 double noise = 0) {
  std::mt19937_64 engine(seed);
  std::vector<std::int64_t> which;
  for (std::int64_t i = 0; i < rows; ++i)
    which.push_back(static_cast<std::int64_t>(engine() % static_cast<std::uint64_t>(real.rows)));
  host::RecordSet drawn = host::part(real, which);
  for (host::ComparedCells& cells : drawn.columns)
    for (double& value : cells.numbers)
      value += noise * (static_cast<double>(engine() >> 11) * 0x1p-53 - 0.5);
  return drawn;
}

}  // namespace agon::test
