#!/usr/bin/env bash
# Tests, checks and measures agon on a machine with an NVIDIA GPU, in ten minutes, without a network.
#
#   bench/gpu_check.sh pack [DIR]      # where agon builds: makes the pack of programs to take along (default build-gpu/)
#   bench/gpu_check.sh [--out DIR]     # on the GPU's machine, in the repository, the pack beside it
#   bench/gpu_check.sh --rehearse      # every line of it where there is no GPU
#
# See host/manual/benchmarks.md, "On a GPU", and --help.
set -euo pipefail
exec "${PYTHON3:-python3}" -B "$(dirname "${BASH_SOURCE[0]}")/gpu_check.py" "$@"
