//! What SQLite is told of how its indexes divide the rows: those of one big project.
//!
//! Without statistics it takes any column of an index to be choosy, and reads a whole project through `project_id` to find five ids.
//! Its own (`ANALYZE`) change with what is stored, and plans with them. These are set, as its documentation allows, so that a
//! query is answered the same way in a small project as in the big one that it was tried on. PostgreSQL keeps its own.

use crate::StoreError;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::{SqliteConnection, sql_query};

/// Table, index (the table itself: its primary key), and rows: how many there are, then how many share the first column of the index,
/// the first two, and so on.
const STATISTICS: &[(&str, &str, &str)] = &[
    ("interactions", "sqlite_autoindex_interactions_1", "1000000 1"),
    ("interactions", "interactions_external_id", "1000000 1000000 1"),
    ("interactions", "interactions_occurred", "1000000 1000000 1 1"),
    ("interactions", "interactions_session", "1000000 1000000 10 1 1"),
    ("interactions", "interactions_call", "1000000 1000000 1 1"),
    ("interactions", "interactions_reviewed", "10000 10000 1 1"),
    ("interactions", "interactions_problem", "100000 100000 20000 1 1"),
    ("interactions", "interactions_served", "100000 100000 50000 1 1"),
    ("interactions", "interactions_steps", "100000 100000 1 1"),
    ("interactions", "interactions_tools", "100000 100000 1 1"),
    ("interactions", "interactions_blocked", "100000 100000 1 1"),
    ("interactions", "interactions_escalated", "100000 100000 1 1"),
    ("interactions", "interactions_failing", "100000 100000 1 1 1"),
    ("interaction_texts", "sqlite_autoindex_interaction_texts_1", "1000000 1"),
    ("issues", "issues", "100000 1"),
    ("issues", "issues_impact", "100000 100000 30000 1 1 1 1 1 1 1"),
    ("issues", "issues_last_seen", "100000 100000 30000 1 1 1 1 1 1"),
    ("issues", "issues_occurrences", "100000 100000 30000 100 1 1 1 1 1 1"),
    ("occurrences", "occurrences", "200000 1"),
    ("occurrences", "occurrences_project", "200000 200000 1 1"),
    ("occurrences", "occurrences_issue", "200000 100 1 1"),
    ("occurrences", "occurrences_settled_by", "200000 1000"),
    ("issue_hours", "issue_hours", "300000 10 1"),
    ("issue_centroids", "sqlite_autoindex_issue_centroids_1", "100000 1"),
    ("issue_centroids", "issue_centroids_project", "100000 100000 1"),
    ("issue_centroids", "issue_centroids_issue", "100000 1"),
    ("issue_redirects", "issue_redirects", "10000 1"),
    ("issue_redirects", "issue_redirects_issue", "10000 2"),
    ("issue_redirects", "issue_redirects_into", "10000 2"),
    ("issues_apart", "issues_apart", "10000 2 1"),
    ("issues_apart", "issues_apart_project", "10000 10000"),
    ("vectors", "vectors", "50000 20000 1 1"),
    ("vectors", "vectors_project", "50000 50000 20000 20000"),
    ("answers", "answers", "10000 1"),
    ("answers", "answers_project", "10000 10000 1"),
    ("answer_versions", "answer_versions", "20000 1"),
    ("answer_versions", "answer_versions_number", "20000 2 1"),
    ("phrasings", "phrasings", "50000 1"),
    ("phrasings", "phrasings_text", "50000 5 1"),
    ("phrasings", "phrasings_project", "50000 50000 5"),
    ("phrasings", "phrasings_issue", "20000 5"),
    ("phrasings", "phrasings_interaction", "20000 1"),
    ("reviews", "reviews", "10000 1"),
    ("reviews", "reviews_project", "10000 10000 1"),
    ("review_versions", "review_versions", "20000 1"),
    ("review_versions", "review_versions_number", "20000 2 1"),
    ("review_interactions", "review_interactions", "20000 2 1"),
    ("review_interactions", "review_interactions_interaction", "20000 1"),
    ("review_exceptions", "review_exceptions", "10000 2 1"),
    ("review_exceptions", "review_exceptions_interaction", "10000 1"),
    ("remediation_issues", "remediation_issues", "20000 10000 1 1"),
    ("remediation_issues", "remediation_issues_issue", "20000 1"),
    ("remediation_effects", "remediation_effects", "20000 1"),
    ("removed_effects", "removed_effects", "20000 1"),
    ("matches", "matches", "100000 1"),
    ("matches", "matches_remediation", "100000 20 10 1 1"),
    ("matches", "matches_remediation_undecided", "100000 20 10 1 1"),
    ("matches", "matches_state", "100000 100000 30000 1 1"),
    ("matches", "matches_undecided", "100000 100000 30000 1 1"),
    ("matches", "matches_decided", "20000 20000 10000 1 1"),
    ("matches", "matches_interaction", "100000 1"),
    ("matches", "matches_phrasing", "20000 5"),
    ("matches", "matches_text", "100000 20 2"),
    ("feedback", "feedback", "50000 1"),
    ("feedback", "feedback_interaction", "50000 2 1 1"),
    ("guidance", "guidance", "10000 1"),
    ("guidance", "guidance_project", "10000 10000 1"),
    ("guidance", "guidance_review", "10000 1"),
    ("guidance", "guidance_pending", "10 1"),
    ("guidance_versions", "guidance_versions", "20000 1"),
    ("guidance_versions", "guidance_versions_number", "20000 2 1"),
    ("guidance_phrasings", "guidance_phrasings", "50000 1"),
    ("guidance_phrasings", "guidance_phrasings_text", "50000 5 1"),
    ("guidance_phrasings", "guidance_phrasings_project", "50000 50000 5"),
    ("guidance_phrasings", "guidance_phrasings_interaction", "20000 1"),
    ("guidance_interactions", "guidance_interactions", "20000 2 1"),
    ("guidance_interactions", "guidance_interactions_interaction", "20000 1"),
    ("events", "events", "100000 100000 1"),
    ("events", "events_subject", "100000 100000 5 1"),
];

#[derive(QueryableByName)]
struct Known {
    #[diesel(sql_type = Text)]
    known: String,
}

/// Sets the statistics where they are not set. What connections opened before go by the old ones until they end.
pub(crate) fn set(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let there = sql_query("SELECT name AS known FROM sqlite_schema WHERE name = 'sqlite_stat1'");
    if there.load::<Known>(connection)?.is_empty() {
        // Nothing else makes their table; this reads no more than the schema.
        sql_query("ANALYZE sqlite_schema").execute(connection)?;
    }
    let known: Vec<Known> =
        sql_query("SELECT tbl || ' ' || idx || ' ' || stat AS known FROM sqlite_stat1 ORDER BY 1")
            .load(connection)?;
    let mut wanted: Vec<String> =
        STATISTICS.iter().map(|(table, index, rows)| format!("{table} {index} {rows}")).collect();
    wanted.sort_unstable();
    if known.iter().map(|row| &row.known).eq(&wanted) {
        return Ok(());
    }
    connection.immediate_transaction(|connection| {
        sql_query("DELETE FROM sqlite_stat1").execute(connection)?;
        for (table, index, rows) in STATISTICS {
            sql_query("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)")
                .bind::<Text, _>(table)
                .bind::<Text, _>(index)
                .bind::<Text, _>(rows)
                .execute(connection)?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use crate::connection::Connection;
    use crate::{DatabaseUrl, migrate};
    use diesel::prelude::*;
    use diesel::sql_query;
    use diesel::sql_types::Text;

    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        line: String,
    }

    fn lines(connection: &mut SqliteConnection, query: &str) -> Vec<String> {
        sql_query(query).load::<Line>(connection).unwrap().into_iter().map(|row| row.line).collect()
    }

    fn database() -> (tempfile::TempDir, SqliteConnection) {
        let home = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(home.path().join("a.db"));
        migrate(&url).unwrap();
        migrate(&url).unwrap();
        let Connection::Sqlite(connection) = Connection::open(&url).unwrap() else { panic!("it is SQLite") };
        (home, connection)
    }

    /// Of each table that holds what projects record, every index.
    #[test]
    fn every_index_has_its_statistics() {
        let (_home, mut connection) = database();
        let without = lines(
            &mut connection,
            "SELECT t.name || ' ' || i.name AS line FROM sqlite_schema t, pragma_index_list(t.name) i \
             LEFT JOIN sqlite_stat1 s ON s.tbl = t.name AND s.idx IN (i.name, iif(i.origin = 'pk', t.name, NULL)) \
             WHERE t.type = 'table' AND s.stat IS NULL AND t.name IN (SELECT tbl FROM sqlite_stat1)",
        );
        assert_eq!(without, Vec::<String>::new());
        let untold = lines(
            &mut connection,
            "SELECT t.name AS line FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' \
             AND c.name = 'project_id' AND t.name NOT IN (SELECT tbl FROM sqlite_stat1) ORDER BY 1",
        );
        // A project has few of these.
        let few = ["access_keys", "evaluations", "guardrails", "project_heads", "project_members"];
        assert_eq!(untold, few);
        let unknown = lines(
            &mut connection,
            "SELECT tbl || ' ' || idx AS line FROM sqlite_stat1 WHERE idx <> tbl \
             AND idx NOT IN (SELECT name FROM sqlite_schema WHERE type = 'index')",
        );
        assert_eq!(unknown, Vec::<String>::new());
    }

    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = Text)]
        detail: String,
    }

    #[test]
    fn ids_are_found_by_their_key_and_lists_along_their_index() {
        let (_home, mut connection) = database();
        for (query, step) in [
            (
                "issues WHERE project_id = ? AND id IN (?, ?, ?, ?, ?)",
                "SEARCH issues USING PRIMARY KEY (id=?)",
            ),
            (
                "interactions WHERE project_id = ? AND id IN (?, ?, ?, ?, ?)",
                "SEARCH interactions USING INDEX sqlite_autoindex_interactions_1 (id=?)",
            ),
            (
                "interactions WHERE project_id = ? ORDER BY occurred_at DESC, id DESC",
                "SEARCH interactions USING INDEX interactions_occurred (project_id=?)",
            ),
            (
                "interactions WHERE project_id = ? AND escalated AND occurred_at <= ? ORDER BY occurred_at DESC, id DESC",
                "SEARCH interactions USING INDEX interactions_escalated (project_id=? AND occurred_at<?)",
            ),
            (
                "interactions WHERE project_id = ? AND serve <> 'response' AND serve = ? ORDER BY occurred_at, id",
                "SEARCH interactions USING INDEX interactions_served (project_id=? AND serve=?)",
            ),
            (
                "matches WHERE project_id = ? AND remediation_id = ? AND state = ? ORDER BY occurred_at DESC, id DESC",
                "SEARCH matches USING INDEX matches_remediation (remediation_id=? AND state=?)",
            ),
            (
                "matches WHERE project_id = ? AND remediation_id = ? AND state = ? AND confirmation IS NULL \
                  ORDER BY risk DESC, id DESC",
                "SEARCH matches USING INDEX matches_remediation_undecided (remediation_id=? AND state=?)",
            ),
        ] {
            let plan: Vec<Step> =
                sql_query(format!("EXPLAIN QUERY PLAN SELECT * FROM {query}")).load(&mut connection).unwrap();
            let plan: Vec<_> = plan.iter().map(|step| step.detail.as_str()).collect();
            assert_eq!(plan, [step], "{query}");
        }
    }
}
