# Shell functions that quickstart.sh and test.sh share; to be sourced.

# The CMake package of libdnnl-dev wants what ocl-icd-opencl-dev has; Debian's
# libdnnl-dev only recommends it.
build_packages=(g++ cmake ninja-build libdnnl-dev ocl-icd-opencl-dev
  libxsimd-dev libsentencepiece-dev nlohmann-json3-dev libicu-dev
  libcli11-dev)
test_packages=(libgtest-dev libbenchmark-dev)

# Boost with its Asio and Beast, for `tessera serve` alone: 1.81 or newer, which
# is not what Debian 12 calls libboost-dev.
boost_package() {
  if (. /etc/os-release && [ "$ID $VERSION_ID" = "debian 12" ]) 2>/dev/null; then
    echo libboost1.81-dev
  else
    echo libboost-dev
  fi
}

fail() {
  echo "${0##*/}: $*" >&2
  exit 2
}

is_installed() {
  local state
  state=$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) &&
    [ "$state" = installed ]
}

# Installs the Debian packages that are missing; asks for nothing if none is.
install_packages() {
  local package missing=() as_root=()
  command -v dpkg-query >/dev/null ||
    fail "want Debian 12, Ubuntu 24.04 or newer, found no dpkg;" \
      "install the counterparts of: $*"
  for package in "$@"; do
    is_installed "$package" || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  echo "Installing ${missing[*]}" >&2
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
      fail "want root or sudo to install ${missing[*]}, found neither"
    as_root=(sudo)
  fi
  # A source list that fails does no harm if the packages are found elsewhere.
  "${as_root[@]}" apt-get update -qq >&2 || true
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y \
    --no-install-recommends "${missing[@]}" >&2 ||
    fail "want ${missing[*]}, found that apt-get cannot install them"
}

# Whether a cmake runs and is 3.25 or newer.
is_usable_cmake() {
  local version
  version=$("$1" --version 2>/dev/null | sed -n '1s/^cmake version //p')
  [ -n "$version" ] &&
    [ "$(printf '%s\n' 3.25 "$version" | sort -V | head -n 1)" = 3.25 ]
}

# Sets cmake and ctest: those of PATH, or Debian's where those do not work.
find_cmake() {
  for cmake in "$(command -v cmake || true)" /usr/bin/cmake; do
    if [ -n "$cmake" ] && is_usable_cmake "$cmake"; then
      ctest=$(dirname "$cmake")/ctest
      return 0
    fi
  done
  fail "want cmake 3.25 or newer, found none"
}
