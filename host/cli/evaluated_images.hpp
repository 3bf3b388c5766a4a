// What `agon evaluate` compares: sets of images, or a run's images and what its generator draws.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/cli/commands.hpp"
#include "host/images/image_set.hpp"
#include "host/report/about.hpp"
#include "host/report/images/sample_section.hpp"
#include "host/report/training/training_record.hpp"

namespace agon::host {

struct EvaluatedImages {
  ImageSet real, held_out, synthetic;      ///< of one size; held_out may have no image
  std::string title;                       ///< what the synthetic images are called
  AboutRows about;                         ///< where each set is from, with its fingerprint
  std::vector<std::string> findings;       ///< what reading did to the images, a line each
  std::optional<TrainingRecord> training;  ///< of a run
  std::vector<SampleGrid> samples;         ///< of a run
  ImageSet between;                        ///< of a run whose draws are compared: rows of kBetween images
};

/// Whether options.real is a run that has learnt images, or, where it is no run, something that read_images()
/// takes. Throws where a run has no checkpoint that can be read.
bool is_of_images(const EvaluateOptions& options);

/// options.real is a set of images, or a run folder: then the real images are those that the run has learnt
/// from, the held-out ones those that it held out, and without options.synthetic as many are drawn from its
/// last checkpoint as it has learnt from, up to what is compared. Sets from files are read with the real
/// one's size and channels; classes are those of the real one, and a set of other classes goes without.
/// `begins` is called as images are drawn, with what is drawn. Throws ConfigurationError where options do not
/// go together or are for tables, DataError where images cannot be read or are not what they should be.
EvaluatedImages evaluated_images(const EvaluateOptions& options, const Device& device,
                                 const std::function<void(std::string_view part)>& begins);

}  // namespace agon::host
