# shellcheck shell=bash disable=SC2034
# What quickstart.sh and tests/run.sh share; they source it. Needs bash, and the project's root as the current folder.

build_packages=(g++ cmake ninja-build libdnnl-dev ocl-icd-opencl-dev zlib1g-dev libthrust-dev nlohmann-json3-dev libfmt-dev
  libcli11-dev libtomlplusplus-dev libxgboost-dev libmd-dev libeigen3-dev libpng-dev libjpeg62-turbo-dev libzip-dev)
test_packages=(libgtest-dev libboost-context-dev librapidcheck-dev librandom123-dev libcsv-dev python3 clang
  libclang-rt-14-dev)

say() { printf '== %s\n' "$*" >&2; }

fail() {
  printf '%s: %s\n' "$0" "$*" >&2
  exit 1
}

# install_packages NAME...: installs those Debian packages that are missing; nothing, and no root, if none is.
install_packages() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    say "this is no Debian: cmake will say what is missing of $*"
    return
  fi
  local package missing=() root=()
  for package in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  say "installing ${missing[*]}"
  if ((EUID != 0)); then
    command -v sudo >/dev/null || fail "needs ${missing[*]}: run 'apt-get install ${missing[*]}' as root, then this again"
    root=(sudo)
  fi
  # Without lists, or with old ones, an install fails; without a network, an update does, and what is cached may do.
  "${root[@]}" apt-get update -qq || say "apt-get update failed; trying with the lists that are here"
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}" \
    >/dev/null || fail "apt-get could not install ${missing[*]} (its reason is above)"
}

# run_tests PRESET [flags for ctest]: runs them on every core, then says how many passed, and why any were skipped.
run_tests() {
  local preset=$1 folder=build status=0
  shift
  [[ $preset == release ]] || folder=build-$preset
  rm -rf "$folder/test-results"
  mkdir -p "$folder/test-results"
  ctest --preset "$preset" -j"$(nproc)" --output-junit "$PWD/$folder/test-results/ctest.junit" "$@" || status=$?
  python3 tests/summary.py "$folder" || status=1
  return "$status"
}

# build PRESET [TARGET] [-DNAME=VALUE...]: configures and builds with every core.
build() {
  local preset=$1 target=all
  shift
  if (($#)) && [[ $1 != -* ]]; then
    target=$1
    shift
  fi
  if command -v ccache >/dev/null; then export CMAKE_CXX_COMPILER_LAUNCHER=ccache CMAKE_CUDA_COMPILER_LAUNCHER=ccache; fi
  say "building ($preset)"
  cmake --preset "$preset" "$@" >&2
  cmake --build --preset "$preset" --target "$target" >&2
}
