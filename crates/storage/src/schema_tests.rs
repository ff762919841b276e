//! `schema.rs` is kept by hand: here it is compared with what the migrations really make, on both databases.

use crate::connection::Connection;
use crate::tx::with_conn;
use crate::{DatabaseUrl, migrate};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use std::collections::{BTreeMap, BTreeSet};

/// Table → column → (type, may be null).
type Tables = BTreeMap<String, BTreeMap<String, (String, bool)>>;

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    data_type: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
}

const SQLITE_COLUMNS: &str = "SELECT m.name AS table_name, c.name AS name, c.type AS data_type, \
     c.\"notnull\" = 0 AS nullable FROM sqlite_master m, pragma_table_info(m.name) c \
     WHERE m.type = 'table' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite%'";

const POSTGRES_COLUMNS: &str = "SELECT table_name::text, column_name::text AS name, data_type::text, \
     is_nullable = 'YES' AS nullable FROM information_schema.columns \
     WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'";

/// What `schema.rs` says, in the words of one database.
fn declared(words: &[(&str, &str)]) -> Tables {
    let mut tables = Tables::new();
    let mut table = String::new();
    for line in include_str!("schema.rs").lines().map(str::trim) {
        if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with(") {")) {
            name.clone_into(&mut table);
        } else if let Some((column, kind)) = line.strip_suffix(',').and_then(|line| line.split_once(" -> ")) {
            let inner = kind.strip_prefix("Nullable<").and_then(|kind| kind.strip_suffix('>'));
            let word =
                words.iter().find(|(ours, _)| *ours == inner.unwrap_or(kind)).map(|(_, theirs)| *theirs);
            let word = word.unwrap_or_else(|| panic!("{table}.{column} has the unknown type {kind}"));
            let column = column.trim_start_matches("r#").to_owned();
            tables.entry(table.clone()).or_default().insert(column, (word.to_owned(), inner.is_some()));
        }
    }
    assert!(tables.len() > 20, "schema.rs was not understood");
    tables
}

fn made(url: &DatabaseUrl, query: &str) -> Tables {
    migrate(url).expect("the migrations run");
    let mut connection = Connection::open(url).expect("the database opens");
    let columns: Vec<Column> = connection
        .read(|tx| Ok::<_, crate::StoreError>(with_conn!(tx, |c| diesel::sql_query(query).load(c))?))
        .expect("the catalogue can be read");
    let mut tables = Tables::new();
    for c in columns {
        tables.entry(c.table_name).or_default().insert(c.name, (c.data_type, c.nullable));
    }
    tables
}

#[test]
fn sqlite_has_the_declared_tables() {
    let folder = tempfile::tempdir().unwrap();
    let words = [
        ("Uid", "BLOB"),
        ("Text", "TEXT"),
        ("BigInt", "INTEGER"),
        ("Double", "REAL"),
        ("Bool", "INTEGER"),
        ("Instant", "INTEGER"),
        ("Binary", "BLOB"),
    ];
    assert_eq!(made(&DatabaseUrl::Sqlite(folder.path().join("schema.db")), SQLITE_COLUMNS), declared(&words));
}

#[test]
fn postgres_has_the_declared_tables() {
    let server = std::env::var("TEST_DATABASE_URL")
        .expect("TEST_DATABASE_URL names a PostgreSQL server: run scripts/test.sh, which starts one");
    let url: DatabaseUrl = server.parse().unwrap();
    let mut connection = Connection::open(&url).unwrap();
    let name = format!("schema_{}", std::process::id());
    let mut admin = |sql: String| match &mut connection {
        Connection::Pg(c) => diesel::sql_query(sql).execute(c).unwrap(),
        Connection::Sqlite(_) => panic!("TEST_DATABASE_URL must name PostgreSQL"),
    };
    admin(format!("CREATE DATABASE {name}"));
    let words = [
        ("Uid", "uuid"),
        ("Text", "text"),
        ("BigInt", "bigint"),
        ("Double", "double precision"),
        ("Bool", "boolean"),
        ("Instant", "timestamp with time zone"),
        ("Binary", "bytea"),
    ];
    let (base, parameters) =
        server.split_once('?').map_or((server.as_str(), ""), |(base, rest)| (base, rest));
    let (cluster, _) = base.rsplit_once('/').expect("the URL names a database");
    let own = DatabaseUrl::Postgres(format!("{cluster}/{name}?{parameters}"));
    let made = made(&own, POSTGRES_COLUMNS);
    admin(format!("DROP DATABASE {name}"));
    assert_eq!(made, declared(&words));
}

#[test]
fn both_folders_hold_the_same_migrations() {
    let names = |database: &str| -> BTreeSet<String> {
        let folder = format!("{}/../../migrations/{database}", env!("CARGO_MANIFEST_DIR"));
        let entries = std::fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
    assert!(!names("sqlite").is_empty());
}
