// What a generator of images drew as it learnt.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "host/evaluate/images/image_verdict.hpp"
#include "host/images/image_set.hpp"
#include "host/run/run_folder.hpp"

namespace agon::host {

struct SampleGrid {
  std::uint64_t step = 0;
  std::string png;         ///< a file's bytes
  std::int64_t blanked{};  ///< images of it that are not shown: they are real ones, byte for byte
};

/// Of a run's grids up to that step the last, and up to three before it, the first among them, evenly apart;
/// those that can be read.
std::vector<SampleGrid> sample_grids(const RunFolder& folder, std::uint64_t step,
                                     std::string_view suffix = {});

/// Puts middle grey in the place of each image of a grid (image_grid() of images of the sets' shape, as a PNG
/// file's bytes) that is byte for byte one of the sets', and returns how many these were. A PNG of another
/// kind stays as it is.
std::int64_t blank_copies(std::string& png, const std::array<const ImageSet*, 2>& sets);

/// Appends the last large, the others beside each other below it. Nothing where there are none. `privacy` is
/// the verdict on their generator, null where there is none: where it is amber or red, these may show
/// patients, and the page says so.
void append_samples(std::string& html, const std::vector<SampleGrid>& grids, const Judgement* privacy);

}  // namespace agon::host
