# Shell functions of the tests that open pages in a browser; to be sourced. A
# test leaves with 77 ("skipped") where no Chromium is installed.

browser=
for name in chromium chromium-browser google-chrome; do
  browser=$(command -v "$name") && break
done
if [ -z "$browser" ]; then
  echo "skipped: want chromium, which opens the page; found none"
  exit 77
fi
work=$(mktemp -d)
failures=0

fail() {
  echo "FAILED: $*"
  failures=$((failures + 1))
}

# run_browser OPTION... URL: without a window, each time as if it were the first.
# What it logs goes to $work/log.
run_browser() {
  rm -rf "$work/profile"
  timeout 120 "$browser" --headless --no-sandbox --disable-gpu \
    --disable-background-networking --disable-component-update \
    --disable-dev-shm-usage --disable-extensions --disable-sync \
    --no-first-run --user-data-dir="$work/profile" --enable-logging=stderr \
    --v=0 --virtual-time-budget=20000 "$@" 2>"$work/log"
}
