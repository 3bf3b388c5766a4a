// Draws records from a trained generator, in the table's own units and spelling.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/gan/gan.hpp"
#include "engine/records/balance.hpp"
#include "engine/records/conditions.hpp"
#include "engine/records/real_records.hpp"
#include "engine/table/calibration.hpp"
#include "engine/table/coding.hpp"
#include "engine/table/text_table.hpp"

namespace agon {

/// Which records are wanted, besides that all fulfil the constraints of the coding's schema.
struct DrawRequest {
  std::int64_t count = 0;
  std::uint64_t seed = 1;
  Conditions where{};
  std::optional<Balance> balance{};    ///< as many of each level of a column
  const RealRecords* never = nullptr;  ///< a record that equals one of these is drawn again; null: it may
};

struct DrawResult {
  std::int64_t written = 0;
  std::int64_t looked_at = 0;   ///< records of the draw up to the last one written, or all
  std::int64_t fulfilling = 0;  ///< of these, those that fulfil conditions and constraints
  std::int64_t copies = 0;      ///< of those, and wanted but for that, copies of real ones: drawn again
  bool finite = true;           ///< false: a score was not, and the draw ended there
  bool scarce = false;          ///< next to no records are as wanted, and the draw ended without them
  std::string shortage{};       ///< then what there is too little of, in one line
};

class RecordDraw {
 public:
  /// Takes the rows in pieces.
  using Sink = std::function<void(const TextTable&)>;

  /// Looks at a draw of its own first, which takes part of a second: the shares of levels are then the
  /// table's. Throws ConstraintError where the schema's constraints do not fit it, ConfigurationError where
  /// `gan` was trained on records of another coding. `gan` and `coding` must outlive the object.
  RecordDraw(const Gan& gan, const Coding& coding, int replica = 0);

  /// Hands the wanted records to the sink: those of the draw that are as wanted, from the first one on, so
  /// that they are distributed as the generator has them. The draw, records 0, 1, ..., depends on the seed
  /// alone. Goes on until there are enough, `goes_on` says false, or next to none is found.
  DrawResult draw(DrawRequest request, const Sink& sink, const std::function<bool()>& goes_on) const;
  /// What G has not learnt of the table, as that look shows it, a line each.
  std::vector<std::string> warnings() const;

 private:
  TextTable piece(std::int64_t first, std::int64_t count, std::uint64_t seed) const;
  std::string shortage_of(const DrawRequest& request, const DrawResult& result) const;

  const Gan& gan_;
  const Coding& coding_;
  int replica_;
  Conditions constraints_;
  Calibration calibration_;
};

}  // namespace agon
