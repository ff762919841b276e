//! A fresh database for a server, on either engine, gone when the test is over.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::at_exit::AtExit;
use super::builders::unique;

/// Which engine a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// A file in the server's own folder.
    Sqlite,
    /// A database of its own on the cluster of `TEST_DATABASE_URL`.
    Postgres,
}

/// An empty database and a folder for the server that uses it.
pub struct Home {
    /// What the server gets as `EW_DATABASE_URL`.
    pub url: String,
    /// Its working folder; the SQLite file lies in it.
    pub folder: std::path::PathBuf,
    _cleanup: Vec<AtExit>,
}

impl Home {
    pub fn new(database: Database) -> Self {
        let folder = TempDir::with_prefix("expert-workspace-").expect("a temporary folder").keep();
        let path = folder.to_str().expect("a folder name in UTF-8").to_owned();
        let mut cleanup = vec![AtExit::run(r#"rm -rf -- "$1""#, &[&path])];
        let url = match database {
            Database::Sqlite => format!("sqlite://{path}/test.db"),
            Database::Postgres => {
                let name = unique("t").replace('-', "_");
                let cluster = cluster_url();
                psql(&cluster, &format!("CREATE DATABASE {name}"));
                let drop_it = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                cleanup.push(AtExit::run(r#"psql -qX -d "$1" -c "$2""#, &[&cluster, &drop_it]));
                with_database(&cluster, &name)
            }
        };
        Self { url, folder, _cleanup: cleanup }
    }

    /// Whether PostgreSQL takes connections to this database. Where it does not, those that are there end.
    pub fn let_in(&self, whether: bool) {
        let name = self.url.rsplit('/').next().and_then(|rest| rest.split('?').next()).expect("a database");
        psql(&cluster_url(), &format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS {whether}"));
        if !whether {
            let of_it = format!("FROM pg_stat_activity WHERE datname = '{name}'");
            psql(&cluster_url(), &format!("SELECT pg_terminate_backend(pid) {of_it}"));
        }
    }
}

fn cluster_url() -> String {
    std::env::var("TEST_DATABASE_URL").unwrap_or_else(|_| {
        panic!("TEST_DATABASE_URL is not set: run `scripts/test.sh`, which starts a PostgreSQL of its own")
    })
}

/// Runs a statement and returns what it gives, bare.
pub fn psql(url: &str, statement: &str) -> String {
    let output = Command::new("psql")
        .args(["-qXAt", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", statement])
        .output()
        .expect("psql runs: run `scripts/test.sh`, which installs it");
    assert!(output.status.success(), "{statement}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Runs a statement on an SQLite file beside whoever uses it, and returns what it gives as [`psql`] would. Its foreign keys are not looked at.
pub fn sqlite(file: &Path, statement: &str) -> String {
    const SCRIPT: &str = "import sqlite3, sys\n\
        connection = sqlite3.connect(sys.argv[1], timeout=30)\n\
        rows = connection.execute(sys.argv[2]).fetchall()\n\
        connection.commit()\n\
        print('\\n'.join('|'.join('' if cell is None else str(cell) for cell in row) for row in rows))";
    let python = std::env::var_os("EW_TEST_PYTHON").unwrap_or_else(|| "python3".into());
    let output = Command::new(python).args(["-c", SCRIPT]).arg(file).arg(statement).output();
    let output = output.expect("Python runs: run `scripts/test.sh`, which prepares it");
    assert!(output.status.success(), "{statement}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// The same server, user and options, another database.
fn with_database(url: &str, name: &str) -> String {
    let (address, options) = match url.split_once('?') {
        Some((address, options)) => (address, format!("?{options}")),
        None => (url, String::new()),
    };
    let host = address.find("://").map_or(0, |at| at + 3);
    let end = address[host..].find('/').map_or(address.len(), |at| host + at);
    format!("{}/{name}{options}", &address[..end])
}

#[test]
fn another_database_keeps_server_and_options() {
    assert_eq!(with_database("postgres://u:p@h:1/db?a=b", "t"), "postgres://u:p@h:1/t?a=b");
    assert_eq!(with_database("postgres://h", "t"), "postgres://h/t");
}
