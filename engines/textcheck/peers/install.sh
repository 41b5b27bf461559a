#!/usr/bin/env bash
# Puts the programs that the text engine is measured against into a folder.
#
#   engines/textcheck/peers/install.sh FOLDER
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$1
[ -e "$folder/node_modules/fastscan" ] && exit
rm -rf "$folder"
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement "$here/requirements.txt"
cp "$here/package.json" "$here/package-lock.json" "$folder"
npm --prefix "$folder" ci --silent --no-audit --no-fund
