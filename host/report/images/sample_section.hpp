// What a generator of images drew as it learnt.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/run/run_folder.hpp"

namespace agon::host {

struct SampleGrid {
  std::uint64_t step = 0;
  std::string png;  ///< a file's bytes
};

/// Of a run's grids up to that step the last, and up to three before it, the first among them, evenly apart;
/// those that can be read.
std::vector<SampleGrid> sample_grids(const RunFolder& folder, std::uint64_t step,
                                     std::string_view suffix = {});

/// Appends the last large, the others beside each other below it. Nothing where there are none.
void append_samples(std::string& html, const std::vector<SampleGrid>& grids);

}  // namespace agon::host
