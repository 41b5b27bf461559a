#!/usr/bin/env bash
# Installs what a task needs and the machine does not have yet.
#
#   scripts/install.sh run|test|dev|bench
#
# Rust, Node 20, git and make must be there already. Debian's packages need root or sudo; nothing is
# touched when everything is in place.
set -euo pipefail
cd "$(dirname "$0")/.."

NEXTEST=0.9.143

say() { echo "==> $*"; }
die() {
  echo "install.sh: $*" >&2
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif have sudo; then
    sudo "$@"
  else
    die "please run as root: $*"
  fi
}

packages=()
# package NAME CHECK…: the package is wanted when the check fails.
package() {
  local name=$1
  shift
  "$@" >/dev/null 2>&1 || packages+=("$name")
}
chinese_font() { [ -n "$(fc-list :lang=zh-cn family)" ]; }
php_part() { [ -n "$(php -m | grep -x "$1")" ]; }
postgres_server() { compgen -G '/usr/lib/postgresql/*/bin/initdb'; }
libreoffice_part() { have soffice && compgen -G "/usr/lib/libreoffice/program/$1"; }

# A program of its own beside the others: nothing of it goes into Zhendi.
moto() {
  local folder=${CARGO_TARGET_DIR:-target}/peers/moto wanted=scripts/requirements-test.txt
  cmp -s "$wanted" "$folder/installed.txt" && return
  say "installing the S3 server of the tests into $folder"
  rm -rf "$folder"
  /usr/bin/python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement "$wanted"
  cp "$wanted" "$folder/installed.txt"
}

install_packages() {
  [ ${#packages[@]} -gt 0 ] || return 0
  have apt-get || die "this machine has no apt-get; please install by hand: ${packages[*]}"
  say "installing from Debian: ${packages[*]}"
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${packages[@]}"
}

have cargo || die "Rust is missing: https://rustup.rs"
have npm || die "Node 20 with npm is missing: https://nodejs.org"

# SQLite and the TLS library hold C and assembly.
package build-essential have cc

case ${1:-} in
  run) install_packages ;;
  dev)
    package entr have entr
    install_packages
    ;;
  test)
    package postgresql postgres_server
    package chromium have "${CHROMIUM:-chromium}"
    package fonts-noto-cjk chinese_font
    package fontconfig have fc-list
    package libreoffice-calc libreoffice_part libsclo.so
    package libreoffice-writer libreoffice_part libswlo.so
    package poppler-utils have pdftotext
    package zbar-tools have zbarimg
    package wordpress test -f /usr/share/wordpress/wp-load.php
    # Without the package that would start it as a service of the machine.
    package mariadb-server-core test -x /usr/sbin/mariadbd
    package mariadb-client-core have mariadb
    package php-cli have php
    package php-mysql php_part mysqli
    package php-gd php_part gd
    package python3-uno /usr/bin/python3 -c 'import uno'
    package python3-xlrd /usr/bin/python3 -c 'import xlrd'
    package python3-venv /usr/bin/python3 -m ensurepip --version
    package python3-aiosmtpd /usr/bin/python3 -c 'import aiosmtpd'
    install_packages
    moto
    if ! { cargo fmt --version && cargo clippy --version; } >/dev/null 2>&1; then
      say "adding rustfmt and clippy to the Rust toolchain"
      rustup component add rustfmt clippy
    fi
    if ! have cargo-nextest; then
      say "compiling cargo-nextest $NEXTEST (once on this machine; about ten minutes on two cores)"
      cargo install cargo-nextest --locked --version "$NEXTEST"
    fi
    ;;
  bench)
    package postgresql postgres_server
    package fonts-noto-cjk chinese_font
    package python3-venv /usr/bin/python3 -m ensurepip --version
    install_packages
    say "the peers that Zhendi is measured against"
    bench/wagtail/install.sh "${CARGO_TARGET_DIR:-target}/peers/wagtail"
    engines/textcheck/peers/install.sh "${CARGO_TARGET_DIR:-target}/peers/textcheck"
    ;;
  *) die "use: scripts/install.sh run|test|dev|bench" ;;
esac
