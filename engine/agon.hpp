// All that a user of the library needs: a configuration, a device, a Gan, its checkpoints, plans of its linear layers, and
// the errors they throw.
#pragma once

#include "engine/runtime/device.hpp"
#include "engine/training/checkpoint.hpp"
#include "engine/training/config.hpp"
#include "engine/training/gan.hpp"
#include "engine/training/held_out_score.hpp"
#include "engine/training/plan_book.hpp"
#include "engine/training/tuner.hpp"
#include "kernels/error.hpp"
