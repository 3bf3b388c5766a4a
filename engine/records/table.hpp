// A table of records, learnt, and new records drawn from it: what a user of the library needs for tables.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/runtime/device.hpp"
#include "engine/runtime/owned.hpp"
#include "engine/table/coding.hpp"
#include "engine/table/schema.hpp"
#include "engine/table/text_table.hpp"

namespace agon {

struct FitOptions {
  CodingOptions coding{};
  std::uint64_t seed = 1;   ///< of initial weights, noise and the order of rows
  std::uint64_t steps = 0;  ///< 0: as many as so many rows ask for (table_recipe.hpp)
  /// Called now and then with the steps done, of how many; false ends the training there. Empty: nobody is
  /// told.
  std::function<bool(std::uint64_t step, std::uint64_t of)> progress{};
};

struct SampleRequest {
  std::string where{};        ///< conditions, "sex=F, age>=60" (conditions.hpp); empty: none
  std::string balance{};      ///< a column: as many records of each of its levels; empty: as learnt
  bool allow_copies = false;  ///< records may equal those of the real table (real_records.hpp)
};

/// Not safe for use from two threads at once.
class Table {
 public:
  /// Learns the table. `schema`: infer_schema(table).schema, or one of the user's own. Throws DataError where
  /// it does not fit the table, with all that check_schema() and check_constraints() find; Error where the
  /// training diverges.
  static Table fit(const TextTable& table, const Schema& schema, const Device& device,
                   const FitOptions& options = {});
  Table(Table&&) noexcept;
  Table& operator=(Table&&) noexcept;
  ~Table();

  /// `count` records in the real table's units, spelling and order of columns, all of which fulfil the
  /// schema's constraints. Another seed, other records. Throws ConfigurationError on a request that cannot
  /// be, Error where next to no records are as wanted.
  TextTable sample(std::int64_t count, std::uint64_t seed = 1, const SampleRequest& request = {}) const;
  /// What was lost of the table, a line each: levels that are never drawn, and training that was too short.
  std::vector<std::string> warnings() const;
  const Coding& coding() const;

  /// A checkpoint, from which `agon sample` draws as well. It holds no row of the real table, so what load()
  /// gives may draw copies of them until never_draw() knows that table. Errors as write_checkpoint() and
  /// read_checkpoint(); DataError, too, on a checkpoint of no table of records.
  void save(const std::filesystem::path& path) const;
  static Table load(const std::filesystem::path& path, const Device& device);
  /// The real table: no record of it is drawn from now on. fit() has done that.
  void never_draw(const TextTable& real);

 private:
  struct Implementation;
  explicit Table(std::unique_ptr<Implementation> implementation);
  Owned<Implementation> implementation_;
};

}  // namespace agon
