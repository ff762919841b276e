//! Black-box tests: the real server, over HTTP, on SQLite and on PostgreSQL. Run them with `scripts/test.sh`.

#[cfg(test)]
mod contract;
#[cfg(test)]
mod health;
#[cfg(test)]
mod support;
