#!/usr/bin/env bash
# Builds Tessera and translates a sentence into French:
#
#   tools/quickstart.sh "Where is the station?"
#
# Installs what is missing of the Debian packages (root or sudo). The
# translation alone goes to standard output.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/setup.sh

sentence=${1:-Where is the station?}

install_packages "${build_packages[@]}"
find_cmake
if [ ! -f build/release/build.ninja ]; then
  "$cmake" --preset release -DTESSERA_TESTS=OFF -DTESSERA_BENCH=OFF >&2
fi
"$cmake" --build --preset release --target tessera >&2

echo "$sentence" | build/release/tools/tessera translate
