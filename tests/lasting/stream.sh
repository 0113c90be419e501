#!/usr/bin/env bash
# Many short lines through the program: what memory it holds on the way.
#
#   tests/lasting/stream.sh LINES [OPTION...]    options of `tessera translate`
#
# Exit code 1 if lines are lost, or if at the end it holds 2 MiB more than after
# a tenth.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

lines=$1
shift
program=${TESSERA_PROGRAM:-build/release/tools/tessera}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkfifo "$folder/translations"

awk -v lines="$lines" 'BEGIN {
  srand(7)
  split("I have no idea where the book is Tom left never us with a dog", words)
  while (lines-- > 0) {
    for (more = int(rand() * 3); more > 0; --more)
      printf "%s ", words[1 + int(rand() * 15)]
    print int(rand() * 1000) "."
  }
}' | "$program" translate "$@" >"$folder/translations" &
program_id=$!
# A line is read when all before it were written: soon after it was translated.
awk -v lines="$lines" -v status="/proc/$program_id/status" '
  NR % (lines / 10) == 0 {
    while ((getline line < status) > 0)
      if (line ~ /^VmRSS:/) { split(line, fields); held = fields[2] }
    close(status)
    printf "%d lines: %.1f MiB\n", NR, held / 1024
    fflush()
    if (!first) first = held
  }
  END {
    if (NR != lines) print "want " lines " lines, found " NR
    if (held > first + 2048) print "memory has grown"
    exit NR != lines || held > first + 2048
  }' <"$folder/translations"
wait "$program_id"
