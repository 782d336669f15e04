# What scripts/backup and scripts/restore share. Source it.
# shellcheck shell=bash

# A server that the caller names by PG* variables, else the project's private one.
# shellcheck disable=SC2154 # the caller sets its own folder, "here"
if [ -z "${PGHOST:-}" ] && [ -f "$here/env.sh" ]; then
    # shellcheck source=scripts/env.sh
    source "$here/env.sh"
    # Our own messages say what failed.
    trap - ERR
    pg_start
    ODOO_DATA_DIR=${ODOO_DATA_DIR:-$DATA}
fi
ODOO_DATA_DIR=${ODOO_DATA_DIR:-/var/lib/odoo}
export ODOO_DATA_DIR
umask 077

server_answers() {
    local said
    said=$(psql -XAtq -d postgres -c "SELECT 1" 2>&1) ||
        fail "the database server ${PGHOST:-(default)} can't be used: ${said##*FATAL: }"
}

# check_name NAME: letters, digits, _ and -, so that a name is safe in SQL and in paths.
check_name() {
    [[ $1 =~ ^[A-Za-z0-9][A-Za-z0-9_-]*$ ]] && [ ${#1} -le 40 ] ||
        fail "'$1' is no usable database name (40 letters, digits, _ and -)."
}

database_exists() {
    [ "$(psql -XAtq -d postgres -v name="$1" \
        <<<"SELECT count(*) FROM pg_database WHERE datname = :'name'")" = 1 ]
}
