#!/usr/bin/env bash
# Measures everything and writes the figures to docs/performance.md with machine, date and commit: figures
# mean nothing without them. Nothing else should run on the machine meanwhile.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install.sh bench
make --no-print-directory web
cargo build --release --locked -p zhendi-server -p zhendi-bench

target=$(realpath --canonicalize-missing "${CARGO_TARGET_DIR:-target}")
mkdir -p "$target/bench"
eval "$(scripts/postgres.sh start)"
trap 'scripts/postgres.sh stop "$ZHENDI_TEST_PG_DIR"' EXIT
# The cluster is new each time, and so are the keys of what is in it.
rm -rf "$target/bench/data-postgres"

"$target/release/zhendi-bench" run --zhendi "$target/release/zhendi" --data "$target/bench/data" \
  --wagtail "$target/peers/wagtail" --postgres "$ZHENDI_TEST_PG" --out "$target/bench/figures.md"

engines=$target/bench/engines.txt
: >"$engines"
export ZHENDI_TEXTCHECK_PEERS=$target/peers/textcheck
for bench in "zhendi-office writing" "zhendi-typeset setting" "zhendi-textcheck checking" "zhendi-textcheck quality"; do
  read -r package name <<<"$bench"
  cargo bench --locked -p "$package" --bench "$name" 2>/dev/null | tee -a "$engines"
done

{
  sed '/^## Figures/,$d' docs/performance.md
  cat <<HEAD
## Figures

- date: $(date --utc +%Y-%m-%dT%H:%M:%SZ)
- commit: $(git describe --always --dirty)
- machine: $(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores, $(awk '/MemTotal/ { printf "%.0f GB", $2 / 1048576 }' /proc/meminfo)
- system: $(uname -sr), $(rustc --version), load before the run $(cut -d' ' -f1 /proc/loadavg)

HEAD
  cat "$target/bench/figures.md"
  printf '\nThe engines by themselves:\n\n```text\n'
  cat "$engines"
  printf '```\n'
} >"$target/bench/performance.md"
cp "$target/bench/performance.md" docs/performance.md
