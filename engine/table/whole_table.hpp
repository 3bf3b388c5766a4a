// What a caller hands over, before anything is read by its indices.
#pragma once

#include <cstdint>
#include <span>

#include "engine/network/record_layout.hpp"
#include "engine/table/coding.hpp"
#include "engine/table/text_table.hpp"

namespace agon {

/// Throws DataError where a column has not a cell for each row, or a cell names no spelling.
void require_whole(const TextTable& table);
void require_whole(const TextColumn& column, std::int64_t rows);

/// Throws ConfigurationError on heads and gates that no network has.
void require_possible(const RecordLayout& layout);

/// Throws DataError where codes and ranks are not of the layout.
void require_drawn_by(const RecordLayout& layout, const DrawnRows& drawn);

/// Scores are whole rows of layout.scores(); returns how many. Throws ConfigurationError.
std::int64_t require_scores(const RecordLayout& layout, std::span<const float> scores);

}  // namespace agon
