#!/usr/bin/env bash
# Installs what is missing, builds agon with warnings as errors (in build/) and runs every test.
#
#   tests/run.sh [flags for ctest]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source host/setup.sh

install_packages "${build_packages[@]}" "${test_packages[@]}"
build release -DAGON_WERROR=ON -DAGON_TESTS=ON -DAGON_CUDA=AUTO
run_tests release "$@"
