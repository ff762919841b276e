#!/usr/bin/env bash
# Builds the server and runs every test, on SQLite and on PostgreSQL. Arguments go to `cargo test`:
#
#   scripts/test.sh                     everything
#   scripts/test.sh -p tests health     the black-box tests whose name contains "health"
#
# The clients in people's code are real ones from PyPI, in a virtual environment under target/ (Python 3.9 or newer).
# PostgreSQL: the cluster of TEST_DATABASE_URL (a role that may create databases), else a throw-away one started
# here as a user without privileges. Where PostgreSQL is not installed it is installed (Debian, Ubuntu); where that
# is impossible the tests fail: none is skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

die() { echo "scripts/test.sh: $*" >&2; exit 1; }

# PostgreSQL's programs, newest version first, wherever distributions put them.
find_program() {
  command -v "$1" && return
  ls -d /usr/lib/postgresql/*/bin/"$1" /usr/pgsql-*/bin/"$1" /opt/homebrew/opt/postgresql*/bin/"$1" \
    /usr/local/opt/postgresql*/bin/"$1" 2>/dev/null | sort -V | tail -n 1 | grep .
}

# Installs Debian packages, as root.
install_packages() {
  local sudo=()
  command -v apt-get >/dev/null || die "$* is not installed and there is no apt-get: install it"
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || die "$* is not installed and installing it takes root: install it"
    sudo=(sudo)
  fi
  echo "Installing $* for the tests" >&2
  { "${sudo[@]}" apt-get update -qq &&
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } >&2 ||
    die "$* could not be installed"
}

install_postgres() {
  local sudo=()
  [ "$(id -u)" = 0 ] || sudo=(sudo)
  # Only the programs are wanted: keep Debian from making and starting a cluster of its own.
  local conf=/etc/postgresql-common/createcluster.d/expert-workspace-tests.conf
  if command -v apt-get >/dev/null; then
    "${sudo[@]}" mkdir -p "$(dirname "$conf")"
    echo "create_main_cluster = false" | "${sudo[@]}" tee "$conf" >/dev/null
  fi
  (install_packages "$@") || { "${sudo[@]}" rm -f "$conf"; die "install PostgreSQL, or set TEST_DATABASE_URL"; }
  "${sudo[@]}" rm -f "$conf"
}

# Runs a command as the user PostgreSQL runs as: it refuses root.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then (cd / && runuser -u "$cluster_user" -- "$@"); else "$@"; fi
}

start_cluster() {
  find_program initdb >/dev/null && find_program psql >/dev/null || install_postgres postgresql
  local initdb postgres
  initdb=$(find_program initdb) && postgres=$(find_program postgres) || die "initdb or postgres not found after installing PostgreSQL"
  PATH="$(dirname "$(find_program psql)"):$PATH"

  cluster_user=$(id -un)
  if [ "$(id -u)" = 0 ]; then
    cluster_user=postgres
    id "$cluster_user" >/dev/null 2>&1 || useradd --system --no-create-home --shell /usr/sbin/nologin "$cluster_user"
  fi
  cluster=$(mktemp -d "${TMPDIR:-/tmp}/expert-workspace-postgres.XXXXXX")
  chmod 755 "$cluster"
  mkdir "$cluster/data"
  [ "$(id -u)" != 0 ] || chown "$cluster_user" "$cluster" "$cluster/data"
  as_postgres "$initdb" -D "$cluster/data" -U postgres --auth=trust --encoding=UTF8 --locale=C --no-sync \
    >"$cluster/initdb.log" 2>&1 || { cat "$cluster/initdb.log" >&2; die "initdb failed"; }

  # Nothing here outlives the tests, so nothing need reach the disk.
  local attempt
  for attempt in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 20000))
    as_postgres "$postgres" -D "$cluster/data" -p "$port" -k "$cluster" -c listen_addresses=127.0.0.1 \
      -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200 \
      </dev/null >"$cluster/postgres.log" 2>&1 &
    cluster_job=$!
    for _ in $(seq 300); do
      psql -qXAt -h 127.0.0.1 -p "$port" -U postgres -d postgres -c 'SELECT 1' >/dev/null 2>&1 && break 2
      kill -0 "$cluster_job" 2>/dev/null || break
      sleep 0.1
    done
    echo "scripts/test.sh: PostgreSQL did not start on port $port (attempt $attempt)" >&2
  done
  kill -0 "$cluster_job" 2>/dev/null || { cat "$cluster/postgres.log" >&2; die "PostgreSQL did not start"; }
  export TEST_DATABASE_URL="postgres://postgres@127.0.0.1:$port/postgres"
}

# A virtual environment with the packages of tests/clients/requirements.txt, made again when these change.
prepare_clients() {
  local environment=$PWD/target/clients wanted=tests/clients/requirements.txt
  if ! cmp -s "$wanted" "$environment/installed.txt"; then
    command -v python3 >/dev/null || install_packages python3
    rm -rf -- "$environment"
    python3 -m venv "$environment" 2>/dev/null ||
      { install_packages python3-venv && python3 -m venv --clear "$environment"; } || die "python3 makes no virtual environment"
    "$environment/bin/pip" install --quiet --disable-pip-version-check -r "$wanted" >&2 ||
      die "the packages of $wanted could not be installed"
    cp "$wanted" "$environment/installed.txt"
  fi
  export EW_TEST_PYTHON="$environment/bin/python"
}

cluster= cluster_job= scratch=
clean_up() {
  local status=$?
  trap - EXIT
  trap '' INT TERM HUP
  set +e
  if [ -n "$cluster_job" ]; then
    # SIGINT is PostgreSQL's fast shutdown; the first process of its data folder is the one to tell.
    local postmaster
    postmaster=$(head -n 1 "$cluster/data/postmaster.pid" 2>/dev/null) && kill -INT "$postmaster" 2>/dev/null
    wait "$cluster_job" 2>/dev/null
  fi
  [ -z "$cluster" ] || rm -rf -- "$cluster"
  [ -z "$scratch" ] || rm -rf -- "$scratch"
  exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

if [ -z "${TEST_DATABASE_URL:-}" ]; then
  start_cluster
elif ! find_program psql >/dev/null; then
  install_postgres postgresql-client
fi
PATH="$(dirname "$(find_program psql)"):$PATH"
prepare_clients
scratch=$(mktemp -d "${TMPDIR:-/tmp}/expert-workspace-tests.XXXXXX")

# One build for the server and the tests: the same features, so nothing is compiled twice. Of the black-box tests alone
# the crates' own tests are left out, which would compile every crate once more.
case "${1:-} ${2:-}" in
  "-p tests") cargo build --locked --workspace --bins --test it ;;
  *) cargo build --locked --workspace --bins --tests ;;
esac
[ $# -gt 0 ] || set -- --workspace
# The tests mostly wait for servers, so a few more than cores; not many more, each server holds connections.
threads=$(($(nproc 2>/dev/null || echo 2) * 2))
export RUST_TEST_THREADS="${RUST_TEST_THREADS:-$((threads < 8 ? threads : 8))}"
TMPDIR=$scratch cargo test --locked "$@"
