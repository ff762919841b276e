#!/usr/bin/env bash
# Builds the server and the load generator, measures, and writes docs/performance.md. Arguments go to `bench all`:
#
#   scripts/bench.sh                                          10,000 and 100,000 interactions
#   scripts/bench.sh --size 1m --keep                         a million; the data are used again next time
#   scripts/bench.sh --size 10k --postgres postgres://…/new   also two servers on this empty database
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --locked --release -p api -p bench
exec "${CARGO_TARGET_DIR:-target}/release/bench" all "$@"
