#!/usr/bin/env bash
# Puts Wagtail with a filled site into a folder: the peer that Zhendi is measured against.
#
#   bench/wagtail/install.sh FOLDER
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$1
[ "$folder/site/pages" -nt "$0" ] && exit
rm -rf "$folder"
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
cd "$folder"
mkdir site
bin/wagtail start peer site >/dev/null
cd site
cat >peer/settings/local.py <<'SETTINGS'
DEBUG = False
ALLOWED_HOSTS = ["*"]
CSRF_TRUSTED_ORIGINS = []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WAGTAILADMIN_NOTIFICATION_USE_HTML = False
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
SECRET_KEY = "only for measuring"
from .base import DATABASES

# Writers wait for each other, as Django's documentation advises for SQLite: without it they fail.
DATABASES["default"]["OPTIONS"] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode = WAL",
}
SETTINGS
sed -i 's/^DEBUG = True/DEBUG = False/' peer/settings/dev.py
../bin/python manage.py migrate --verbosity 0
../bin/python manage.py shell <"$here/fill.py" >/dev/null
