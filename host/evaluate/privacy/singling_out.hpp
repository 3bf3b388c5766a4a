// Singling out: does the synthetic table suggest questions that exactly one real row answers with yes?
#pragma once

#include <cstdint>
#include <optional>

#include "host/evaluate/rates.hpp"
#include "host/evaluate/tables/compared_tables.hpp"

namespace agon::host {

struct SinglingOutOptions {
  std::int64_t predicates = 1'000;  ///< of either kind, at most
  std::int64_t most_columns = 6;    ///< of a combination; at least 2
  std::int64_t most_rows = 20'000;  ///< of each table
  int permutations = 100;           ///< of rows between the real and the held-out side
  std::uint64_t seed = 1;
};

/// Predicates are made from the synthetic table alone; each selects exactly one synthetic row. A hit selects
/// exactly one row of a part of the real table (attack), or of as many held-out rows (control): what common
/// knowledge of the population singles out is no leak. Intervals allow for predicates that select the same
/// rows: their error is that of rows permuted between real and held-out. Source: Cohen, Nissim, "Towards
/// formalizing the GDPR's notion of singling out" (2020), for the notion.
struct SinglingOut {
  std::int64_t rows = 0;  ///< of the real and of the held-out rows that are asked
  Risk values;            ///< one column's rare values: a level or number of one row, the least, the greatest
  Risk combinations;  ///< of two to most_columns columns: a synthetic row's levels, and numbers as far out
};
/// Nothing without held-out rows.
std::optional<SinglingOut> single_out(const ComparedTables& tables, const SinglingOutOptions& options = {});

}  // namespace agon::host
