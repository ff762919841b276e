//! Issues: counters, hours, impact, status, and whether they have a place among the others.

use super::check::{Check, Looked};
use super::difference::{Difference, Differences, repairable, repaired};
use crate::Result;
use crate::history::event;
use crate::issues::reopen::still_addressed_by;
use crate::issues::settle::needs_answer;
use crate::issues::state::{set_state, state_of};
use crate::issues::{again, word};
use domain::impact::log2_at_epoch;
use domain::issue::{OccurrenceGroup, Tally};
use domain::{
    Actor, Change, EventKind, Hour, IssueId, IssueState, ProjectId, ProjectSettings, Status, Timestamp,
};
use serde_json::json;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use storage::doctor::{self, GroupRow, Rows};
use storage::issues::{self, HourRow, IssueRow};
use storage::{At, Tx, Uid, events, settings};
use uuid::Uuid;

/// Two ways of adding up the same powers differ by rounding, thousands of occurrences on.
const SAME_LOG2: f64 = 1e-6;

/// The check of issues.
pub(super) struct Issues;

/// An issue and everything it is compared with.
struct Recount {
    row: IssueRow,
    hours: Vec<HourRow>,
    tally: Tally,
    state: IssueState,
    impact_log2: f64,
    needs_answer: bool,
    /// Whether a centroid says where it is.
    placed: bool,
}

impl Check for Issues {
    fn what(&self) -> &'static str {
        "issues"
    }

    fn look(&self, tx: &mut Tx<'_>, rows: Rows) -> Result<Looked> {
        let found = doctor::issues(tx, rows)?;
        let ids: Vec<Uuid> = found.iter().map(|row| row.id.0).collect();
        let differ: HashSet<Uuid> = recount(tx, found)?
            .iter()
            .filter(|one| !one.differences().is_empty())
            .map(|one| one.row.id.0)
            .collect();
        Ok(Looked::at(ids.into_iter(), |id| differ.contains(&id)))
    }

    fn differences(&self, tx: &mut Tx<'_>, subject: Uuid) -> Result<Vec<Difference>> {
        let rows = doctor::issues(tx, Rows::One(subject))?;
        Ok(recount(tx, rows)?.iter().flat_map(Recount::differences).collect())
    }

    fn repair(&self, tx: &mut Tx<'_>, subject: Uuid, now: Timestamp) -> Result<Vec<Difference>> {
        let Some(known) = doctor::issues(tx, Rows::One(subject))?.pop() else { return Ok(Vec::new()) };
        let (project, id) = (ProjectId::from(known.project_id), IssueId(subject));
        events::lock_head(tx, project)?;
        issues::lock_centroids_of(tx, project, &[id])?;
        let Some(row) = issues::issue_for_update(tx, project, id)? else { return Ok(Vec::new()) };
        let mut told = Vec::new();
        for one in recount(tx, vec![row])? {
            let differences = one.differences();
            if repairable(&differences) {
                one.write(tx, now)?;
                events::append(tx, project, &[happened(&differences, id, now)])?;
            }
            told.extend(repaired(differences));
        }
        Ok(told)
    }
}

/// The repair of an issue as its history tells it. Other servers learn from it that centroids may have changed.
pub(super) fn happened(differences: &[Difference], issue: IssueId, now: Timestamp) -> events::NewEvent {
    let change = |one: &Difference| Change {
        field: one.field.clone(),
        before: one.stored.clone(),
        after: one.recounted.clone(),
    };
    let changes: Vec<Change> = differences.iter().map(change).collect();
    event(now, Actor::System, EventKind::IssueRepaired, "issue", issue.0, &changes)
}

/// Recounts these issues, but those of deleted projects.
fn recount(tx: &mut Tx<'_>, rows: Vec<IssueRow>) -> Result<Vec<Recount>> {
    let ids: Vec<Uid> = rows.iter().map(|row| row.id).collect();
    let mut groups: HashMap<Uid, Vec<OccurrenceGroup>> = HashMap::new();
    for row in doctor::groups(tx, &ids)? {
        groups.entry(row.issue_id).or_default().extend(group(&row)?);
    }
    let mut hours: HashMap<Uid, Vec<HourRow>> = HashMap::new();
    for row in doctor::hours(tx, &ids)? {
        hours.entry(row.issue_id).or_default().push(row);
    }
    let placed = doctor::placed(tx, &ids)?;
    let mut settings = SettingsOf::default();
    let mut recounted = Vec::new();
    for row in rows {
        let project = ProjectId::from(row.project_id);
        let Some(settings) = settings.of(tx, project)? else { continue };
        let tally = Tally::of(groups.remove(&row.id).unwrap_or_default());
        let stored = state_of(&row)?;
        let nothing_waits = stored.status == Status::Unaddressed && tally.open == 0;
        let by = if nothing_waits { still_addressed_by(tx, project, row.id.into())? } else { None };
        let since = row.updated_at.into();
        recounted.push(Recount {
            hours: hours.remove(&row.id).unwrap_or_default(),
            state: stored.recounted(tally.open, by, settings.reopen_after, since),
            impact_log2: log2_at_epoch(&tally.hours, settings.half_life_days),
            needs_answer: needs_answer(tx, project, row.id.into(), i64::from(tally.blocked))?,
            placed: placed.contains(&row.id),
            tally,
            row,
        });
    }
    Ok(recounted)
}

/// Settings of projects, each read once.
#[derive(Default)]
struct SettingsOf(HashMap<ProjectId, Option<ProjectSettings>>);

impl SettingsOf {
    fn of(&mut self, tx: &mut Tx<'_>, project: ProjectId) -> Result<Option<&ProjectSettings>> {
        let known = match self.0.entry(project) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(settings::of_project(tx, project)?),
        };
        Ok(known.as_ref())
    }
}

fn group(row: &GroupRow) -> Result<Option<OccurrenceGroup>> {
    let (Some(first), Some(last)) = (row.first, row.last) else { return Ok(None) };
    Ok(Some(OccurrenceGroup {
        hour: Hour(row.hour),
        state: word("occurrence state", &row.state)?,
        blocked: row.blocked,
        count: u32::try_from(row.count).unwrap_or(u32::MAX),
        severity_milli: u64::try_from(row.severity_milli).unwrap_or(0),
        first: first.into(),
        last: last.into(),
    }))
}

impl Recount {
    fn differences(&self) -> Vec<Difference> {
        let Self { row, tally, state, .. } = self;
        let mut told = Differences::of("issue", row.id.0, row.project_id.into());
        told.compare("occurrences", row.occurrences, i64::from(tally.occurrences));
        told.compare("open_occurrences", row.open_occurrences, i64::from(tally.open));
        told.compare("protected_occurrences", row.protected_occurrences, i64::from(tally.protected));
        told.compare("blocked_occurrences", row.blocked_occurrences, i64::from(tally.blocked));
        told.compare("uncaught", row.uncaught, i64::from(state.uncaught_since_addressed));
        told.compare("status", row.status.as_str(), state.status.as_str());
        told.compare("needs_answer", row.needs_answer, self.needs_answer);
        if let Some((first, last)) = tally.seen {
            told.compare("first_seen_at", Timestamp::from(row.first_seen_at), first);
            told.compare("last_seen_at", Timestamp::from(row.last_seen_at), last);
        }
        self.compare_hours(&mut told);
        if (row.impact_log2 - self.impact_log2).abs() > SAME_LOG2 {
            told.found("impact_log2", json!(row.impact_log2), json!(self.impact_log2));
        }
        if tally.open > 0 && !self.placed {
            told.found("centroids", json!(0), json!("one or more"));
        }
        told.into_vec()
    }

    /// Open occurrences, their severity and protected ones, hour by hour. An hour without a row is one in which nothing counts.
    fn compare_hours(&self, told: &mut Differences) {
        let mut hours: BTreeMap<i64, [[i64; 3]; 2]> = BTreeMap::new();
        for row in &self.hours {
            hours.entry(row.hour).or_default()[0] =
                [row.open_count, row.open_severity_milli, row.protected_count];
        }
        for count in &self.tally.hours {
            let severity = i64::try_from(count.open_severity_milli).unwrap_or(i64::MAX);
            hours.entry(count.hour.0).or_default()[1] =
                [count.open_count.into(), severity, count.protected_count.into()];
        }
        for (hour, [stored, recounted]) in hours {
            told.compare(&format!("hours/{hour}"), stored, recounted);
        }
    }

    /// Writes what was recounted. The issue and its centroids are locked.
    fn write(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<()> {
        let (project, id) = (ProjectId::from(self.row.project_id), IssueId::from(self.row.id));
        issues::remove_hours(tx, project, id)?;
        issues::insert_hours(tx, project, id)?;
        if self.tally.open > 0 && !self.placed {
            again(tx, project, id, now)?;
        }
        let mut row = self.row.clone();
        set_state(&mut row, &self.state);
        row.occurrences = i64::from(self.tally.occurrences);
        row.protected_occurrences = i64::from(self.tally.protected);
        row.blocked_occurrences = i64::from(self.tally.blocked);
        row.impact_log2 = self.impact_log2;
        row.needs_answer = self.needs_answer;
        if let Some((first, last)) = self.tally.seen {
            (row.first_seen_at, row.last_seen_at) = (At(first), At(last));
        }
        Ok(issues::update_issue(tx, &row)?)
    }
}
