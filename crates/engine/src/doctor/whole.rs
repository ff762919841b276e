//! The database as a whole: what it says of itself. Its own tools mend it.

use super::difference::{Difference, Outcome};
use crate::Result;
use serde_json::{Value, json};
use storage::Tx;
use storage::doctor::{broken_keys, integrity};

/// Faults that are told.
const MOST: i64 = 20;

pub(super) fn look(tx: &mut Tx<'_>) -> Result<Vec<Difference>> {
    let faults = integrity(tx, MOST)?.into_iter().map(|fault| lost("integrity", json!(fault)));
    let mut told: Vec<Difference> = faults.collect();
    for (child, parent, count) in broken_keys(tx)? {
        told.push(lost(&format!("{child} of {parent}"), json!({ "rows_that_name_nothing": count })));
    }
    Ok(told)
}

fn lost(field: &str, stored: Value) -> Difference {
    let (field, recounted, outcome) = (field.to_owned(), Value::Null, Outcome::Lost);
    Difference { project_id: None, of: "database", id: None, field, stored, recounted, outcome }
}
