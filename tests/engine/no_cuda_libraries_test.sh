#!/bin/sh
# A program of a CUDA build must start on a machine that has neither a driver nor the toolkit: it may need no CUDA
# library. Usage: no_cuda_libraries_test.sh <program>
needed=$(LC_ALL=C objdump -p "$1" | awk '$1 == "NEEDED" { print $2 }')
echo "$needed"
[ -n "$needed" ] || { echo "no list of needed libraries" >&2; exit 1; }
! echo "$needed" | grep -Ei 'cuda|cublas|cudnn|nvrtc|nvidia|nccl'
