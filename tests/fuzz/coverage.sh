#!/usr/bin/env bash
# Which lines of what reads files the corpora run, file by file:
#
#   tests/fuzz/coverage.sh [CORPORA...]
#
# Of the corpora in the repository, and those in other folders named (each with one
# folder for a target, as in build/fuzz/corpus, where run.sh grows them). Fails below
# 90 %. Needs clang-14, libclang-rt-14-dev, libomp-14-dev and llvm-14; lines that
# never ran:
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
  for corpus in "${corpora[@]}"; do
    [ ! -d "$corpus/$target" ] || inputs+=("$corpus/$target")
  done
  profiles+=("$build/$target.profraw")
  LLVM_PROFILE_FILE="${profiles[-1]}" "$build/tests/fuzz/fuzz_$target" -runs=0 \
    -rss_limit_mb=4096 "${inputs[@]}" 2>"$build/$target.log" ||
    { cat "$build/$target.log" >&2 && exit 1; }
done
llvm-profdata-14 merge -o "$build/all.profdata" "${profiles[@]}"
# By the name behind the root, which is absolute or, by ccache, relative.
llvm-cov-14 export "$build/tests/fuzz/fuzz_config" -format=lcov \
  -instr-profile="$build/all.profdata" | awk -F '[:,]' '
  function row(name, ran, lines) {
    return sprintf("%-52s %5d of %5d lines %6.1f %%", name, ran, lines, 100 * ran / lines)
  }
  /^SF:/ {
    counted = match($0, /(models\/(files|weights|config)|engine\/tokenizer)\/.*/)
    file = substr($0, RSTART)
    match(file, /^[a-z]+\/[a-z]+/)
    folder = substr(file, 1, RLENGTH)
  }
  /^DA:/ && counted {
    ++lines[file]; ++lines_of[folder]; ++all
    if ($3 > 0) { ++ran[file]; ++ran_of[folder]; ++all_ran }
  }
  END {
    for (file in lines) print row(file, ran[file], lines[file]) | "sort"
    close("sort")
    for (folder in lines_of) {
      print row(folder, ran_of[folder], lines_of[folder]) | "sort"
    }
    close("sort")
    print row("all", all_ran, all)
    exit all_ran < 0.9 * all
  }'
