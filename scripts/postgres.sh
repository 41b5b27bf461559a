#!/usr/bin/env bash
# A throw-away PostgreSQL cluster for the tests.
#
#   eval "$(scripts/postgres.sh start [PORT])"   start one (free port unless given) and export ZHENDI_TEST_PG
#   scripts/postgres.sh stop [DIR]               stop it and remove its data (DIR defaults to $ZHENDI_TEST_PG_DIR)
#   scripts/postgres.sh halt|again [DIR]         stop it under its clients, and start it again with its data
#
# It listens on 127.0.0.1 only, trusts every local connection and does not flush to disk: never put real data in it.
set -euo pipefail

die() {
  echo "postgres.sh: $*" >&2
  exit 1
}

# The server programs are not on the PATH on Debian; the newest installed version serves.
server_programs() {
  local dirs
  dirs=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V)
  [ -n "$dirs" ] || die "PostgreSQL is not installed; scripts/install.sh test installs it"
  tail -n 1 <<<"$dirs"
}

# PostgreSQL refuses to run as root: hand over to the account that Debian's package made.
unprivileged() {
  if [ "$(id -u)" -eq 0 ]; then
    runuser -u postgres -- "$@"
  else
    "$@"
  fi
}

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
  local port=${1:-} bin dir
  bin=$(server_programs)
  [ -n "$port" ] || port=$(free_port)
  dir=$(mktemp -d "${TMPDIR:-/tmp}/zhendi-pg.XXXXXX")
  if [ "$(id -u)" -eq 0 ]; then chown postgres: "$dir"; fi

  unprivileged "$bin/initdb" --pgdata="$dir/data" --username=postgres --auth=trust \
    --encoding=UTF8 --locale=C.UTF-8 --no-sync >"/dev/null"
  unprivileged tee "$dir/data/postgresql.auto.conf" >/dev/null <<CONF
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$dir'
max_connections = 300
shared_buffers = 128MB
fsync = off
synchronous_commit = off
full_page_writes = off
CONF
  if ! unprivileged "$bin/pg_ctl" start --pgdata="$dir/data" --log="$dir/log" --wait --timeout=60 >/dev/null; then
    cat "$dir/log" >&2 || true
    rm -rf "$dir"
    die "the cluster did not start on port $port"
  fi
  echo "export ZHENDI_TEST_PG=postgres://postgres@127.0.0.1:$port/postgres"
  echo "export ZHENDI_TEST_PG_DIR=$dir"
}

stop() {
  local dir=${1:-${ZHENDI_TEST_PG_DIR:-}}
  [ -n "$dir" ] || die "stop needs the cluster's directory or ZHENDI_TEST_PG_DIR"
  [ -f "$dir/data/PG_VERSION" ] || die "$dir holds no cluster"
  unprivileged "$(server_programs)/pg_ctl" stop --pgdata="$dir/data" --mode=immediate --silent || true
  rm -rf "$dir"
}

cluster() {
  local dir=${1:-${ZHENDI_TEST_PG_DIR:-}}
  [ -f "$dir/data/PG_VERSION" ] || die "$dir holds no cluster"
  echo "$dir"
}

halt() {
  unprivileged "$(server_programs)/pg_ctl" stop --pgdata="$(cluster "$@")/data" --mode=fast --silent
}

again() {
  local dir
  dir=$(cluster "$@")
  unprivileged "$(server_programs)/pg_ctl" start --pgdata="$dir/data" --log="$dir/log" --wait --timeout=60 >/dev/null
}

# A directory that the postgres account may not enter would make its programs complain.
cd /
case ${1:-} in
  start) start "${2:-}" ;;
  stop) stop "${2:-}" ;;
  halt) halt "${2:-}" ;;
  again) again "${2:-}" ;;
  *) die "use: scripts/postgres.sh start [PORT] | stop|halt|again [DIR]" ;;
esac
