#!/usr/bin/env bash
# Every test there is, against real parts: SQLite, a throw-away PostgreSQL, Chromium, LibreOffice.
#
# A failed step does not keep the others from running; only a build that fails ends the run at once.
# The last line is "N passed, N failed"; the exit code is 0 only if something passed and nothing failed.
set -euo pipefail
cd "$(dirname "$0")/.."
exec </dev/null

if [ "${CI:-}" = true ]; then
  # Nobody watches, and nothing is built twice.
  export CARGO_TERM_COLOR=never CARGO_INCREMENTAL=0
fi

target=$(realpath --canonicalize-missing "${CARGO_TARGET_DIR:-target}")
logs=$target/test-logs
rm -rf "$logs"
mkdir -p "$logs"

passed=0
failed=0
report=()
complete=no
cluster=
s3=

# run NAME COMMAND…: shows the command's output, keeps it as a log and returns its status.
run() {
  local name=$1 status=0 began=$SECONDS
  shift
  printf '\n==> %s: %s\n' "$name" "$*"
  "$@" 2>&1 | tee "$(log_of "$name")" || status=$?
  printf '==> %s: %d s, exit %d\n' "$name" $((SECONDS - began)) "$status"
  return "$status"
}

log_of() { echo "$logs/${1// /-}.log"; }

# count NAME PASSED FAILED
count() {
  passed=$((passed + $2))
  failed=$((failed + $3))
  report+=("$(printf '%-24s %5d passed %5d failed   (at %d s)' "$1" "$2" "$3" "$SECONDS")")
}

# check NAME COMMAND…: a step that counts as one test.
check() {
  if run "$@"; then count "$1" 1 0; else count "$1" 0 1; fi
}

# build NAME COMMAND…: a step without which the others mean nothing; counted only when it fails.
build() {
  run "$@" && return
  count "$1" 0 1
  complete=yes
  exit 1
}

# tally NAME STATUS PASSED FAILED: a runner that broke without a failed test to show for it has failed all the same.
tally() {
  local bad=$4
  if [ "$2" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
  count "$1" "$3" "$bad"
}

rust_tests() {
  local name="Rust tests" status=0 results=$target/nextest/default/junit.xml all=0 failures=0 errors=0
  rm -f "$results"
  run "$name" cargo nextest run --workspace --locked || status=$?
  if [ -f "$results" ]; then
    read -r all failures errors < <(
      sed -nE 's/.*<testsuites .*tests="([0-9]+)" .*failures="([0-9]+)" errors="([0-9]+)".*/\1 \2 \3/p' "$results"
    ) || status=1
  fi
  if [ "$all" -eq 0 ]; then status=1; fi
  tally "$name" "$status" $((all - failures - errors)) $((failures + errors))
}

# There may be none: what counts is that each one there is holds.
doc_tests() {
  local name="documentation tests" status=0 good bad
  run "$name" cargo test --workspace --doc --locked || status=$?
  good=$(sum_of passed "$name")
  bad=$(sum_of failed "$name")
  tally "$name" "$status" "$good" "$bad"
}

# sum_of WORD NAME: adds up "N WORD" over the result lines of cargo's own test runner.
sum_of() {
  sed -nE "s/^test result: .* ([0-9]+) $1;.*/\1/p" "$(log_of "$2")" | awk '{ n += $1 } END { print n + 0 }'
}

# The scripts that web/ and e2e/ define for themselves, each counted as one.
node_checks() {
  local folder script
  for folder in web e2e; do
    for script in check lint; do
      if node -e 'process.exit(require(process.argv[1]).scripts?.[process.argv[2]] ? 0 : 1)' \
        "$PWD/$folder/package.json" "$script"; then
        check "$folder $script" npm --prefix "$folder" run --silent "$script"
      fi
    done
  done
}

browser_tests() {
  local name="browser tests" status=0 results=$PWD/e2e/test-results/results.json good=0 bad=0
  rm -f "$results"
  ZHENDI_BIN=$target/debug/zhendi run "$name" npm --prefix e2e run --silent test || status=$?
  if [ -f "$results" ]; then
    # An error outside of any test, e.g. a server that will not end, is a failure like any other.
    read -r good bad < <(
      node -e 'const { stats, errors } = require(process.argv[1]);
               console.log(stats.expected, stats.unexpected + stats.flaky + errors.length)' "$results"
    ) || status=1
  fi
  if [ "$good" -eq 0 ]; then status=1; fi
  tally "$name" "$status" "$good" "$bad"
}

finish() {
  trap - EXIT
  [ -z "$cluster" ] || scripts/postgres.sh stop "$cluster" || true
  [ -z "$s3" ] || scripts/s3.sh stop "$s3" || true
  if [ "$complete" = no ]; then count "the run was cut short" 0 1; fi
  printf '\n'
  printf '%s\n' "${report[@]}"
  printf '\n%d passed, %d failed\n' "$passed" "$failed"
  if [ "$passed" -eq 0 ] || [ "$failed" -ne 0 ]; then exit 1; fi
  exit 0
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

build "installation" scripts/install.sh test
check "formatting" cargo fmt --all --check
build "styles and scripts" make --no-print-directory web e2e/node_modules/.package-lock.json
check "lint" cargo clippy --workspace --all-targets --locked -- -D warnings
# Tests build with the "testing" features; this is the program as it is shipped.
check "lint as shipped" cargo clippy -p zhendi-server --locked -- -D warnings
# The program and its tests in one go, so that the browser tests and the Rust tests share one build.
build "build" cargo build --workspace --bins --tests --locked

exported=$(scripts/postgres.sh start)
eval "$exported"
cluster=$ZHENDI_TEST_PG_DIR
exported=$(scripts/s3.sh start)
eval "$exported"
s3=$ZHENDI_TEST_S3_PID

rust_tests
doc_tests
node_checks
browser_tests
complete=yes
