#!/usr/bin/env bash
# Runs every bench of the workspace, after saying when and on what: figures mean nothing without their machine.
set -euo pipefail
cd "$(dirname "$0")/.."

echo "date     $(date --utc +%Y-%m-%dT%H:%M:%SZ)"
echo "commit   $(git describe --always --dirty)"
echo "machine  $(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores," \
  "$(awk '/MemTotal/ { printf "%.0f GB", $2 / 1048576 }' /proc/meminfo)"
echo "system   $(uname -sr), $(rustc --version)"
echo

# shellcheck disable=SC2016 # the ${…} in it are JavaScript's
mapfile -t benches < <(
  cargo metadata --no-deps --format-version 1 --locked | node -e '
    const { packages } = JSON.parse(require("fs").readFileSync(0, "utf8"));
    for (const { name, targets } of packages)
      for (const target of targets)
        if (target.kind.includes("bench")) console.log(`${name} ${target.name}`);'
)
if [ ${#benches[@]} -eq 0 ]; then
  echo "No crate has benches."
  exit 0
fi
for bench in "${benches[@]}"; do
  read -r package name <<<"$bench"
  echo "==> $package: $name"
  cargo bench --locked -p "$package" --bench "$name"
done
