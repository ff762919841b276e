//! What only the database can say of itself.

use crate::{StoreError, Tx};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

#[derive(QueryableByName)]
struct Fault {
    #[diesel(sql_type = Text)]
    fault: String,
}

#[derive(QueryableByName)]
struct BrokenKey {
    #[diesel(sql_type = Text)]
    child: String,
    #[diesel(sql_type = Text)]
    parent: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// What is wrong with the file of an SQLite database, `limit` faults at the most: pages, indexes that do not agree with their tables, values
/// twice in a unique index. PostgreSQL has no such question; its constraints hold.
pub fn integrity(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<String>, StoreError> {
    let Tx::Sqlite(c) = tx else { return Ok(Vec::new()) };
    let query = format!("SELECT integrity_check AS fault FROM pragma_integrity_check LIMIT {limit}");
    let faults: Vec<Fault> = diesel::sql_query(query).load(&mut **c)?;
    Ok(faults.into_iter().map(|row| row.fault).filter(|fault| fault != "ok").collect())
}

/// Rows of an SQLite database that break a foreign key: their table, the table they name a row of, how many. Another program may have written
/// them; PostgreSQL lets nobody.
pub fn broken_keys(tx: &mut Tx<'_>) -> Result<Vec<(String, String, i64)>, StoreError> {
    let Tx::Sqlite(c) = tx else { return Ok(Vec::new()) };
    let query =
        "SELECT \"table\" AS child, parent, COUNT(*) AS count FROM pragma_foreign_key_check GROUP BY 1, 2";
    let broken: Vec<BrokenKey> = diesel::sql_query(query).load(&mut **c)?;
    Ok(broken.into_iter().map(|row| (row.child, row.parent, row.count)).collect())
}
