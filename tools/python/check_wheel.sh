#!/usr/bin/env bash
# Sees a wheel work on a bare Debian 12: Python and what it stands on, in a chroot.
#
#   tools/python/check_wheel.sh WHEEL [CHROOT]
#
# Makes the chroot, unless it is there, by debootstrap (root, network); pip fetches
# nanobind-backend outside of it. TORCH=1: torch is fetched and imported before and
# after, too.
set -euo pipefail
wheel=$(realpath "$1")
root=$(realpath -m "${2:-build/wheel/chroot}")
cd "$(dirname "$0")/../.."

[ -x "$root/usr/bin/python3" ] ||
  debootstrap --variant=minbase --include=python3-minimal,python3-pip bookworm \
    "$root"
for library in dnnl sentencepiece icuuc gomp OpenCL; do
  if find "$root/usr/lib" -name "lib$library.so*" | grep .; then
    echo "want a chroot without lib$library" >&2
    exit 2
  fi
done

rm -rf "$root/check" && mkdir -p "$root/check/wheels"
cp "$wheel" "$root/check/wheels"
packages=(nanobind-backend)
[ -z "${TORCH:-}" ] || packages+=(torch numpy)
"${PYTHON:-python3}" -m pip download -q --only-binary :all: --python-version 3.11 \
  -d "$root/check/wheels" "${packages[@]}"
cp -r models/bundled/tatoeba-en-fr "$root/check/model"
inside() { chroot "$root" env -i PATH=/usr/bin:/bin LC_ALL=C.UTF-8 "$@"; }
inside pip3 install -q --no-index --find-links /check/wheels --target /check/site \
  --no-warn-script-location tessera-mt $([ -z "${TORCH:-}" ] || echo torch numpy)

translate='import sys; sys.path.insert(0, "/check/site")
import ORDER
with tessera.Translator("/check/model") as translator:
    print(translator.translate("Where is the station?").text)'
orders=(tessera)
[ -z "${TORCH:-}" ] || orders+=("torch, tessera" "tessera, torch")
for order in "${orders[@]}"; do
  found=$(inside python3 -X dev -c "${translate/ORDER/$order}")
  [ "$found" = "Où se trouve la gare ?" ] || { echo "found $found" >&2; exit 1; }
  echo "import $order: $found"
done
