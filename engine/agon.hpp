// All that a user of the library needs: a configuration, a device, a Gan, its checkpoints and the errors they throw.
#pragma once

#include "engine/runtime/device.hpp"
#include "engine/training/checkpoint.hpp"
#include "engine/training/config.hpp"
#include "engine/training/gan.hpp"
#include "kernels/error.hpp"
