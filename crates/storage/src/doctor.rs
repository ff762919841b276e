//! What the doctor reads to recount what is derived: stretches of tables in the order of their ids, and what they should say.

mod centroids;
mod effects;
mod events;
mod interactions;
mod issues;
mod redirects;
mod references;
mod vectors;
mod whole;

pub use centroids::{centroids, counted_anywhere, counted_in, members};
pub use effects::{EffectSums, remediations, set_effects, stored_effects, sums};
pub use events::{Heads, heads, set_head};
pub use interactions::{Said, Unplaced, said, set_said, unplaced};
pub use issues::{GroupRow, groups, hours, issues, placed};
pub use redirects::{Redirect, redirects, set_redirect};
pub use references::{REFERENCES, Reference, dangling};
pub use vectors::{Lacking, lacking, phrasing_text};
pub use whole::{broken_keys, integrity};

use domain::ProjectId;
use uuid::Uuid;

/// Which rows of a table are looked at.
#[derive(Debug, Clone, Copy)]
pub enum Rows {
    /// So many at the most, the smallest ids first.
    Stretch {
        /// Of this project; none: of all.
        project: Option<ProjectId>,
        /// After this id.
        after: Option<Uuid>,
        /// At the most.
        limit: i64,
    },
    /// One.
    One(Uuid),
}

/// The rows of a table that has an `id` and a `project_id`, or other columns that are these, ready to be loaded.
macro_rules! stretch {
    ($query:expr, $id:expr, $project:expr, $rows:expr) => {{
        let mut query = $query.order($id.asc()).into_boxed();
        match $rows {
            $crate::doctor::Rows::One(id) => query = query.filter($id.eq($crate::Uid(id))),
            $crate::doctor::Rows::Stretch { project, after, limit } => {
                query = query.limit(limit);
                if let Some(project) = project {
                    query = query.filter($project.eq($crate::Uid::from(project)));
                }
                if let Some(after) = after {
                    query = query.filter($id.gt($crate::Uid(after)));
                }
            }
        }
        query
    }};
}
pub(crate) use stretch;
