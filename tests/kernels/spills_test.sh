#!/bin/sh
# Fails where a CUDA kernel spills registers or uses local memory, on any architecture it was built for, and where the
# build left no report to look at. Prints what every kernel uses.
# Usage: spills_test.sh <object>...   (each with ptxas's report beside it: kernels/cuda/ptxas_report.sh)
[ $# -gt 0 ] || { echo "no objects given" >&2; exit 1; }
for object; do
  if ! grep -q 'Compiling entry function' "$object.ptxas"; then
    echo "$object.ptxas: no report of any kernel" >&2
    exit 1
  fi
done
for object; do cat "$object.ptxas"; done | c++filt | awk -v objects=$# '
  /Compiling entry function/ {
    split($0, quoted, "\047"); name = quoted[2]; arch = quoted[4]
    sub(/^void /, "", name); gsub(/agon::kernels::|cuda::|\(anonymous namespace\)::/, "", name)
    depth = 0  # cut the parameters, which follow the template arguments
    for (i = 1; i <= length(name); ++i) {
      c = substr(name, i, 1)
      if (c == "<") ++depth
      if (c == ">") --depth
      if (c == "(" && depth == 0) { name = substr(name, 1, i - 1); break }
    }
    gsub(/\([A-Za-z]+\)/, "", name)
  }
  /bytes stack frame/ { stack = $1; stores = $5; loads = $9 }
  /Used [0-9]+ registers/ {
    registers = $5; shared = 0
    for (i = 6; i <= NF; ++i) if ($i ~ /^smem/) shared = $(i - 2)
    if (!header++) printf "%-62s %-6s %9s %7s %6s %6s\n", "kernel", "arch", "registers", "shared", "spills", "stack"
    printf "%-62s %-6s %9d %7d %6d %6d\n", name, arch, registers, shared, stores + loads, stack
    ++kernels; archs[arch] = 1
    if (stores + loads + stack > 0) { bad = 1; print "  ^ uses local memory" }
  }
  END {
    for (arch in archs) ++arch_count
    printf "%d kernels in %d files for %d architectures\n", kernels, objects, arch_count
    exit bad || kernels < objects * arch_count
  }'
