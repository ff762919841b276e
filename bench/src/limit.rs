//! The database's own limit: the rows that the server wrote, written again in batches through `storage` alone.

use std::time::{Duration, Instant};

use domain::{InteractionId, OrganizationId, ProjectId, Timestamp};
use storage::interactions::{self, InteractionListing, InteractionRow, InteractionTextRow};
use storage::organizations::{self, OrganizationRow};
use storage::projects::{self, ProjectRow};
use storage::{DatabaseUrl, Store, StoreError, Tx};

use crate::caller::Failure;

/// Rows in a transaction: what the journal takes at the most, and several times that. The faster of the two counts.
const BATCHES: [usize; 2] = [256, 1024];
/// Rows that are read at once.
const PAGE: i64 = 200;

type Rows = Vec<(InteractionRow, InteractionTextRow)>;

/// The newest interactions of a project, as many as the largest batch has; a list that is too short is repeated.
///
/// # Errors
/// The database cannot be read, or the project has none.
pub async fn rows(database: &str, project: &str) -> Result<Rows, Failure> {
    let store = Store::open_as_it_is(database.parse()?, 1).await?;
    let project: ProjectId = project.parse()?;
    let most = BATCHES[1];
    let rows: Rows = store
        .read(move |tx| {
            let (mut rows, mut listing) =
                (Rows::new(), InteractionListing { limit: PAGE, ..Default::default() });
            while rows.len() < most {
                let page = interactions::list(tx, project, &listing)?.lines;
                let Some(last) = page.last() else { break };
                listing.after = Some((last.row.occurred_at.0, last.row.id.into()));
                let ids: Vec<InteractionId> = page.iter().map(|listed| listed.row.id.into()).collect();
                rows.extend(interactions::many(tx, project, &ids)?);
            }
            Ok::<_, StoreError>(rows)
        })
        .await?;
    let found = rows.len();
    if found == 0 {
        return Err("nothing was recorded".into());
    }
    Ok(rows.into_iter().cycle().take(most.max(found)).collect())
}

/// Rows a second.
///
/// # Errors
/// The database refuses.
pub async fn measure(database: DatabaseUrl, rows: Rows, time: Duration) -> Result<f64, Failure> {
    let store = Store::open(database, 1).await?;
    let project = ProjectId::new(Timestamp::UNIX_EPOCH, [7; 10]);
    store.write(move |tx| home(tx, project)).await?;
    let (mut fastest, mut written) = (0.0_f64, 0);
    for batch in BATCHES {
        let (begun, before) = (Instant::now(), written);
        while begun.elapsed() < time / 2 {
            let (rows, texts) = anew(&rows[..batch], project, written);
            store.write(move |tx| interactions::insert(tx, rows.iter().zip(&texts))).await?;
            written += batch as u64;
        }
        fastest = fastest.max((written - before) as f64 / begun.elapsed().as_secs_f64());
    }
    Ok(fastest)
}

fn home(tx: &mut Tx<'_>, project: ProjectId) -> Result<(), StoreError> {
    let (id, now) = (OrganizationId::new(Timestamp::UNIX_EPOCH, [8; 10]), Timestamp::UNIX_EPOCH.into());
    let organization =
        OrganizationRow { id: id.into(), name: "limit".to_owned(), version: 1, created_at: now };
    organizations::insert(tx, &organization)?;
    let row = ProjectRow {
        id: project.into(),
        organization_id: id.into(),
        name: "limit".to_owned(),
        description: String::new(),
        settings: "{}".to_owned(),
        version: 1,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    };
    projects::insert(tx, &row)
}

/// The same rows under ids and at moments that come after all before, as the server's do.
fn anew(
    rows: &[(InteractionRow, InteractionTextRow)],
    project: ProjectId,
    written: u64,
) -> (Vec<InteractionRow>, Vec<InteractionTextRow>) {
    let place = |number: usize| written + number as u64;
    let at = |number: usize| Timestamp::UNIX_EPOCH.plus_seconds(place(number) as i64);
    let id = |number: usize| InteractionId::new(at(number), [9; 10]).into();
    let narrow = rows.iter().enumerate().map(|(number, (row, _))| InteractionRow {
        id: id(number),
        project_id: project.into(),
        occurred_at: at(number).into(),
        recorded_at: at(number).into(),
        external_id: row.external_id.as_ref().map(|_| place(number).to_string()),
        ..row.clone()
    });
    let wide = rows
        .iter()
        .enumerate()
        .map(|(number, (_, texts))| InteractionTextRow { interaction_id: id(number), ..texts.clone() });
    (narrow.collect(), wide.collect())
}
