// A table that a run's generator draws.
#pragma once

#include <cstdint>

#include "engine/gan/gan.hpp"
#include "engine/records/real_records.hpp"
#include "engine/table/text_table.hpp"
#include "host/run/representation.hpp"

namespace agon::host {

/// As `agon sample` draws it: no record is one of `never`, where that is not null. Throws DataError where the
/// generator's output is not finite, Error where next to no records are as wanted.
TextTable drawn_table(const Gan& gan, const Representation& representation, std::int64_t rows,
                      std::uint64_t seed, const RealRecords* never, int replica = 0);

}  // namespace agon::host
