//! Phrasings: the questions an answer responds to.

use crate::columns::{At, Uid};
use crate::schema::{answers, matches, phrasings};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{AnswerId, AnswerStatus, PhrasingId, ProjectId, Timestamp};

/// Ids bound to one statement at the most.
const CHUNK: usize = 500;

/// One phrasing. Neither confirmed nor rejected: proposed.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = phrasings, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct PhrasingRow {
    /// Id.
    pub id: Uid,
    /// Whose.
    pub project_id: Uid,
    /// Of which answer.
    pub answer_id: Uid,
    /// The question.
    pub text: String,
    /// Digest of the question as exact matching reads it; unique within the answer.
    pub text_digest: Vec<u8>,
    /// Where it came from, a word of `domain::PhrasingSource`.
    pub source: String,
    /// The issue it came from.
    pub issue_id: Option<Uid>,
    /// The interaction whose query it is.
    pub interaction_id: Option<Uid>,
    /// Since when it may serve.
    pub confirmed_at: Option<At>,
    /// Who said so, as `domain::Actor` writes itself.
    pub confirmed_by: Option<String>,
    /// Since when it may not.
    pub rejected_at: Option<At>,
    /// Who said so, as `domain::Actor` writes itself.
    pub rejected_by: Option<String>,
    /// When it was proposed or written.
    pub created_at: At,
    /// JSON: the decision before an expert decided on a match of the same question. None: no match decides it.
    pub before_match: Option<String>,
    /// It was the answer's own question until a better one replaced it: it is rejected because it was worded worse, and
    /// means the same.
    pub gave_way: bool,
}

/// Stores a new phrasing; the answer must not have one of the same digest.
pub fn insert(tx: &mut Tx<'_>, row: &PhrasingRow) -> Result<(), StoreError> {
    with_conn!(tx, |c| diesel::insert_into(phrasings::table).values(row).execute(c))?;
    Ok(())
}

/// The phrasings of these answers, each answer's oldest first.
pub fn of_answers(
    tx: &mut Tx<'_>,
    project: ProjectId,
    answers: &[AnswerId],
) -> Result<Vec<PhrasingRow>, StoreError> {
    let mut found = Vec::new();
    for chunk in answers.chunks(CHUNK) {
        let ids: Vec<Uid> = chunk.iter().map(|&id| id.into()).collect();
        let query = phrasings::table
            .filter(phrasings::project_id.eq(Uid::from(project)))
            .filter(phrasings::answer_id.eq_any(ids))
            .order((phrasings::answer_id.asc(), phrasings::created_at.asc(), phrasings::id.asc()));
        let rows: Vec<PhrasingRow> = with_conn!(tx, |c| query.select(PhrasingRow::as_select()).load(c))?;
        found.extend(rows);
    }
    Ok(found)
}

/// The confirmed phrasings of the project's active answers, oldest first. `only`: of these answers, as many as a statement takes.
pub fn serving(
    tx: &mut Tx<'_>,
    project: ProjectId,
    only: Option<&[AnswerId]>,
) -> Result<Vec<PhrasingRow>, StoreError> {
    of_active_answers(tx, project, Side::Confirmed, only)
}

/// The questions that an expert said the project's active answers do not respond to, oldest first. An own question that
/// gave way to a better one is not among them. `only`: of these answers, as many as a statement takes.
pub fn rejected(
    tx: &mut Tx<'_>,
    project: ProjectId,
    only: Option<&[AnswerId]>,
) -> Result<Vec<PhrasingRow>, StoreError> {
    of_active_answers(tx, project, Side::Rejected, only)
}

/// How an expert decided on a phrasing.
enum Side {
    Confirmed,
    Rejected,
}

fn of_active_answers(
    tx: &mut Tx<'_>,
    project: ProjectId,
    side: Side,
    only: Option<&[AnswerId]>,
) -> Result<Vec<PhrasingRow>, StoreError> {
    Ok(with_conn!(tx, |c| {
        let query = phrasings::table
            .inner_join(answers::table.on(answers::id.eq(phrasings::answer_id)))
            .filter(phrasings::project_id.eq(Uid::from(project)))
            .filter(answers::status.eq(AnswerStatus::Active.as_str()).and(answers::deleted_at.is_null()))
            .order((phrasings::answer_id.asc(), phrasings::id.asc()))
            .select(PhrasingRow::as_select())
            .into_boxed();
        let mut query = match side {
            Side::Confirmed => query.filter(phrasings::confirmed_at.is_not_null()),
            Side::Rejected => {
                query.filter(phrasings::rejected_at.is_not_null().and(phrasings::gave_way.eq(false)))
            }
        };
        if let Some(only) = only {
            query = query.filter(phrasings::answer_id.eq_any(only.iter().map(|&id| Uid::from(id))));
        }
        query.load(c)
    })?)
}

/// One phrasing of this project.
pub fn get(tx: &mut Tx<'_>, project: ProjectId, id: PhrasingId) -> Result<Option<PhrasingRow>, StoreError> {
    let query = phrasings::table
        .filter(phrasings::project_id.eq(Uid::from(project)).and(phrasings::id.eq(Uid::from(id))));
    Ok(with_conn!(tx, |c| query.select(PhrasingRow::as_select()).get_result(c).optional())?)
}

/// The phrasing of an answer that is this very question.
pub fn of_text(
    tx: &mut Tx<'_>,
    project: ProjectId,
    answer: AnswerId,
    text_digest: &[u8],
) -> Result<Option<PhrasingRow>, StoreError> {
    let query = phrasings::table
        .filter(phrasings::project_id.eq(Uid::from(project)))
        .filter(phrasings::answer_id.eq(Uid::from(answer)).and(phrasings::text_digest.eq(text_digest)));
    Ok(with_conn!(tx, |c| query.select(PhrasingRow::as_select()).get_result(c).optional())?)
}

/// Writes the decision on a phrasing back, with what it was before a match decided it; the project's head is locked since
/// it was read.
pub fn set_decision(tx: &mut Tx<'_>, row: &PhrasingRow) -> Result<(), StoreError> {
    let found =
        phrasings::table.filter(phrasings::project_id.eq(row.project_id).and(phrasings::id.eq(row.id)));
    let decision = (
        phrasings::confirmed_at.eq(row.confirmed_at),
        phrasings::confirmed_by.eq(&row.confirmed_by),
        phrasings::rejected_at.eq(row.rejected_at),
        phrasings::rejected_by.eq(&row.rejected_by),
        phrasings::before_match.eq(&row.before_match),
        phrasings::gave_way.eq(row.gave_way),
    );
    with_conn!(tx, |c| diesel::update(found).set(decision).execute(c))?;
    Ok(())
}

/// Lets these phrasings of an answer serve, whatever matches say. `by`: as `domain::Actor` writes itself.
pub fn confirm(
    tx: &mut Tx<'_>,
    project: ProjectId,
    ids: &[PhrasingId],
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    decide(tx, project, ids, Said { confirmed: Some((at, by)), rejected: None, gave_way: false })
}

/// Keeps these phrasings of an answer from serving, whatever matches say. `by`: as `domain::Actor` writes itself.
pub fn reject(
    tx: &mut Tx<'_>,
    project: ProjectId,
    ids: &[PhrasingId],
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    decide(tx, project, ids, Said { confirmed: None, rejected: Some((at, by)), gave_way: false })
}

/// The same for own questions that a better one replaces: nobody says that the answer does not respond to them.
pub fn give_way(
    tx: &mut Tx<'_>,
    project: ProjectId,
    ids: &[PhrasingId],
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    decide(tx, project, ids, Said { confirmed: None, rejected: Some((at, by)), gave_way: true })
}

/// What an expert says of a phrasing itself.
#[derive(Clone, Copy)]
struct Said<'a> {
    confirmed: Option<(Timestamp, &'a str)>,
    rejected: Option<(Timestamp, &'a str)>,
    gave_way: bool,
}

/// It stands: no match that was decided before decides these phrasings any more.
fn decide(tx: &mut Tx<'_>, project: ProjectId, ids: &[PhrasingId], said: Said<'_>) -> Result<(), StoreError> {
    let (confirmed_at, confirmed_by) = said.confirmed.unzip();
    let (rejected_at, rejected_by) = said.rejected.unzip();
    for chunk in ids.chunks(CHUNK) {
        let ids: Vec<Uid> = chunk.iter().map(|&id| id.into()).collect();
        let these = phrasings::table
            .filter(phrasings::project_id.eq(Uid::from(project)))
            .filter(phrasings::id.eq_any(ids.clone()));
        let decision = (
            phrasings::confirmed_at.eq(confirmed_at.map(At)),
            phrasings::confirmed_by.eq(confirmed_by),
            phrasings::rejected_at.eq(rejected_at.map(At)),
            phrasings::rejected_by.eq(rejected_by),
            phrasings::before_match.eq(None::<String>),
            phrasings::gave_way.eq(said.gave_way),
        );
        with_conn!(tx, |c| diesel::update(these).set(decision).execute(c))?;
        let deciding = matches::table
            .filter(matches::project_id.eq(Uid::from(project)))
            .filter(matches::decided_phrasing_id.eq_any(ids.into_iter().map(Some)));
        let none = matches::decided_phrasing_id.eq(None::<Uid>);
        with_conn!(tx, |c| diesel::update(deciding).set(none).execute(c))?;
    }
    Ok(())
}
