//! A project's own truth: what its experts confirmed and rejected.

use super::readers::{Pair, PairSet};
use crate::{DatabaseUrl, Error, Result};
use domain::Confirmation;
use serde::Deserialize;
use storage::matches::{DecidedRow, decided};
use storage::{Store, organizations, projects};

/// Matches that are read, the newest.
const MOST: i64 = 10_000;

/// The decided matches of a project's answers, as pairs of phrasing and query; each one's source is what it did:
/// `acted`, `suggested` or `shadow`. Word for word the same ones are left out: they say nothing of matching. Nothing is
/// written, and no server need run.
///
/// # Errors
/// The database is not there or not up to date, or has no project of this name.
pub async fn decided_matches(database: DatabaseUrl, name: &str) -> Result<PairSet> {
    let store = Store::open_as_it_is(database, 1).await?;
    let wanted = name.to_owned();
    let rows = store.read(move |tx| {
        let Some((organization, _)) = organizations::oldest_with_admin(tx)? else {
            return Ok::<_, Error>(None);
        };
        let project = projects::by_name(tx, organization, &wanted)?;
        project.map(|project| Ok(decided(tx, project.id.into(), MOST)?)).transpose()
    });
    let rows =
        rows.await?.ok_or_else(|| Error::conflict("no_project", format!("no project is named {name:?}")))?;
    let pairs: Vec<Option<Pair>> = rows.into_iter().map(pair).collect::<Result<_>>()?;
    Ok(PairSet { name: format!("project {name:?}"), pairs: pairs.into_iter().flatten().collect() })
}

/// What is needed of a match's explanation, a `domain::AnswerMatch`.
#[derive(Deserialize)]
struct Explained {
    phrasing: String,
    exact: bool,
}

/// The pair of a match; none where the texts are the same word for word.
fn pair(row: DecidedRow) -> Result<Option<Pair>> {
    let unreadable = |why: String| Error::Internal(format!("a stored match is not readable: {why}"));
    let found: Explained = serde_json::from_str(&row.explanation).map_err(|e| unreadable(e.to_string()))?;
    let said: Confirmation =
        row.confirmation.parse().map_err(|e: domain::UnknownWord| unreadable(e.to_string()))?;
    Ok((!found.exact).then(|| Pair {
        same: said == Confirmation::Confirmed,
        source: row.state,
        known: found.phrasing,
        asked: row.asked,
    }))
}
