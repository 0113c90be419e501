#!/usr/bin/env bash
# Fuzzes targets, one after another, from the corpora in the repository:
#
#   tests/fuzz/run.sh SECONDS [TARGET...]    all of targets.h if none is named
#
# Needs clang-14, libclang-rt-14-dev and libomp-14-dev. New inputs stay in
# build/fuzz/corpus/TARGET, findings in build/fuzz/found-TARGET-*: mend what one
# shows, and add it to corpus/TARGET as found-NAME.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

seconds=$1
shift
targets=("$@")
[ ${#targets[@]} -gt 0 ] ||
  mapfile -t targets < <(cd tests/fuzz/corpus && printf '%s\n' *)
cmake --preset fuzz
cmake --build --preset fuzz
for target in "${targets[@]}"; do
  echo "== $target"
  mkdir -p "build/fuzz/corpus/$target"
  "build/fuzz/tests/fuzz/fuzz_$target" -max_total_time="$seconds" -timeout=5 \
    -rss_limit_mb=1024 -max_len=40000 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/found-$target-" \
    "build/fuzz/corpus/$target" "tests/fuzz/corpus/$target" 2>&1 |
    grep -vE '^#[0-9]+\s+(REDUCE|NEW|RELOAD|pulse)|NEW_FUNC'
done
