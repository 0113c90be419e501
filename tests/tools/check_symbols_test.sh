#!/bin/sh
# Shows that check_symbols finds a shared symbol in an object of one instruction
# set, and passes one without:
#   check_symbols_test.sh CHECK_SYMBOLS COMPILER
set -eu
check=$1
compiler=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failures=0

fail() {
  echo "FAILED: $*"
  failures=$((failures + 1))
}

# compile NAME TEXT: an object file NAME.cpp.o.
compile() {
  printf '%s\n' "$2" >"$folder/$1.cpp"
  "$compiler" -std=c++20 -O0 -c "$folder/$1.cpp" -o "$folder/$1.cpp.o"
}

if "$check" "$folder" >"$folder/log"; then fail 'no objects: not found'; fi

compile sum_avx2 'static int Twice(int x) { return 2 * x; }
int Sum(int x) { return Twice(x); }'
"$check" "$folder" >"$folder/log" || fail "a sound object: $(cat "$folder/log")"

compile sum_avx512 'inline int Shared(int x) { return 2 * x; }
int Sum512(int x) { return Shared(x); }'
if "$check" "$folder" >"$folder/log"; then
  fail 'a shared function: not found'
elif ! grep -qxF 'sum_avx512.cpp.o: Shared(int)' "$folder/log"; then
  fail "want Shared(int), found $(cat "$folder/log")"
fi

code=0
"$check" "$folder" Debug >"$folder/log" || code=$?
[ "$code" -eq 77 ] || fail "a debug build: want 77, found $code"

[ "$failures" -eq 0 ]
