// What the program returns.
#pragma once

namespace agon::host {

enum ExitCode : int {
  kDone = 0,
  kFailure = 1,        ///< at run time: a full disk, an unwritable folder, no memory
  kUsage = 2,          ///< command line or configuration
  kBadData = 3,        ///< table or checkpoint; the message has the place
  kDiverged = 4,       ///< the last good checkpoint is kept
  kNoDevice = 5,       ///< the device asked for cannot be used
  kInterrupted = 130,  ///< after saving
};

}  // namespace agon::host
