//! Settling and reopening in any order keep hours, counters, impact and status in step with the occurrences.

use super::reopen::{Reopening, reopen};
use super::settle::{SettledBy, Settling, Which, hour_counts, settle};
use crate::Result;
use domain::impact::{HourCount, NO_IMPACT, log2_at_epoch};
use domain::{Actor, AnswerId, Hour, InteractionId, IssueId, ProjectId, ReviewId, Timestamp};
use proptest::prelude::*;
use std::collections::BTreeMap;
use storage::interactions::{InteractionRow, InteractionTextRow};
use storage::issues::{self, HourDelta, IssueRow, OccurrenceRow};
use storage::organizations::OrganizationRow;
use storage::projects::ProjectRow;
use storage::{At, DatabaseUrl, Store, Tx, Uid};
use uuid::Uuid;

const HALF_LIFE: f64 = 14.0;
const OCCURRENCES: usize = 6;

/// One act on the issue: which remediation, and what it does to which occurrences.
#[derive(Debug, Clone)]
enum Act {
    SettleAll(u8),
    SettleSome(u8, Vec<bool>),
    Reopen(u8),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        (0_u8..3).prop_map(Act::SettleAll),
        (0_u8..3, prop::collection::vec(any::<bool>(), OCCURRENCES))
            .prop_map(|(by, which)| Act::SettleSome(by, which)),
        (0_u8..2).prop_map(Act::Reopen),
    ];
    prop::collection::vec(act, 0..8)
}

/// Remediations 0 (an answer) and 1 (a review) can be taken back; 2 is a hand.
fn by(number: u8) -> SettledBy {
    match number {
        0 => SettledBy::Answer(AnswerId(Uuid::from_u128(100))),
        1 => SettledBy::Review(ReviewId(Uuid::from_u128(101))),
        _ => SettledBy::Hand,
    }
}

fn moment(hours: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH.plus_days(20_000).plus_seconds(hours * 3600)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn everything_follows_from_the_occurrences(acts in acts(), spread in prop::collection::vec((0_i64..400, 50_i64..=1000, any::<bool>()), OCCURRENCES)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("test.db"));
        runtime.block_on(async {
            let store = Store::open(url, 1).await.unwrap();
            store.write(move |tx| -> Result<()> {
                let (project, issue) = prepare(tx, &spread)?;
                let before = (issues::issue(tx, project, issue)?.unwrap(), issues::hours(tx, issue)?);
                for act in &acts {
                    perform(tx, project, issue, act)?;
                    check(tx, project, issue)?;
                }
                if acts.iter().all(|act| !matches!(act, Act::SettleAll(2) | Act::SettleSome(2, _))) {
                    perform(tx, project, issue, &Act::Reopen(0))?;
                    perform(tx, project, issue, &Act::Reopen(1))?;
                    let after = issues::issue(tx, project, issue)?.unwrap();
                    assert_eq!(issues::hours(tx, issue)?, before.1);
                    let counters = |row: &IssueRow| (row.status.clone(), row.open_occurrences, row.blocked_occurrences, row.needs_answer);
                    assert_eq!(counters(&after), counters(&before.0));
                    assert_eq!((after.addressed_at, after.addressed_by), (None, None));
                }
                Ok(())
            }).await.unwrap();
        });
    }
}

fn perform(tx: &mut Tx<'_>, project: ProjectId, issue: IssueId, act: &Act) -> Result<()> {
    let (actor, now, half_life_days) = (Actor::System, moment(500), HALF_LIFE);
    match act {
        Act::SettleAll(number) => {
            let which = Which::Issues(&[issue], None);
            settle(tx, &Settling { project, which, by: by(*number), actor, now, half_life_days })?;
        }
        Act::SettleSome(number, chosen) => {
            let ids: Vec<InteractionId> = (0..OCCURRENCES)
                .filter(|i| chosen[*i])
                .map(|i| InteractionId(Uuid::from_u128(10 + i as u128)))
                .collect();
            let which = Which::Interactions(&ids);
            settle(tx, &Settling { project, which, by: by(*number), actor, now, half_life_days })?;
        }
        Act::Reopen(number) => {
            let remediation = Uuid::from_u128(100 + u128::from(*number));
            reopen(
                tx,
                &Reopening { project, remediation, applying: None, heirs: &[], actor, now, half_life_days },
            )?;
        }
    }
    Ok(())
}

fn check(tx: &mut Tx<'_>, project: ProjectId, issue: IssueId) -> Result<()> {
    let row = issues::issue(tx, project, issue)?.unwrap();
    let open = issues::open_occurrences(tx, project, issue)?;
    let mut expected: BTreeMap<i64, (u32, u64)> = BTreeMap::new();
    for occurrence in &open {
        let (count, severity) = expected.entry(occurrence.hour).or_default();
        *count += 1;
        *severity += occurrence.severity_milli as u64;
    }
    let hours: Vec<HourCount> = hour_counts(&issues::hours(tx, issue)?);
    for hour in &hours {
        let (count, severity) = expected.remove(&hour.hour.0).unwrap_or_default();
        assert_eq!((hour.open_count, hour.open_severity_milli), (count, severity));
    }
    assert!(expected.is_empty());
    assert_eq!(row.open_occurrences, open.len() as i64);
    assert_eq!(row.blocked_occurrences, open.iter().filter(|occurrence| occurrence.blocked).count() as i64);
    assert_eq!(row.impact_log2.to_bits(), log2_at_epoch(&hours, HALF_LIFE).to_bits());
    assert_eq!(row.status, if open.is_empty() { "addressed" } else { "unaddressed" });
    assert_eq!(row.addressed_at.is_some(), open.is_empty());
    let shown = issues::occurrences_of(tx, project, &[row.interaction_id.into()])?;
    assert!(open.is_empty() || shown[0].state == "open", "it is shown by one that still waits");
    Ok(())
}

fn prepare(tx: &mut Tx<'_>, spread: &[(i64, i64, bool)]) -> Result<(ProjectId, IssueId)> {
    let now = At(moment(0));
    let (organization, project, issue) =
        (Uid(Uuid::from_u128(1)), ProjectId(Uuid::from_u128(2)), IssueId(Uuid::from_u128(3)));
    let organization_row =
        OrganizationRow { id: organization, name: "o".into(), version: 1, created_at: now };
    storage::organizations::insert(tx, &organization_row)?;
    let project_row = ProjectRow {
        id: project.into(),
        organization_id: organization,
        name: "p".into(),
        description: String::new(),
        settings: "{}".into(),
        version: 1,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    };
    storage::projects::insert(tx, &project_row)?;
    storage::events::create_head(tx, project)?;
    issues::insert_issue(tx, &issue_row(project, issue, spread))?;
    for (i, (hours, severity_milli, blocked)) in spread.iter().enumerate() {
        let id = Uid(Uuid::from_u128(10 + i as u128));
        let at = moment(*hours);
        let (row, texts) = (interaction(project, id, at), texts(id));
        storage::interactions::insert(tx, std::iter::once((&row, &texts)))?;
        issues::insert_occurrence(tx, &occurrence(project, issue, id, at, *severity_milli, *blocked))?;
        let delta = HourDelta {
            hour: at.hour().0,
            open_count: 1,
            open_severity_milli: *severity_milli,
            protected_count: 0,
        };
        issues::add_to_hour(tx, project, issue, delta)?;
    }
    let hours = hour_counts(&issues::hours(tx, issue)?);
    let row = IssueRow { impact_log2: log2_at_epoch(&hours, HALF_LIFE), ..issue_row(project, issue, spread) };
    issues::update_issue(tx, &row)?;
    Ok((project, issue))
}

fn issue_row(project: ProjectId, issue: IssueId, spread: &[(i64, i64, bool)]) -> IssueRow {
    let blocked = spread.iter().filter(|(_, _, blocked)| *blocked).count() as i64;
    let now = At(moment(0));
    IssueRow {
        id: issue.into(),
        project_id: project.into(),
        interaction_id: Uid(Uuid::from_u128(10)),
        query: "q".into(),
        response_excerpt: "r".into(),
        problem: "hallucination".into(),
        status: "unaddressed".into(),
        occurrences: OCCURRENCES as i64,
        open_occurrences: OCCURRENCES as i64,
        protected_occurrences: 0,
        blocked_occurrences: blocked,
        uncaught: 0,
        impact_log2: NO_IMPACT,
        needs_answer: blocked > 0,
        touched: false,
        first_seen_at: now,
        last_seen_at: now,
        addressed_at: None,
        addressed_by: None,
        regressed_at: None,
        dismissed_at: None,
        snoozed_until: None,
        assignee_id: None,
        claimed_until: None,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

fn occurrence(
    project: ProjectId,
    issue: IssueId,
    id: Uid,
    at: Timestamp,
    severity_milli: i64,
    blocked: bool,
) -> OccurrenceRow {
    let Hour(hour) = at.hour();
    OccurrenceRow {
        interaction_id: id,
        project_id: project.into(),
        issue_id: issue.into(),
        state: "open".into(),
        caught_by_kind: None,
        caught_by_id: None,
        settled_by_kind: None,
        settled_by_id: None,
        blocked,
        problem: "hallucination".into(),
        severity_milli,
        occurred_at: At(at),
        hour,
        question_digest: vec![0; 16],
        response_digest: vec![0; 16],
        centroid_id: None,
        similarity: None,
        joined_at: At(at),
        origin: "joined".into(),
        width: None,
        grouped_by: "question".into(),
        moved: None,
        moved_from: None,
        moved_by: None,
        moved_at: None,
        compared: "meaning".into(),
        home_issue_id: None,
    }
}

fn interaction(project: ProjectId, id: Uid, at: Timestamp) -> InteractionRow {
    InteractionRow {
        id,
        project_id: project.into(),
        external_id: None,
        body_digest: None,
        kind: "response".into(),
        session_id: None,
        occurred_at: At(at),
        recorded_at: At(at),
        historical: false,
        blocked: false,
        escalated: true,
        serve: "response".into(),
        problem: None,
        answer_id: None,
        review_id: None,
        reviewed: None,
        thumbs: None,
        flagged_at: None,
        version: 1,
        tool_calls: None,
        failing: None,
    }
}

fn texts(id: Uid) -> InteractionTextRow {
    InteractionTextRow {
        interaction_id: id,
        query: "q".into(),
        rewritten_query: None,
        response: "r".into(),
        response_object: None,
        context: None,
        messages: None,
        tools: None,
        metadata: None,
        scores: None,
        verdict: "{}".into(),
    }
}
