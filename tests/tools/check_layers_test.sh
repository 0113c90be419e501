#!/bin/sh
# Shows that check_layers passes what is right and names what is wrong:
#   check_layers_test.sh CHECK_LAYERS
set -eu
check=$1
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/kernels/include/tessera" "$tree/kernels/attention" \
  "$tree/models/layers" \
  "$tree/engine/include/tessera" "$tree/engine/search" "$tree/engine/worker" \
  "$tree/tools"
touch "$tree/kernels/include/tessera/error.h" \
  "$tree/engine/include/tessera/translator.h"
failures=0

fail() {
  echo "FAILED: $*"
  failures=$((failures + 1))
}

# expect_pass FILE TEXT: the file may hold the text.
expect_pass() {
  printf '%s\n' "$2" >"$tree/$1"
  "$check" "$tree" >"$tree/log" || fail "$1: $2: $(cat "$tree/log")"
  rm "$tree/$1"
}

# expect_failure FILE TEXT MESSAGE: it may not, and the check says so.
expect_failure() {
  printf '// A file.\n%s\n' "$2" >"$tree/$1"
  if "$check" "$tree" >"$tree/log"; then
    fail "$1: $2: not found"
  elif ! grep -qxF "$1:2: $3" "$tree/log"; then
    fail "$1: $2: want $3, found $(cat "$tree/log")"
  fi
  rm "$tree/$1"
}

expect_pass kernels/a.h '#include <vector>'
expect_pass kernels/parallel.h '#pragma omp parallel'
expect_pass models/a.cpp '#include "kernels/a.h"'
expect_pass models/a.cpp '#include <tessera/error.h>'
expect_pass engine/a.cpp '#include <tessera/translator.h>'
expect_pass tools/a.cpp '#include "engine/a.h"'
expect_failure kernels/a.h '#include "models/a.h"' \
  'kernels must not include models/a.h, of models'
expect_failure kernels/a.cpp '  #  include   <engine/a.h>' \
  'kernels must not include engine/a.h, of engine'
expect_failure models/a.cpp '#include "tools/a.h"' \
  'models must not include tools/a.h, of tools'
expect_failure models/a.cpp '#include <tessera/translator.h>' \
  'models must not include tessera/translator.h, of engine'
expect_failure engine/a.h '#include "tools/a.h"' \
  'engine must not include tools/a.h, of tools'
expect_failure tools/a.h '#include "tests/a.h"' \
  'a source must not include tests/a.h'
expect_failure kernels/a.h '#include "../models/a.h"' \
  'want a path from the repository root, found "../models/a.h"'
expect_failure models/a.cpp '#pragma omp parallel for' \
  'OpenMP belongs in kernels/parallel.h'
expect_failure kernels/a.h '  _Pragma("omp simd")' \
  'OpenMP belongs in kernels/parallel.h'
expect_pass engine/search/a.h '#include <tessera/translation.h>'
expect_pass engine/worker/a.cpp '#include <tessera/error.h>'
expect_failure engine/search/a.h '#include <tessera/attention_report.h>' \
  'search and worker must not include tessera/attention_report.h'
expect_failure engine/worker/a.cpp '#include <tessera/translator.h>' \
  'search and worker must not include tessera/translator.h'

own='want a name of the layer'"'"'s own, found'
expect_pass models/layers/a.cpp 'Load("cross.query");  // "q_proj" of a file'
expect_pass models/a.cpp 'Load("self_attn.q_proj.weight");'
for name in .weight .bias k_proj out_proj encoder_attn fc1 final_layer_norm \
  layernorm_embedding embed_tokens lm_head; do
  expect_failure models/layers/a.cpp "Load(\"$name\");" "$own \"$name\""
done

expect_pass kernels/attention/attention.h 'void Attention(int x);
void AttentionRows(int x);'
expect_pass kernels/attention/tasks.h 'void RunAttention(int x);'
two='want Attention and AttentionRows alone, found'
expect_failure kernels/attention/attention.h \
  'void AdditiveAttention(int x);' "$two AdditiveAttention"
expect_failure kernels/attention/attention_bf16.h \
  'void AttentionBf16(int x);' "$two AttentionBf16"
echo 'void Attention(int x);' >"$tree/kernels/attention/attention.h"
expect_failure kernels/attention/attention_bf16.h 'void Attention(short x);' \
  'want one Attention, found another in kernels/attention/attention.h:1'

rm -r "$tree/kernels" "$tree/engine"
mkdir "$tree/kernels" "$tree/engine"
if "$check" "$tree" >/dev/null; then fail "no sources: not found"; fi

[ "$failures" -eq 0 ]
