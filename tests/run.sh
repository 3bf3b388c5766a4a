#!/usr/bin/env bash
# Installs what is missing, builds agon with warnings as errors and runs every test: the unit tests under sanitizers
# first (in build-asan/), then all tests (in build/).
#
#   tests/run.sh [flags for ctest]
#
# AGON_SKIP_SANITIZERS=1 leaves the first part out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source host/setup.sh

install_packages "${build_packages[@]}" "${test_packages[@]}"
jobs=$(nproc)
if [[ -z ${AGON_SKIP_SANITIZERS:-} ]]; then
  build asan
  ctest --preset asan -j"$jobs" "$@"
fi
build release -DAGON_WERROR=ON -DAGON_TESTS=ON
ctest --preset release -j"$jobs" "$@"
