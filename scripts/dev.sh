#!/usr/bin/env bash
# Rebuilds and restarts the demonstration server whenever a source file changes. Ctrl-C ends it.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install.sh dev

sources() {
  git -c core.quotepath=off ls-files --cached --others --exclude-standard -- crates engines web Cargo.toml Cargo.lock |
    while IFS= read -r file; do
      if [ -f "$file" ]; then echo "$file"; fi
    done
}

trap 'exit 0' INT TERM
while :; do
  # entr ends with 2 when a file was added or removed (-d): list anew and go on.
  status=0
  sources | entr -n -d -r sh -c '
    make --no-print-directory web &&
    cargo build -p zhendi-server &&
    exec target/debug/zhendi demo --data data/dev' || status=$?
  [ "$status" -eq 2 ] || exit "$status"
done
