#!/usr/bin/env bash
# The direction of the crates, and what each may not know (ARCHITECTURE.md): api → engine → {storage, similarity} → domain.
set -euo pipefail
cd "$(dirname "$0")/.."

status=0
# tree CRATE [OPTIONS]: the names of the crates it is built from, with every feature.
tree() { cargo tree --locked --all-features -e normal,build --prefix none -f '{p}' -p "$@" | cut -d' ' -f1 | sort -u; }

# CRATE must not depend, even indirectly, on any of NAMES.
forbid() {
  local crate=$1 names found
  shift
  names=$(tree "$crate")
  for found in "$@"; do
    if grep -qxF "$found" <<<"$names"; then
      echo "$crate must not depend on $found:" >&2
      cargo tree --locked --all-features -e normal,build -p "$crate" -i "$found" 2>/dev/null | head -n 12 >&2
      status=1
    fi
  done
}

# CRATE's own list of dependencies must not name any of NAMES (they may come through another crate).
forbid_direct() {
  local crate=$1 names found
  shift
  names=$(tree "$crate" --depth 1)
  for found in "$@"; do
    if grep -qxF "$found" <<<"$names"; then
      echo "$crate must not name $found in its Cargo.toml" >&2
      status=1
    fi
  done
}

forbid domain similarity storage engine api tokio actix-web diesel
forbid_direct domain rand getrandom
forbid similarity storage engine api tokio actix-web diesel
forbid storage similarity engine api actix-web
forbid engine api actix-web
forbid_direct engine diesel diesel_migrations libsqlite3-sys pq-sys
forbid_direct api diesel diesel_migrations libsqlite3-sys pq-sys storage similarity
# The load generator speaks HTTP, and asks `storage` for the database's own limit: nothing of what it measures is in it.
forbid bench similarity engine api
exit "$status"
