#!/usr/bin/env bash
# Builds everything and runs all tests:
#
#   tools/test.sh           the release preset
#   tools/test.sh PRESET    another one: asan, tsan, dev, ci
#
# Installs what is missing of the Debian packages (root or sudo).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/setup.sh

preset=${1:-release}

install_packages "${build_packages[@]}" "${test_packages[@]}" \
  "$(boost_package)"
find_cmake
options=(-DTESSERA_TESTS=ON)  # quickstart.sh may have set both to OFF
[[ "$preset" = [at]san ]] || options+=(-DTESSERA_BENCH=ON)
"$cmake" --preset "$preset" "${options[@]}"
"$cmake" --build --preset "$preset"
"$ctest" --preset "$preset" --parallel "$(nproc)"
