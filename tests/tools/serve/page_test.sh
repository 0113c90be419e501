#!/usr/bin/env bash
# Opens the page of `tessera serve` in a real browser, without a window, with a
# text in its address, and examines what it shows:
#
#   page_test.sh TESSERA
#
# Leaves with 77 ("skipped") where no Chromium is installed.
set -euo pipefail
tessera=$1

. "$(dirname "$0")/../browser.sh"
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT

"$tessera" serve --listen 127.0.0.1:0 --threads 1 >"$work/out" 2>"$work/server" &
server=$!
for _ in $(seq 300); do
  grep -q '^listening on ' "$work/out" && break
  sleep 0.1
done
address=$(sed -n 's/^listening on //p' "$work/out")
[ -n "$address" ] || { cat "$work/server"; echo "FAILED: no address"; exit 1; }

# browse FRAGMENT: the page's elements, once it has come to rest.
browse() {
  run_browser --dump-dom "$address/#$1" >"$work/dom" ||
    fail "the browser left with $?"
  ! grep CONSOLE "$work/log" || fail "the console is not empty"
}

browse 'Where%20is%20the%20station%3F'
grep -q '<div id="result"[^>]*>Où se trouve la gare ?</div>' "$work/dom" ||
  fail "want the translation, found: $(grep 'id="result"' "$work/dom")"
grep -q '<ol id="alternatives"><li>' "$work/dom" || fail "want alternatives"
grep -q 'curl http://127.0.0.1:[0-9]*/v1/translations' "$work/dom" ||
  fail "want the request as curl"

browse '%3Cscript%3Ewindow.stop()%3C/script%3E%20Hello.'
grep -q '<script>window.stop' "$work/dom" && fail "text became a script"

[ "$failures" = 0 ] && echo "the page passes"
exit "$((failures > 0))"
