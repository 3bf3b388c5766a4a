// What every row of the real table keeps to, and how many others do not.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/runtime/device.hpp"
#include "engine/table/schema.hpp"
#include "engine/table/text_table.hpp"
#include "host/evaluate/fidelity/coded_records.hpp"
#include "host/evaluate/tables/compared_tables.hpp"

namespace agon::host {

struct RecordRule {
  enum class Kind : std::uint8_t {
    copy,     ///< `column` has the value of others[0]
    look_up,  ///< others[0] determines it
    sum,      ///< it is the sum of `others`
    order,    ///< it is never above others[0]
  };
  Kind kind = Kind::copy;
  std::size_t column = 0;           ///< index into ComparedTables::columns
  std::vector<std::size_t> others;  ///< likewise
};

/// Rules between the compared columns that the engine looks for when it codes a table
/// (engine/table/table_fit.hpp), and that no row of the real table breaks. None where nothing can be learnt.
std::vector<RecordRule> find_rules(const TextTable& real, const Schema& schema, const ComparedTables& tables,
                                   const Device& device);

/// "death is determined by chapter", "dnrday <= slos", "total = a + b". Names as they are.
std::string text_of(const RecordRule& rule, const std::vector<ComparedColumn>& columns);

/// Which rows break a rule that the real table keeps. Of an order, both must be numbers; of a look-up, the
/// determining value must be one of the real table's.
std::vector<bool> rows_that_break(const RecordRule& rule, const ComparedTables& tables,
                                  const CodedTables& coded, const RecordSet& records,
                                  const CodedRecords& codes);

}  // namespace agon::host
