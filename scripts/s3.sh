#!/usr/bin/env bash
# A throw-away S3 server (moto) for the tests.
#
#   eval "$(scripts/s3.sh start [PORT])"   start one (free port unless given) and export ZHENDI_TEST_S3
#   scripts/s3.sh stop [PID]               stop it (PID defaults to $ZHENDI_TEST_S3_PID)
#
# It listens on 127.0.0.1 only, takes every key and keeps everything in memory.
set -euo pipefail
cd "$(dirname "$0")/.."

die() {
  echo "s3.sh: $*" >&2
  exit 1
}

server=${CARGO_TARGET_DIR:-target}/peers/moto/bin/moto_server

free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    if ! (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return
    fi
  done
}

start() {
  local port=${1:-} pid waited=0
  [ -x "$server" ] || die "moto is not installed; scripts/install.sh test installs it"
  [ -n "$port" ] || port=$(free_port)
  # Its own session, so that an interrupted test run can still ask it for what it holds and stop it by itself.
  setsid "$server" -H 127.0.0.1 -p "$port" >/dev/null 2>&1 </dev/null &
  pid=$!
  until (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    sleep 0.2
    waited=$((waited + 1))
    if [ "$waited" -gt 150 ]; then
      kill "$pid" 2>/dev/null || true
      die "the server did not start on port $port"
    fi
  done
  echo "export ZHENDI_TEST_S3=http://127.0.0.1:$port"
  echo "export ZHENDI_TEST_S3_PID=$pid"
}

stop() {
  local pid=${1:-${ZHENDI_TEST_S3_PID:-}}
  [ -n "$pid" ] || die "stop needs the process number or ZHENDI_TEST_S3_PID"
  kill "$pid" 2>/dev/null || true
}

case ${1:-} in
  start) start "${2:-}" ;;
  stop) stop "${2:-}" ;;
  *) die "use: scripts/s3.sh start [PORT] | stop [PID]" ;;
esac
