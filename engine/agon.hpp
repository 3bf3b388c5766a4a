// All that a user of the library needs: a configuration, a device, a Gan, its checkpoints, plans of its linear layers, and
// the errors they throw.
#pragma once

#include "engine/runtime/device.hpp"
#include "engine/checkpoint/checkpoint.hpp"
#include "engine/training/config.hpp"
#include "engine/training/gan.hpp"
#include "engine/training/held_out_score.hpp"
#include "engine/tuning/tuning_cache.hpp"
#include "engine/tuning/tuner.hpp"
#include "kernels/error.hpp"
