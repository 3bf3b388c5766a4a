// All that a user of the library needs: a configuration, a device, a Gan, its checkpoints and scores, tables
// of records, how they are coded, learnt and drawn, and the errors they throw.
#pragma once

#include "engine/checkpoint/checkpoint.hpp"
#include "engine/gan/config.hpp"
#include "engine/gan/gan.hpp"
#include "engine/metrics/held_out_score.hpp"
#include "engine/records/record_draw.hpp"
#include "engine/records/table.hpp"
#include "engine/records/table_recipe.hpp"
#include "engine/runtime/device.hpp"
#include "engine/table/calibration.hpp"
#include "engine/table/coding.hpp"
#include "kernels/error.hpp"
