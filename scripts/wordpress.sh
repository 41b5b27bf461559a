#!/usr/bin/env bash
# A throw-away WordPress from Debian's package, for the tests of publishing.
#
#   eval "$(scripts/wordpress.sh start [PORT])"   start one (free port unless given) and export
#                                                 ZHENDI_TEST_WORDPRESS (address), …_USER, …_PASSWORD
#                                                 (an application password) and …_DIR
#   scripts/wordpress.sh stop [DIR]               stop it and remove its data (DIR defaults to $ZHENDI_TEST_WORDPRESS_DIR)
#
# PHP's own server on 127.0.0.1 and a MariaDB that listens on a socket alone. WP_ENVIRONMENT_TYPE=local lets
# application passwords work on plain HTTP: never put real data in it.
set -euo pipefail

SITE=/usr/share/wordpress

die() {
  echo "wordpress.sh: $*" >&2
  exit 1
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

# Ends what a file of ours names, and waits until it is gone.
end() {
  local pid
  pid=$(cat "$1" 2>/dev/null) || return 0
  kill "$pid" 2>/dev/null || return 0
  for _ in $(seq 100); do
    kill -0 "$pid" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL "$pid" 2>/dev/null || true
}

database() {
  local dir=$1 user=() owner
  owner=$(id -un)
  # MariaDB does not run as root unless told whom to become.
  if [ "$(id -u)" -eq 0 ]; then
    owner=mysql
    id "$owner" >/dev/null 2>&1 || owner=nobody
    chown "$owner": "$dir"
  fi
  user=(--user="$owner")
  mariadb-install-db --no-defaults "${user[@]}" --datadir="$dir/data" --auth-root-authentication-method=normal \
    --skip-test-db >"$dir/install.log" 2>&1 || { cat "$dir/install.log" >&2; die "no database"; }
  setsid mariadbd --no-defaults "${user[@]}" --datadir="$dir/data" --socket="$dir/db.sock" --pid-file="$dir/db.pid" \
    --skip-networking --innodb-flush-log-at-trx-commit=0 --skip-log-bin --innodb-buffer-pool-size=64M \
    >"$dir/db.log" 2>&1 </dev/null &
  for _ in $(seq 300); do
    if mariadb --no-defaults --socket="$dir/db.sock" --user=root -e 'CREATE DATABASE IF NOT EXISTS wordpress' 2>/dev/null; then
      return
    fi
    sleep 0.1
  done
  cat "$dir/db.log" >&2
  die "the database did not start"
}

start() {
  local port=${1:-} dir site
  [ -f "$SITE/wp-load.php" ] || die "WordPress is not installed; scripts/install.sh test installs it"
  [ -n "$port" ] || port=$(free_port)
  dir=$(mktemp -d "${TMPDIR:-/tmp}/zhendi-wp.XXXXXX")
  # A failed start leaves nothing behind.
  trap 'stop "'"$dir"'"' ERR
  database "$dir"
  chmod 755 "$dir"
  site=$dir/site
  cp -r "$SITE" "$site"
  rm -rf "$site/wp-config.php" "$site/.htaccess" "$site/wp-content"
  mkdir -p "$site/wp-content/themes/plain" "$site/wp-content/uploads"
  cat >"$site/wp-content/themes/plain/style.css" <<'CSS'
/* Theme Name: plain */
CSS
  cat >"$site/wp-content/themes/plain/index.php" <<'PHP'
<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title><?php wp_title(''); ?></title></head><body>
<?php if (have_posts()) { while (have_posts()) { the_post(); ?>
<article><h1><?php the_title(); ?></h1><?php the_content(); ?></article>
<?php } } else { status_header(404); ?><p>404</p><?php } ?>
</body></html>
PHP
  cat >"$site/wp-config.php" <<PHP
<?php
define('DB_NAME', 'wordpress'); define('DB_USER', 'root'); define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:$dir/db.sock'); define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
define('WP_ENVIRONMENT_TYPE', 'local');
define('WP_HOME', 'http://127.0.0.1:$port'); define('WP_SITEURL', 'http://127.0.0.1:$port');
define('WP_HTTP_BLOCK_EXTERNAL', true); define('DISABLE_WP_CRON', true); define('AUTOMATIC_UPDATER_DISABLED', true);
define('WP_DEFAULT_THEME', 'plain');
foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as \$of) {
  define(\$of . '_KEY', '$(head -c 24 /dev/urandom | base64)'); define(\$of . '_SALT', '$(head -c 24 /dev/urandom | base64)');
}
\$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
PHP
  # The address of a request that is no file belongs to WordPress.
  cat >"$dir/router.php" <<'PHP'
<?php
$path = urldecode(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH));
if ($path !== '/' && is_file($_SERVER['DOCUMENT_ROOT'] . $path)) return false;
$_SERVER['SCRIPT_NAME'] = '/index.php';
require $_SERVER['DOCUMENT_ROOT'] . '/index.php';
PHP
  cat >"$dir/setup.php" <<'PHP'
<?php
define('WP_INSTALLING', true);
$_SERVER['HTTP_HOST'] = '127.0.0.1';
$_SERVER['REQUEST_METHOD'] = 'GET';
require $argv[1] . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
add_filter('pre_wp_mail', '__return_true');
wp_install('Zhendi test', 'operator', 'operator@example.invalid', false, '', wp_generate_password(24));
switch_theme('plain');
update_option('permalink_structure', '/%year%/%postname%/');
$id = wp_insert_user(['user_login' => 'zhendi', 'user_pass' => wp_generate_password(24), 'role' => 'editor',
  'user_email' => 'zhendi@example.invalid']);
[$password] = WP_Application_Passwords::create_new_application_password($id, ['name' => 'zhendi']);
echo $password, "\n";
PHP
  local password
  password=$(php -d display_errors=0 "$dir/setup.php" "$site" 2>"$dir/setup.log" | tail -n 1)
  if [ ${#password} -lt 16 ]; then
    cat "$dir/setup.log" >&2
    stop "$dir"
    die "WordPress did not install"
  fi
  (
    cd "$site"
    PHP_CLI_SERVER_WORKERS=4 exec setsid php -d upload_max_filesize=32M -d post_max_size=40M -d display_errors=0 \
      -S "127.0.0.1:$port" -t "$site" "$dir/router.php" >"$dir/web.log" 2>&1 </dev/null
  ) &
  echo $! >"$dir/web.pid"
  for _ in $(seq 100); do
    if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
    sleep 0.1
  done
  trap - ERR
  echo "export ZHENDI_TEST_WORDPRESS=http://127.0.0.1:$port"
  echo "export ZHENDI_TEST_WORDPRESS_USER=zhendi"
  echo "export ZHENDI_TEST_WORDPRESS_PASSWORD='$password'"
  echo "export ZHENDI_TEST_WORDPRESS_DIR=$dir"
}

stop() {
  local dir=${1:-${ZHENDI_TEST_WORDPRESS_DIR:-}}
  [ -n "$dir" ] || die "stop needs the site's directory or ZHENDI_TEST_WORDPRESS_DIR"
  case $dir in */zhendi-wp.*) ;; *) die "$dir holds no site of ours" ;; esac
  # The server has workers of its own; they go with its session.
  if [ -f "$dir/web.pid" ]; then kill -TERM -- "-$(cat "$dir/web.pid")" 2>/dev/null || true; fi
  end "$dir/web.pid"
  end "$dir/db.pid"
  rm -rf "$dir"
}

cd /
case ${1:-} in
  start) start "${2:-}" ;;
  stop) stop "${2:-}" ;;
  *) die "use: scripts/wordpress.sh start [PORT] | stop [DIR]" ;;
esac
