// Coded records as the rows that networks read.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/network/record_layout.hpp"
#include "engine/runtime/queue.hpp"

namespace agon {

/// `count` of the records, in an order that depends on (seed, records.rows) alone, (count, layout.width());
/// each rank is drawn once (kernels/encode_records.hpp), and beside each is a condition that it answers.
/// Throws DataError where the codes do not fit the layout.
std::vector<float> encoded_rows(const Queue& queue, const RecordLayout& layout, const CodedRows& records,
                                std::int64_t count, std::uint64_t seed);

/// All of the records, in their own order; each rank is drawn by the seed.
std::vector<float> encoded_in_order(const Queue& queue, const RecordLayout& layout, const CodedRows& records,
                                    std::uint64_t seed);

/// Throws DataError where the arrays do not have the sizes that the layout and the number of rows ask for, or
/// hold a level or a rank that is not there.
void check_records(const RecordLayout& layout, const CodedRows& records);

}  // namespace agon
