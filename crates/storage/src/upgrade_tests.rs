//! What an older version stored is there, and right, after the migrations that came since.

use crate::columns::Uid;
use crate::connection::Connection;
use crate::migrate::{POSTGRES, SQLITE};
use crate::tx::Tx;
use crate::{DatabaseUrl, StoreError, answers, effects, interactions, issues, matches, phrasings};
use diesel::Connection as _;
use diesel::prelude::*;
use diesel_migrations::MigrationHarness as _;
use domain::{AnswerId, CentroidId, InteractionId, IssueId, MatchId, PhrasingId, ProjectId};
use uuid::Uuid;

const ANSWER: u128 = 10;
const REVIEW: u128 = 11;
const VERSION: u128 = 12;
const OWN: u128 = 13;
const GAVE_WAY: u128 = 14;
const RULED_OUT: u128 = 15;
/// An issue that became part of the other one.
const MERGED: u128 = 4;

const CENTROID: u128 = 16;

/// A verdict of which two evaluations failed.
const JUDGED: &str = r#"{"evaluations":{"a":{"failed":true},"b":{"failed":false},"c":{"failed":true}}}"#;

/// One database's way to write values.
struct Words {
    uid: fn(u128) -> String,
    at: fn(u32) -> String,
    no: &'static str,
}

const SQLITE_WORDS: Words =
    Words { uid: |n| format!("x'{}'", Uuid::from_u128(n).simple()), at: |n| n.to_string(), no: "0" };
const POSTGRES_WORDS: Words = Words {
    uid: |n| format!("'{}'", Uuid::from_u128(n)),
    at: |n| format!("timestamptz 'epoch' + {n} * interval '1 second'"),
    no: "false",
};

/// A project of the first version: an answer and a review that acted, nearly acted, and missed.
fn first_version(words: &Words) -> String {
    let Words { uid, at, no } = words;
    let id = |n| uid(n);
    let [organization, project, issue, answer, review] = [1, 2, 3, ANSWER, REVIEW].map(id);
    let (now, later, last) = (at(100), at(200), at(300));
    let mut sql = format!(
        "INSERT INTO organizations VALUES ({organization}, 'o', 1, {now});
         INSERT INTO projects VALUES ({project}, {organization}, 'p', '', '{{}}', 1, {now}, {now}, NULL);
         INSERT INTO issues VALUES ({issue}, {project}, {first}, 'q', '', 'other', 'unaddressed', 2, 2, 0, 0, 0, 0.0, {no}, {no},
           {now}, {now}, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, {now}, {now});
         INSERT INTO answers VALUES ({answer}, {project}, 'q', 'active', NULL, {version}, NULL, 2, {last}, NULL, '{{}}', 1, {now}, {now});
         INSERT INTO reviews VALUES ({review}, {project}, 'bad', '', NULL, NULL, NULL, NULL, 1, {last}, '{{}}', 1, {now}, {now});
         INSERT INTO issue_centroids VALUES ({centroid}, {project}, {issue}, 'm', 1, 1.0, 3, {vector}, 7, {later});
         INSERT INTO remediation_issues VALUES ('answer', {answer}, {issue}, {project}, {now});
         INSERT INTO issue_redirects VALUES ({merged}, {project}, {issue}, {now});
         INSERT INTO events VALUES ({project}, 2, {later}, '{{}}', 'issue.updated', 'issue', {merged}, '[]');
         INSERT INTO events VALUES ({project}, 1, {later}, '{{}}', 'answer.published', 'answer', {answer}, '[]');
         INSERT INTO events VALUES ({project}, 3, {now}, '{{\"type\":\"system\"}}', 'answer.updated', 'answer', {answer}, '[]');",
        first = id(20),
        version = id(VERSION),
        merged = id(MERGED),
        centroid = id(CENTROID),
        vector = words.bytes(),
    );
    for (n, thumbs, joined) in [(20, "'up'", at(150)), (21, "'down'", at(250)), (22, "NULL", at(260))] {
        let interaction = id(n);
        let row = format!(
            "INSERT INTO interactions VALUES ({interaction}, {project}, NULL, NULL, 'response', NULL, {now}, {now}, {no}, {no}, {no},
               'response', NULL, NULL, NULL, NULL, {thumbs}, NULL, 1);
             INSERT INTO occurrences VALUES ({interaction}, {project}, {issue}, 'open', NULL, NULL, NULL, NULL, {no}, 'other', 50, {now},
               0, {interaction_bytes}, {interaction_bytes}, NULL, NULL, {joined});",
            interaction_bytes = words.bytes(),
        );
        sql.push_str(&row);
    }
    let calls =
        r#"[{"id":"c","function":{"name":"look"}},{"custom":{"name":"book"}},{"function":{"name":"look"}}]"#;
    for (n, object) in [
        (20, "NULL".to_owned()),
        (21, format!(r#"'{{"choices":[{{"message":{{"content":"é","tool_calls":{calls}}}}}]}}'"#)),
        (22, r#"'{"choices":[{"message":{"content":"é","tool_calls":null}}]}'"#.to_owned()),
    ] {
        let interaction = id(n);
        let verdict = if n == 21 { JUDGED } else { "{}" };
        let row = format!(
            "INSERT INTO interaction_texts VALUES ({interaction}, 'q', NULL, 'r', {object}, NULL, NULL, NULL, NULL, NULL, '{verdict}');"
        );
        sql.push_str(&row);
    }
    let pair = r#"{"verdict":"bad","query_similarity":0.9,"response_similarity":0.82}"#;
    let near = r#"{"threshold":0.93}"#;
    for (n, text, source, rejected) in [
        (OWN, "Q", "question", "NULL"),
        (GAVE_WAY, "older", "question", later.as_str()),
        (RULED_OUT, "other", "issue", later.as_str()),
    ] {
        let row = format!(
            "INSERT INTO phrasings VALUES ({}, {project}, {answer}, '{text}', {}, '{source}', NULL, NULL, NULL, NULL, {rejected}, NULL, {now});",
            id(n),
            words.digest(n),
        );
        sql.push_str(&row);
    }
    for (n, kind, remediation, interaction, state, similarity, explanation) in [
        (30, "answer", &answer, 20, "acted", 0.95, near),
        (31, "answer", &answer, 21, "acted", 1.0, near),
        (32, "answer", &answer, 22, "suggested", 0.9, near),
        (33, "review", &review, 21, "acted", 0.82, pair),
    ] {
        let row = format!(
            "INSERT INTO matches VALUES ({}, {project}, '{kind}', {remediation}, {}, NULL, '{state}', NULL, {similarity},
               '{explanation}', {now}, NULL, NULL);",
            id(n),
            id(interaction),
        );
        sql.push_str(&row);
    }
    sql
}

impl Words {
    fn bytes(&self) -> &'static str {
        if self.no == "0" { "x'00'" } else { "'\\x00'" }
    }

    fn digest(&self, n: u128) -> String {
        if self.no == "0" { format!("x'{n:02x}'") } else { format!("'\\x{n:02x}'") }
    }
}

fn check(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let project = ProjectId(Uuid::from_u128(2));
    let mut risk = |n| {
        let row = matches::get(tx, project, MatchId(Uuid::from_u128(n))).unwrap().expect("it is there");
        ((row.risk * 100.0).round() as i64, row.answer_version_id)
    };
    let version = Some(Uid(Uuid::from_u128(VERSION)));
    assert_eq!(
        [30, 31, 32].map(&mut risk),
        [(-2, version), (193, version), (-3, version)],
        "the user of one said no"
    );
    assert_eq!(risk(33), (198, None), "the responses were .02 over, and the same user said no");
    let mut gave_way =
        |n| phrasings::get(tx, project, PhrasingId(Uuid::from_u128(n))).unwrap().unwrap().gave_way;
    assert_eq!([OWN, GAVE_WAY, RULED_OUT].map(&mut gave_way), [false, true, false]);
    let ruled_out: Vec<Uuid> = phrasings::rejected(tx, project, None)?.iter().map(|row| row.id.0).collect();
    assert_eq!(ruled_out, [Uuid::from_u128(RULED_OUT)]);
    let (answer, review) = (Uuid::from_u128(ANSWER), Uuid::from_u128(REVIEW));
    let found = effects::of(tx, project, &[answer, review])?;
    let counted = |id| {
        let row: &effects::EffectRow = &found[id];
        [row.acted, row.suggested, row.thumbs_up, row.thumbs_down, row.missed]
    };
    assert_eq!(
        counted(&answer),
        [2, 1, 1, 1, 1],
        "it missed the one that came later and that it did not act on"
    );
    assert_eq!(counted(&review), [1, 0, 0, 1, 0]);
    assert!(found.values().all(|row| row.last_acted_at.is_some()));
    let changed = answers::get(tx, project, AnswerId(answer))?.expect("it is there");
    assert_eq!(changed.updated_by, r#"{"type":"system"}"#, "the event of its last change says who it was");
    merges(tx)?;
    tools_called(tx);
    failing(tx);
    centroids(tx)?;
    placed(tx)
}

/// A response's tool calls are found in the object it came in.
fn tools_called(tx: &mut Tx<'_>) {
    let project = ProjectId(Uuid::from_u128(2));
    let mut names = |n| {
        let (row, _) = interactions::get(tx, project, InteractionId(Uuid::from_u128(n))).unwrap().unwrap();
        row.tool_calls.map(|json| serde_json::from_str::<Vec<String>>(&json).unwrap())
    };
    assert_eq!([20, 22].map(&mut names), [None, None]);
    let mut called = names(21).expect("it calls two");
    called.sort_unstable();
    assert_eq!(called, ["book", "look"]);
}

/// What an interaction failed is found in its verdict.
fn failing(tx: &mut Tx<'_>) {
    let project = ProjectId(Uuid::from_u128(2));
    let mut keys = |n| {
        let (row, _) = interactions::get(tx, project, InteractionId(Uuid::from_u128(n))).unwrap().unwrap();
        row.failing.map(|json| serde_json::from_str::<Vec<String>>(&json).unwrap())
    };
    assert_eq!([20, 22].map(&mut keys), [None, None]);
    assert_eq!(keys(21).expect("it fails two"), ["a", "c"]);
}

/// What was merged is, and can be undone.
fn merges(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let project = ProjectId(Uuid::from_u128(2));
    let [issue, merged] = [3, MERGED].map(|n| IssueId(Uuid::from_u128(n)));
    assert_eq!(issues::redirect(tx, project, merged)?, Some(issue));
    let parts = issues::parts(tx, project, issue, merged)?;
    assert_eq!(parts, [merged]);
    let version = issues::remove_redirect(tx, project, merged, &parts)?;
    assert_eq!(version, Some(2), "it was changed once");
    Ok(())
}

/// What is stored of where an issue lies is there, whatever the table was made into.
fn centroids(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let project = ProjectId(Uuid::from_u128(2));
    let ids = issues::centroid_ids(tx, project)?;
    assert_eq!(ids, [CentroidId(Uuid::from_u128(CENTROID))]);
    let kept = issues::these_centroids(tx, &ids, "m")?;
    let [kept] = &kept[..] else { panic!("{kept:?}") };
    assert_eq!(
        (kept.issue_id, kept.dimension, kept.members, kept.revision),
        (Uid(Uuid::from_u128(3)), 1, 3, 7)
    );
    assert_eq!((&kept.vector[..], kept.home_issue_id), (&[0][..], None));
    Ok(())
}

/// An occurrence says of its place what is known.
fn placed(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let project = ProjectId(Uuid::from_u128(2));
    for (n, origin) in [(20, "opened"), (21, "joined"), (22, "joined")] {
        let row = issues::occurrence(tx, project, InteractionId(Uuid::from_u128(n)))?.expect("it is there");
        assert_eq!((row.origin.as_str(), row.caught_by_kind), (origin, None), "nothing caught it");
        assert_eq!((row.grouped_by.as_str(), row.width), ("not_recorded", None));
    }
    Ok(())
}

#[test]
fn sqlite_keeps_what_the_first_version_stored() {
    let folder = tempfile::tempdir().unwrap();
    let mut connection =
        Connection::open(&DatabaseUrl::Sqlite(folder.path().join("upgrade.db"))).expect("it opens");
    if let Connection::Sqlite(c) = &mut connection {
        c.run_next_migration(SQLITE).expect("the first migration runs");
    }
    connection.write(|tx| tx.execute_batch(&first_version(&SQLITE_WORDS))).expect("what it stored");
    if let Connection::Sqlite(c) = &mut connection {
        c.run_pending_migrations(SQLITE).expect("the others run");
    }
    connection.write(check).unwrap();
}

#[test]
fn postgres_keeps_what_the_first_version_stored() {
    let server = std::env::var("TEST_DATABASE_URL")
        .expect("TEST_DATABASE_URL names a PostgreSQL server: run scripts/test.sh, which starts one");
    let name = format!("upgrade_{}", std::process::id());
    let (base, parameters) = server.split_once('?').unwrap_or((server.as_str(), ""));
    let (cluster, _) = base.rsplit_once('/').expect("the URL names a database");
    let mut admin = PgConnection::establish(&server).expect("it opens");
    diesel::sql_query(format!("CREATE DATABASE {name}")).execute(&mut admin).unwrap();
    let own = DatabaseUrl::Postgres(format!("{cluster}/{name}?{parameters}"));
    let mut connection = Connection::open(&own).expect("it opens");
    if let Connection::Pg(c) = &mut connection {
        c.run_next_migration(POSTGRES).expect("the first migration runs");
    }
    connection.write(|tx| tx.execute_batch(&first_version(&POSTGRES_WORDS))).expect("what it stored");
    if let Connection::Pg(c) = &mut connection {
        c.run_pending_migrations(POSTGRES).expect("the others run");
    }
    let checked = connection.write(check);
    drop(connection);
    diesel::sql_query(format!("DROP DATABASE {name}")).execute(&mut admin).unwrap();
    checked.unwrap();
}
