#!/usr/bin/env bash
# Tests, checks and measures agon on a machine with an NVIDIA GPU that is at hand for a quarter of an hour, without a network.
#
#   bench/gpu_check.sh pack         # where agon builds: makes build-pack/, which is taken along with the repository
#   bench/gpu_check.sh 1            # on the GPU's machine: a stage, 1, 2 or 3, in 260, 300 and 100 seconds
#   bench/gpu_check.sh rehearse     # all three where there is no GPU
#
# See host/manual/benchmarks.md, "On a GPU", and --help.
set -euo pipefail
exec "${PYTHON3:-python3}" -B "$(dirname "${BASH_SOURCE[0]}")/gpu_check.py" "$@"
