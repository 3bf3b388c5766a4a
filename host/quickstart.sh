#!/usr/bin/env bash
# Installs what is missing, builds agon, shows what is in a table of records, learns it, says how far to trust what it
# learnt, and draws as many new records.
#
#   host/quickstart.sh [--steps N and other flags of `agon train`]
#
# The table is the bundled host/data/flchain.csv (AGON_TABLE names another), results lie in runs/flchain (AGON_RUN names
# another folder). Run again, it goes on where it stopped: what is done is not done again and nothing is overwritten.
set -euo pipefail
bundled=host/data/flchain.csv
table=${AGON_TABLE:+$(realpath -m "$AGON_TABLE")}
table=${table:-$bundled}
run=${AGON_RUN:+$(realpath -m "$AGON_RUN")}
run=${run:-runs/$(basename "$table" .csv)}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source host/setup.sh

install_packages "${build_packages[@]}"
options=()
if [[ ! -e build/CMakeCache.txt ]]; then
  options=(-DAGON_TESTS=OFF)
  nvidia-smi -L >/dev/null 2>&1 || options+=(-DAGON_CUDA=OFF)  # kernels for a GPU that is not here take minutes to compile
fi
build release agon "${options[@]}"

say "what agon takes $table for"
build/agon inspect "$table"

if [[ -e $run ]]; then
  say "$run exists: going on with it (for a fresh run, remove it or name another: AGON_RUN=folder $0)"
  build/agon train --resume "$run" "$@" >/dev/null
else
  say "training on $table"
  [[ $table != "$bundled" ]] || set -- --target death "$@"
  build/agon train "$table" --out "$run" --held-out 0.2 "$@" >/dev/null
fi

checkpoints=("$run"/checkpoint-[0-9]*.safetensors)  # not the best one
step=${checkpoints[-1]##*checkpoint-}
step=${step%.safetensors}
results=()
# draw NAME RECORDS WHAT [flags]: draws records into the run's file of that name, unless it is there, and shows the first.
draw() {
  local file=$run/$1-$step.csv count=$2 what=$3
  shift 3
  say "$what"
  [[ -e $file ]] || build/agon sample "$run" -n "$count" --out "$file" "$@"
  head -n 6 "$file"
  results+=("$file  $what")
}

rows=$(($(wc -l <"$table") - 1))
draw synthetic "$rows" "$rows new records"
if [[ $table == "$bundled" ]]; then
  draw women 100 "100 women of at least 80 years" --where "sex=F, age>=80"
fi

say "done; the results:"
printf '%s\n' "${results[@]}" "$run/report.html  how far to trust them, and how the training went" \
  "$run  the run; it goes on with: build/agon train --resume $run --steps N"
