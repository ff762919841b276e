//! What each expert contributed.

use crate::Result;
use crate::history::read_actor;
use domain::{Actor, ProjectId, Timestamp, UserId};
use serde::Serialize;
use std::collections::HashMap;
use std::ops::Range;
use storage::{Tx, experts, users};
use utoipa::ToSchema;

/// What one person contributed. What services did by access keys is nobody's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExpertWork {
    /// Who.
    pub user_id: UserId,
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// Published answers whose words they wrote.
    pub answers: i64,
    /// Reviews they made.
    pub reviews: i64,
}

/// What people contributed in a stretch of time and is still there, the one who did most first.
pub(super) fn read(
    tx: &mut Tx<'_>,
    project: ProjectId,
    stretch: &Range<Timestamp>,
) -> Result<Vec<ExpertWork>> {
    let mut done: HashMap<UserId, [i64; 2]> = HashMap::new();
    let answers = experts::answers_by_author(tx, project, stretch)?;
    let reviews = experts::reviews_by_author(tx, project, stretch)?;
    for (kind, counts) in [answers, reviews].into_iter().enumerate() {
        for (actor, count) in counts {
            if let Actor::User(user) = read_actor(&actor)? {
                done.entry(user).or_default()[kind] += count;
            }
        }
    }
    let ids: Vec<UserId> = done.keys().copied().collect();
    let work = users::many(tx, &ids)?.into_iter().map(|user| {
        let [answers, reviews] = done[&user.id.into()];
        ExpertWork { user_id: user.id.into(), name: user.name, email: user.email, answers, reviews }
    });
    let mut work: Vec<ExpertWork> = work.collect();
    work.sort_by_key(|work| (std::cmp::Reverse(work.answers + work.reviews), work.user_id));
    Ok(work)
}
