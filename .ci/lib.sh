# shellcheck shell=bash
# What several steps need. Sourced, from the root of the checkout.

export EPOS_CONTRACT_DIR=${EPOS_CONTRACT_DIR:-$(cd .. && pwd)/shared/contract}

fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# The files that git would commit, as they are now, so that a step can be tried before a commit.
copy_checkout() {
    mkdir -p "$1"
    git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
        if [ -e "$file" ]; then printf '%s\0' "$file"; fi
    done | tar --create --null --no-recursion --files-from=- | tar --extract --no-same-owner --directory="$1"
}

# Below those that the system gives to clients: until it is used, nobody takes it by chance.
free_port() {
    python3 - <<'PYTHON'
import random, socket

while True:
    port = random.SystemRandom().randrange(10_000, 30_000)
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            continue
    print(port)
    break
PYTHON
}

# Where throwaway databases are fastest: in memory, if there is room for them and much to spare.
fastest_folder() {
    local free
    free=$(df --output=avail --block-size=G /dev/shm 2>/dev/null | tail -n 1 | tr -dc 0-9)
    if [ "${free:-0}" -gt 8 ]; then echo /dev/shm; else echo "${TMPDIR:-/tmp}"; fi
}

# wait_for SECONDS COMMAND...: until it succeeds, or fail.
wait_for() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.2
    done
}

# processes_below FOLDER: what runs with its working directory there; PostgreSQL's processes stay in their data folder.
processes_below() {
    local process
    for process in /proc/[0-9]*; do
        case $(readlink "$process/cwd" || true) in
            "$1"*) ps -o pid=,user=,args= -p "${process#/proc/}" || true ;;
        esac
    done 2>/dev/null
}

# A throwaway cluster of Debian's PostgreSQL 15, as user postgres, on a free loopback port.
# Sets EPOS_DATABASE_URL and PGPASSWORD; stop_postgresql_15 removes it.
start_postgresql_15() {
    local bin=/usr/lib/postgresql/15/bin port
    port=$(free_port)
    PGPASSWORD=$(python3 -c 'import secrets; print(secrets.token_hex(16))')
    export PGPASSWORD
    cluster=$(mktemp -d)
    printf '%s\n' "$PGPASSWORD" >"$cluster/password"
    chown -R postgres: "$cluster"
    as_postgres "$bin/initdb" --pgdata="$cluster/data" --username=postgres --auth=scram-sha-256 \
        --pwfile="$cluster/password" --encoding=UTF8 --locale=C.UTF-8 >/dev/null
    as_postgres "$bin/pg_ctl" --pgdata="$cluster/data" --log="$cluster/log" --wait start \
        --options="-c listen_addresses=127.0.0.1 -c port=$port -c max_connections=200 -c unix_socket_directories=$cluster" \
        >/dev/null || { cat "$cluster/log" >&2; return 1; }
    export EPOS_DATABASE_URL="postgresql://postgres:$PGPASSWORD@127.0.0.1:$port/postgres"
}

stop_postgresql_15() {
    if [ -n "${cluster:-}" ]; then
        as_postgres /usr/lib/postgresql/15/bin/pg_ctl --pgdata="$cluster/data" --mode=immediate stop >/dev/null || true
        rm -rf "$cluster"
    fi
}

as_postgres() {
    (cd / && setpriv --reuid=postgres --regid=postgres --init-groups "$@")
}
