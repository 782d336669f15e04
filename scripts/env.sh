# Paths, settings and helpers that every script shares. Source it: it starts and changes nothing.
# shellcheck shell=bash
set -euo pipefail
umask 022

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# Everything downloaded or made lives in one git-ignored folder.
mkdir -p "${POWER_LOCAL:-$ROOT/.local}"
LOCAL=$(cd "${POWER_LOCAL:-$ROOT/.local}" && pwd -P)
POWER_DB=${POWER_DB:-power}
POWER_PORT=${POWER_PORT:-8069}
POWER_MODULES=${POWER_MODULES:-power_service_base}
VENV=$LOCAL/venv
LOGS=$LOCAL/log
DATA=$LOCAL/data
export ROOT LOCAL POWER_DB POWER_PORT
export LANG=C.UTF-8 LC_ALL=C.UTF-8 TZ=UTC
mkdir -p "$LOGS" "$DATA" "$LOCAL/stamps"

trap 'printf "Error: %s stopped at line %s.\n" "${BASH_SOURCE[0]}" "$LINENO" >&2' ERR

say() { printf '%s\n' "$*"; }
die() {
    printf 'Error: %s\n' "$*" >&2
    exit 1
}

# as_root COMMAND...: run a command as root, through sudo when needed.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "'$1' needs root: run this as root, or install sudo and allow $(id -un) to use it."
    fi
}

# digest FILE...: one short hash of the files' contents and of the words on standard input.
digest() { cat -- "$@" /dev/stdin </dev/null | sha256sum | cut -c1-16; }

# PostgreSQL: the server named by PGHOST, else a private cluster that only this project's
# socket reaches. Root cannot run PostgreSQL, so there it runs as `postgres`, whose
# files must lie where that user can reach them; a socket's path has at most 107 characters.
if [ -n "${PGHOST:-}" ]; then
    PG_PRIVATE=
else
    PG_PRIVATE=1
    PG_BASE=$LOCAL/postgres
    if [ "$(id -u)" = 0 ]; then
        pg_dir=$LOCAL
        while [ "$pg_dir" != / ]; do
            if [ $((8#$(stat -c %a "$pg_dir") & 1)) = 0 ]; then
                PG_BASE=/var/lib/power-service/$(printf %s "$LOCAL" | sha256sum | cut -c1-8)
                break
            fi
            pg_dir=$(dirname "$pg_dir")
        done
    fi
    PGHOST=$PG_BASE/run
    if [ ${#PGHOST} -gt 80 ]; then
        PGHOST=${TMPDIR:-/tmp}/power-service-$(id -u)-$(printf %s "$LOCAL" | sha256sum | cut -c1-8)
    fi
    export PGHOST PGPORT=5432 PGUSER=odoo
fi
unset PGDATABASE

pg_bin() {
    local bin
    bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
    [ -n "$bin" ] || die "PostgreSQL is not installed: run scripts/setup."
    printf %s "$bin"
}

# as_pg COMMAND...: run a command as the owner of the private cluster.
as_pg() {
    if [ "$(id -u)" = 0 ]; then
        (cd / && runuser -u postgres -- "$@")
    else
        "$@"
    fi
}

# pg_start: make sure that the database server answers.
pg_start() {
    if "$(pg_bin)/pg_isready" -q -t 3; then
        return 0
    fi
    [ -n "$PG_PRIVATE" ] || die "PostgreSQL at $PGHOST does not answer: start it, or unset PGHOST to use a private one."
    exec 8>"$LOCAL/postgres.lock"
    flock 8
    if [ ! -s "$PG_BASE/data/PG_VERSION" ]; then
        rm -rf "$PG_BASE/new" && mkdir -p "$PG_BASE"
        [ "$(id -u)" != 0 ] || chown postgres: "$PG_BASE"
        as_pg "$(pg_bin)/initdb" --no-sync -D "$PG_BASE/new" -U odoo -E UTF8 \
            --locale=C.UTF-8 --auth=trust >"$LOGS/initdb.log" 2>&1 ||
            die "PostgreSQL could not be initialised, see $LOGS/initdb.log"
        as_pg tee -a "$PG_BASE/new/postgresql.conf" >/dev/null <<CONF
# One machine's own server: reached by its socket only.
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = 512MB
work_mem = 16MB
maintenance_work_mem = 256MB
max_wal_size = 4GB
random_page_cost = 1.1
log_min_messages = warning
CONF
        as_pg mv "$PG_BASE/new" "$PG_BASE/data"
    fi
    if ! "$(pg_bin)/pg_isready" -q -t 3; then
        mkdir -p "$PGHOST"
        [ "$(id -u)" != 0 ] || chown postgres: "$PGHOST"
        chmod 700 "$PGHOST"
        as_pg "$(pg_bin)/pg_ctl" -D "$PG_BASE/data" -l "$PG_BASE/postgres.log" -w -t 60 \
            -o "-k '$PGHOST'" start 8>&- 9>&- >/dev/null ||
            die "PostgreSQL did not start, see $PG_BASE/postgres.log"
    fi
    flock -u 8
}

db_exists() { [ -n "$(psql -XAtq -d postgres -c "SELECT 1 FROM pg_database WHERE datname = '$1'")" ]; }

# Addons' fingerprint: a database made from other files is updated or made anew.
addons_digest() {
    (cd "$ROOT" && find addons -type f -not -name '*.pyc' -not -path '*/tests/*' \
        -not -path '*/static/*' -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-12)
}

ADDONS_PATH=$ROOT/addons

# odoo COMMAND...: Odoo with the project's configuration (default: development).
odoo() {
    "$VENV/bin/python" -m odoo "$@"
}

# Options that every Odoo server command takes.
# shellcheck disable=SC2034
ODOO_OPTIONS=(--data-dir="$DATA" --addons-path="$ADDONS_PATH" --db_host="$PGHOST"
    --db_user="${PGUSER:-odoo}" --db_port="${PGPORT:-5432}")
