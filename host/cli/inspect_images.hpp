// What images are taken for, before anything is learnt.
#pragma once

#include "host/cli/commands.hpp"

namespace agon::host {

/// Prints how many images there are, of what size, what they hold and what reading them did, as text or JSON.
int inspect_images(const InspectOptions& options);

}  // namespace agon::host
