// What a table's columns, or images, are taken for, before anything is learnt.
#pragma once

#include "host/cli/commands.hpp"

namespace agon::host {

/// Prints each column's kind, what is suspect, and what was found between columns; with options.write_schema
/// writes the schema for editing instead.
int inspect_table(const InspectOptions& options);

/// Prints how many images there are, of what size, their labels and what reading them did, as text or JSON.
int inspect_images(const InspectOptions& options);

}  // namespace agon::host
