// All that a user of the library needs: a configuration, a device, a Gan, its checkpoints and scores, and the
// errors they throw.
#pragma once

#include "engine/checkpoint/checkpoint.hpp"
#include "engine/runtime/device.hpp"
#include "engine/training/config.hpp"
#include "engine/training/gan.hpp"
#include "engine/training/held_out_score.hpp"
#include "kernels/error.hpp"
