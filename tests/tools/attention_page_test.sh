#!/usr/bin/env bash
# Opens pages of `tessera attention --format html` in a real browser, without a
# window, and examines them there:
#
#   attention_page_test.sh TESSERA MODELS
#
# Leaves with 77 ("skipped") where no Chromium is installed.
set -euo pipefail
tessera=$1
models=$2
check=$(dirname "$0")/attention_page_check.js

. "$(dirname "$0")/browser.sh"
trap 'rm -rf "$work"' EXIT

# browse OPTION... FILE: without network.
browse() {
  run_browser --proxy-server=127.0.0.1:9 --hide-scrollbars \
    --window-size=1280,900 --blink-settings=preferredColorScheme="$scheme" "$@"
}

# examine TITLE [NORMALISER]: puts the check behind the page's script, and what
# collects errors before it.
examine() {
  {
    sed 's|^<head>$|<head><script>\
      window.pageErrors = [];\
      addEventListener("error", e => pageErrors.push(e.message));\
      addEventListener("securitypolicyviolation",\
                       e => pageErrors.push(e.violatedDirective));\
    </script>|' "$work/page.html"
    printf '<script>window.wanted = {title: "%s", softmax: %s};\n' "$1" \
      "$([ "${2:-softmax}" = softmax ] && echo true || echo false)"
    cat "$check"
    printf '</script>\n'
  } >"$work/examined.html"
  browse --dump-dom "file://$work/examined.html" >"$work/dom" ||
    fail "$1: the browser left with $?"
  sed -n '/<pre id="verdict">/,$p' "$work/dom" >"$work/verdict"
  grep -qF '<pre id="verdict">the page passes</pre>' "$work/verdict" ||
    fail "$1: $(cat "$work/verdict")"
  ! grep CONSOLE "$work/log" || fail "$1: the console has messages"
}

# The size stands in bytes 16 to 23 of a PNG.
photograph() {
  browse --screenshot="$work/page.png" "file://$work/page.html" >/dev/null ||
    fail "picture: the browser left with $?"
  size=$(od -An -tx1 -j16 -N8 "$work/page.png" | tr -d ' \n')
  [ "$size" = 0000050000000384 ] ||
    fail "picture: want 1280 x 900, found 0x$size"
  # A page that shows nothing compresses to less.
  bytes=$(wc -c <"$work/page.png")
  [ "$bytes" -gt 20000 ] || fail "picture: $bytes bytes, so nothing is in it"
}

page() {
  "$tessera" attention --format html --output "$work/page.html" "$@"
}

scheme=1  # light
page --text "Where is the station?"
examine "Cross-attention: layer 3, mean of 4 heads"
photograph
scheme=0  # dark
photograph

scheme=1
page --text "</script><script>alert(1)</script> <!-- & \"quoted\" @REPORT@" \
  --layer 1 --head 2 --max-length 12
examine "Cross-attention: layer 1, head 2"

words="the man who has seen the house near the river says that he would like to"
page --text "Yesterday $words buy it, but $words leave, and $words sleep, and\
 $words eat, because he is tired." --attention encoder --layer 6
examine "Encoder: layer 6, mean of 4 heads"
photograph

page --model "$models/digits-weighted" --text "4 8 2 9 1 7 3"
examine "Cross-attention: layer 2, mean of 4 heads"
page --model "$models/digits-relu" --text "4 8 2 9 1 7 3"
examine "Cross-attention: layer 2, mean of 4 heads" relu

[ "$failures" -eq 0 ]
echo "the pages pass in $("$browser" --version 2>/dev/null)"
