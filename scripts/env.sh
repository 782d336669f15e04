# Paths, settings and helpers that every script shares. Source it: it starts nothing, and
# changes nothing but its own folder.
# shellcheck shell=bash
set -euo pipefail
umask 022
trap 'printf "Error: %s stopped at line %s.\n" "${BASH_SOURCE[0]:-bash}" "$LINENO" >&2' ERR

say() { printf '%s\n' "$*"; }
die() {
    trap - ERR
    printf 'Error: %s\n' "$*" >&2
    exit 1
}

export LANG=C.UTF-8 LC_ALL=C.UTF-8 TZ=UTC
# Chinese characters in PDFs: in their Chinese form, where fonts have the Japanese one too.
export FC_LANG=zh-cn
unset PGDATABASE PYTHONPATH PYTHONHOME CDPATH
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
POWER_DB=${POWER_DB:-power}
POWER_PORT=${POWER_PORT:-8069}
POWER_MODULES=${POWER_MODULES:-power_service_base,power_service_tickets}
# Our own databases beside it (power-test, template-power-...) have a hyphen in their
# names: nobody's POWER_DB can be one of them.
[[ $POWER_DB =~ ^[a-z][a-z0-9_]{0,39}$ ]] ||
    die "POWER_DB=$POWER_DB can't be used: lower-case letters, digits and _, 40 at most."
[[ $POWER_PORT =~ ^[1-9][0-9]{1,4}$ ]] || die "POWER_PORT=$POWER_PORT is no port number."

# Everything downloaded or made lies in one git-ignored folder.
LOCAL=${POWER_LOCAL:-$ROOT/.local}
said=$(mkdir -p "$LOCAL" 2>&1) || die "The folder $LOCAL can't be made: ${said##*: }."
LOCAL=$(cd "$LOCAL" && pwd -P)
[ "$(stat -c %u "$LOCAL")" = "$(id -u)" ] ||
    die "$LOCAL belongs to the user $(stat -c %U "$LOCAL"): run this as that user, or remove that folder."
# shellcheck disable=SC2034
VENV=$LOCAL/venv
LOGS=$LOCAL/log
DATA=$LOCAL/data
ADDONS_PATH=$ROOT/addons
# A checkout of Odoo's own sources has most addons beside the folder odoo.
[ ! -d "${ODOO_HOME:-}/addons" ] || ADDONS_PATH=$ODOO_HOME/addons,$ADDONS_PATH
said=$(mkdir -p "$LOGS" "$DATA" "$LOCAL/stamps" 2>&1) ||
    die "The folder $LOCAL can't be written: ${said##*: }."
export ROOT LOCAL POWER_DB POWER_PORT

# PostgreSQL: the server that the caller names by PGHOST, else a private cluster that only
# this project's socket reaches (a script started by another one finds PGHOST set to it).
# Root cannot run PostgreSQL, so there it runs as `postgres`, whose files must lie where
# that user can reach them; a socket's path has at most 107 characters.
PG_BIN=/usr/lib/postgresql/15/bin
if [ -n "${PGHOST:-}" ] && [ "$PGHOST" != "${POWER_PGHOST:-}" ]; then
    PG_PRIVATE=
    export PGPORT=${PGPORT:-5432} PGUSER=${PGUSER:-odoo}
else
    PG_PRIVATE=1
    PG_BASE=$LOCAL/postgres
    if [ "$(id -u)" = 0 ]; then
        folder=$LOCAL
        while [ "$folder" != / ]; do
            if [ $((8#$(stat -c %a "$folder") & 1)) = 0 ] || [ ${#LOCAL} -gt 70 ]; then
                PG_BASE=/var/lib/power-service/$(printf %s "$LOCAL" | sha256sum | cut -c1-8)
                break
            fi
            folder=$(dirname "$folder")
        done
    fi
    PGHOST=$PG_BASE/run
    [ ${#PGHOST} -le 80 ] ||
        PGHOST=/var/tmp/power-service-$(id -u)-$(printf %s "$LOCAL" | sha256sum | cut -c1-8)
    export PGHOST PGPORT=5432 PGUSER=odoo POWER_PGHOST=$PGHOST
fi

# need_root: stop unless this user is root or may use sudo (which may ask for the password).
need_root() {
    [ "$(id -u)" != 0 ] || return 0
    command -v sudo >/dev/null ||
        die "Installing Debian packages needs root: run this as root, or install sudo and let $(id -un) use it."
    sudo -n true 2>/dev/null || { [ -t 0 ] && sudo true; } ||
        die "Installing Debian packages needs root, and sudo refuses $(id -un): run this as root, or as a user of sudo."
}

# as_root COMMAND...: run a command as root.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# as_pg COMMAND...: run a command as the owner of the private cluster.
as_pg() {
    if [ "$(id -u)" = 0 ]; then
        (cd / && runuser -u postgres -- "$@")
    else
        "$@"
    fi
}

# is_process PID WORD...: whether that process runs with all these words among its arguments.
# The id alone says nothing: after a crash it can be another program's.
is_process() {
    local pid=$1 word
    shift
    [[ $pid =~ ^[0-9]+$ ]] || return 1
    for word in "$@"; do
        grep -zqxF -- "$word" "/proc/$pid/cmdline" 2>/dev/null || return 1
    done
}

pg_ready() { "$PG_BIN/pg_isready" -q -t 3 -d postgres; }

# pg_process: print the private server's process id, when it runs.
pg_process() {
    local pid
    pid=$(head -n 1 "$PG_BASE/data/postmaster.pid" 2>/dev/null) || return 1
    is_process "$pid" "$PG_BASE/data" || return 1
    printf %s "$pid"
}

# pg_start: make sure that the database server answers.
pg_start() {
    [ -x "$PG_BIN/pg_isready" ] || die "PostgreSQL is not installed yet: make run does it."
    if [ -z "$PG_PRIVATE" ]; then
        local said
        said=$(psql -XAtq -d postgres -c "SELECT 1 FROM pg_roles
            WHERE rolname = current_user AND (rolcreatedb OR rolsuper)" 2>&1) ||
            die "PostgreSQL at PGHOST=$PGHOST can't be used ($(head -n 1 <<<"${said##*: }")): start it, or unset PGHOST to use a private one."
        [ "$said" = 1 ] || die "PostgreSQL at PGHOST=$PGHOST does not let $PGUSER make databases."
        return 0
    fi
    if [ -e "$LOCAL/stamps/cluster" ] && pg_ready; then
        return 0
    fi
    exec 8>"$LOCAL/postgres.lock"
    flock 8
    # A cluster elsewhere, left by a folder that was removed: its databases lack their files.
    if [ "$PG_BASE" != "$LOCAL/postgres" ] && [ ! -e "$LOCAL/stamps/cluster" ]; then
        ! pg_process >/dev/null || as_pg "$PG_BIN/pg_ctl" -D "$PG_BASE/data" -m immediate stop >/dev/null
        rm -rf "$PG_BASE"
    fi
    touch "$LOCAL/stamps/cluster"
    [ -s "$PG_BASE/data/PG_VERSION" ] || pg_init
    pg_process >/dev/null || pg_launch
    # Another start of it, or the repair after a crash, may still be under way.
    local try
    for try in $(seq 120); do
        ! pg_ready || break
        if [ "$try" = 120 ] || ! pg_process >/dev/null; then
            die "PostgreSQL did not start ($(pg_reason)), see $PG_BASE/postgres.log"
        fi
        sleep 0.5
    done
    exec 8>&-
}

pg_init() {
    rm -rf "$PG_BASE/new" "$PG_BASE/data" && mkdir -p "$PG_BASE"
    [ "$(id -u)" != 0 ] || chown postgres: "$PG_BASE"
    as_pg "$PG_BIN/initdb" --no-sync -D "$PG_BASE/new" -U odoo -E UTF8 \
        --locale=C.UTF-8 --auth=trust >"$LOGS/initdb.log" 2>&1 ||
        die "PostgreSQL could not be initialised, see $LOGS/initdb.log"
    as_pg tee -a "$PG_BASE/new/postgresql.conf" >/dev/null <<'CONF'
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
    # Only a complete cluster gets the name.
    as_pg mv "$PG_BASE/new" "$PG_BASE/data"
}

pg_launch() {
    mkdir -p "$PGHOST"
    [ "$(id -u)" != 0 ] || chown postgres: "$PGHOST"
    chmod 700 "$PGHOST"
    # Left by a server that died; PostgreSQL would believe in any process of that number.
    rm -f "$PG_BASE/data/postmaster.pid"
    as_pg "$PG_BIN/pg_ctl" -D "$PG_BASE/data" -l "$PG_BASE/postgres.log" -w -t 60 \
        -o "-k '$PGHOST'" start 5>&- 6>&- 7>&- 8>&- 9>&- >/dev/null || pg_process >/dev/null ||
        die "PostgreSQL did not start ($(pg_reason)), see $PG_BASE/postgres.log"
}

pg_reason() {
    grep -aE ' (FATAL|PANIC): ' "$PG_BASE/postgres.log" 2>/dev/null | tail -n 1 |
        sed 's/.*\(FATAL\|PANIC\): *//' || true
}

db_exists() { [ -n "$(psql -XAtq -d postgres -c "SELECT 1 FROM pg_database WHERE datname = '$1'")" ]; }

# db_list PATTERN: the names of databases that match a regular expression as a whole.
db_list() { psql -XAtq -d postgres -c "SELECT datname FROM pg_database WHERE datname ~ '^($1)\$' ORDER BY 1"; }

# db_drop NAME...: databases with their files, whether or not they are there.
db_drop() {
    local name
    for name in "$@"; do
        PGOPTIONS='-c client_min_messages=error' dropdb --force --if-exists "$name"
        rm -rf "${DATA:?}/filestore/$name"
    done
}

# db_copy FROM TO: a database with its files (linked: nobody changes a stored file).
db_copy() {
    db_drop "$2"
    createdb -T "$1" "$2"
    [ ! -d "$DATA/filestore/$1" ] || cp -al "$DATA/filestore/$1" "$DATA/filestore/$2"
}

# db_rename FROM TO: the database last, so that its name says that all is there.
db_rename() {
    rm -rf "${DATA:?}/filestore/$2"
    [ ! -d "$DATA/filestore/$1" ] || mv "$DATA/filestore/$1" "$DATA/filestore/$2"
    psql -Xq -d postgres -c "ALTER DATABASE \"$1\" RENAME TO \"$2\""
}

# Addons' fingerprint: a database made from other files is updated or made anew.
addons_digest() {
    (cd "$ROOT" && find addons -mindepth 2 -type f -not -name '*.pyc' -not -path '*/tests/*' \
        -not -path '*/static/*' -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-12)
}

# Options that every Odoo server command takes.
# shellcheck disable=SC2034
ODOO_OPTIONS=(--data-dir="$DATA" --addons-path="$ADDONS_PATH" --db_host="$PGHOST"
    --db_user="$PGUSER" --db_port="$PGPORT")

# write_config FILE [LINE...]: config/test.conf with our paths, for commands that take these
# from a file only.
write_config() {
    local file=$1
    shift
    {
        cat "$ROOT/config/test.conf"
        printf '%s\n' "data_dir = $DATA" "addons_path = $ADDONS_PATH" "db_host = $PGHOST" \
            "db_user = $PGUSER" "db_port = $PGPORT" "$@"
    } >"$file"
}

# odoo_log_is_clean FILE...: whether Odoo logged no warning and no error; shows them.
odoo_log_is_clean() { ! grep -aE ' [0-9]+ (WARNING|ERROR|CRITICAL) ' "$@" >&2; }

# server_process PORT: print the id of this project's server there, when it runs.
server_process() {
    local pid
    pid=$(cat "$LOCAL/odoo-$1.pid" 2>/dev/null) || return 1
    is_process "$pid" "--http-port=$1" "--data-dir=$DATA" || return 1
    printf %s "$pid"
}
