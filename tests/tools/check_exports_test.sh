#!/bin/sh
# Shows that check_exports names what a library should hide, and what it should
# not:
#   check_exports_test.sh CHECK_EXPORTS COMPILER
set -eu
check=$1
compiler=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failures=0
public='namespace tessera {
class Error { public: virtual ~Error(); };
Error::~Error() {}
void Version() {}
}'

# run TEXT: a library of this source, checked; sets code.
run() {
  printf '%s\n' "$1" >"$folder/a.cpp"
  "$compiler" -std=c++20 -shared -fPIC "$folder/a.cpp" -o "$folder/liba.so"
  code=0
  "$check" "$folder/liba.so" >"$folder/log" || code=$?
}

# expect_failure TEXT MESSAGE
expect_failure() {
  run "$1"
  if [ "$code" -eq 0 ] || ! grep -qxF "liba.so: $2" "$folder/log"; then
    echo "FAILED: $1: want $2, found $(cat "$folder/log")"
    failures=$((failures + 1))
  fi
}

run "$public"
if [ "$code" -ne 0 ]; then
  echo "FAILED: a sound library: $(cat "$folder/log")"
  failures=$((failures + 1))
fi
expect_failure "$public namespace tessera::kernels { void Dot() {} }" \
  'tessera::kernels::Dot()'
expect_failure "$public namespace tessera {
struct Translator { struct Impl { void Run(); }; };
void Translator::Impl::Run() {}
}" 'tessera::Translator::Impl::Run()'
expect_failure "$public int Twice(int x) { return 2 * x; }" 'Twice(int)'
expect_failure "$public
#include <vector>
template class std::vector<double>;
" 'std::vector<double, std::allocator<double> >::clear()'
expect_failure 'namespace tessera { void Version() {} }' \
  'want typeinfo for tessera::Error, found it hidden'

[ "$failures" -eq 0 ]
