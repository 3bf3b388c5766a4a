// `agon sample` of a run that has learnt images.
#pragma once

#include <functional>

#include "engine/gan/gan.hpp"
#include "host/cli/commands.hpp"
#include "host/run/representation.hpp"

namespace agon::host {

/// Throws ConfigurationError where options make no sense with images: what the end of options.out's name says
/// is a grid (.png), a NumPy file (.npy), or, without one, a folder of PNG files, which must not be there.
void check_sample_images(const SampleOptions& options, const LearntClasses& classes);

/// Draws options.count images into options.out, whole or not at all: image i of class i modulo their number
/// of those in options.classes, or as the run has them. By class a folder has one for each class, and beside
/// images.npy is images-labels.csv. False where goes_on() said false before
/// the end: nothing is written then. Throws DataError where the generator's output is not finite.
bool sample_images(const Gan& gan, const LearntClasses& classes, const SampleOptions& options,
                   const std::function<bool()>& goes_on);

}  // namespace agon::host
