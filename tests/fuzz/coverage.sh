#!/usr/bin/env bash
# Which lines of what reads files the corpora run, file by file:
#
#   tests/fuzz/coverage.sh [CORPORA...]
#
# Of the corpora in the repository, those that run.sh has grown in build/fuzz and
# those in other folders named (each with one folder for a target). Needs clang-14,
# libclang-rt-14-dev, libomp-14-dev and llvm-14; lines that never ran:
#
#   llvm-cov-14 show build/coverage/tests/fuzz/fuzz_config \
#     -instr-profile=build/coverage/all.profdata FILE
set -euo pipefail
corpora=("$@")
for i in "${!corpora[@]}"; do corpora[i]=$(realpath "${corpora[i]}"); done
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

build=build/coverage
# Without Boost: the server reads none of these files. Kernels are not counted,
# which takes minutes off the build, and of one level, whose packed files are read.
cmake --preset fuzz -B "$build" -DCMAKE_DISABLE_FIND_PACKAGE_Boost=ON \
  -DCMAKE_CXX_FLAGS="-fsanitize=fuzzer-no-link -fprofile-instr-generate \
-fcoverage-mapping" -DTESSERA_KERNEL_FLAGS="-O1;-fno-sanitize=fuzzer-no-link;\
-fno-profile-instr-generate;-fno-coverage-mapping"
cmake --build "$build" --target fuzz
export TESSERA_ISA=scalar
profiles=()
for seeds in tests/fuzz/corpus/*; do
  target=${seeds##*/}
  [[ $target != serve_* ]] || continue
  inputs=("$seeds")
  for corpus in build/fuzz/corpus "${corpora[@]}"; do
    [ ! -d "$corpus/$target" ] || inputs+=("$corpus/$target")
  done
  profiles+=("$build/$target.profraw")
  LLVM_PROFILE_FILE="${profiles[-1]}" "$build/tests/fuzz/fuzz_$target" -runs=0 \
    -rss_limit_mb=4096 "${inputs[@]}" 2>"$build/$target.log" ||
    { cat "$build/$target.log" >&2 && exit 1; }
done
llvm-profdata-14 merge -o "$build/all.profdata" "${profiles[@]}"
llvm-cov-14 report "$build/tests/fuzz/fuzz_config" \
  -instr-profile="$build/all.profdata" -show-region-summary=0 \
  -show-branch-summary=0 models/files models/weights models/config \
  engine/tokenizer
