//! Which interactions: every filter once, for both databases.
//!
//! Scores and metadata are looked up in the JSON that is stored: a row for each of them would make every recorded
//! interaction dearer, for questions that are asked by a person now and then.

use diesel::{PgConnection, SqliteConnection};
use domain::metadata::MetadataCondition;
use domain::{IssueId, Kind, ProblemCode, ReviewVerdict, Serve, Timestamp};

/// Which interactions; every field that is set narrows it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InteractionFilter {
    /// Of this kind.
    pub kind: Option<Kind>,
    /// Blocked, or not.
    pub blocked: Option<bool>,
    /// Handed to the experts, or not.
    pub escalated: Option<bool>,
    /// With a review of its own, or without.
    pub reviewed: Option<bool>,
    /// Reviewed so.
    pub review: Option<ReviewVerdict>,
    /// Of this conversation.
    pub session_id: Option<String>,
    /// With this id of the caller's.
    pub external_id: Option<String>,
    /// Occurred at this moment or later.
    pub since: Option<Timestamp>,
    /// Occurred before this moment.
    pub until: Option<Timestamp>,
    /// With any of these main problems; every one, and none, when empty.
    pub problems: Vec<ProblemCode>,
    /// Whose user was to receive this.
    pub serve: Option<Serve>,
    /// An occurrence of this issue.
    pub issue: Option<IssueId>,
    /// Responses to a question that had an answer, or that had none.
    pub answered: Option<bool>,
    /// Failing an evaluation, whichever.
    pub fails: bool,
    /// Failing each of these evaluations.
    pub failing: Vec<String>,
    /// With a score for each of these evaluations, and failing none of them.
    pub passing: Vec<String>,
    /// Calling tools, or none.
    pub calls_tools: Option<bool>,
    /// Calling any of these tools; whatever it calls, when empty.
    pub tools: Vec<String>,
    /// Whose metadata meet each of these.
    pub metadata: Vec<MetadataCondition>,
    /// With these words in the query, the rewritten query or the response, in any case of their letters.
    pub search: Option<String>,
}

impl InteractionFilter {
    /// The part of it that one index finds in the order of time: the period, and the first of its conditions that has an index of its
    /// own. Those that narrow most stand first.
    pub(super) fn indexed(&self) -> Self {
        let period = Self { since: self.since, until: self.until, ..Self::default() };
        if self.external_id.is_some() {
            Self { external_id: self.external_id.clone(), ..period }
        } else if self.session_id.is_some() {
            Self { session_id: self.session_id.clone(), ..period }
        } else if self.issue.is_some() {
            Self { issue: self.issue, ..period }
        } else if self.review.is_some() || self.reviewed == Some(true) {
            Self { review: self.review, reviewed: self.reviewed, ..period }
        } else if let [_] = self.problems[..] {
            Self { problems: self.problems.clone(), ..period }
        } else if self.serve.is_some_and(|serve| serve != Serve::Response) {
            Self { serve: self.serve, ..period }
        } else if self.kind == Some(Kind::Step) {
            Self { kind: self.kind, ..period }
        } else if self.calls_tools == Some(true) || !self.tools.is_empty() {
            Self { calls_tools: Some(true), ..period }
        } else if self.fails || !self.failing.is_empty() {
            Self { fails: true, ..period }
        } else if self.blocked == Some(true) {
            Self { blocked: self.blocked, ..period }
        } else if self.escalated == Some(true) {
            Self { escalated: self.escalated, ..period }
        } else {
            period
        }
    }
}

/// How one database says what looks into JSON: SQL around the values that are bound.
pub(super) struct Words {
    /// Around an evaluation's key.
    pub(super) failing: [&'static str; 2],
    /// What stands for an evaluation's key in the next.
    pub(super) evaluation: fn(&str) -> String,
    /// Around what stands for an evaluation's key.
    pub(super) passing: [&'static str; 2],
    /// Around a JSON list of tools' names.
    pub(super) tools: [&'static str; 2],
    /// Around a JSON list of values, and a key.
    pub(super) metadata: [&'static str; 3],
    /// Around a pattern.
    pub(super) search: [&'static str; 2],
    /// The pattern that finds a text anywhere.
    pub(super) pattern: fn(&str) -> String,
    /// Around an evaluation's key, or an expression that gives one: its score, null if there is none.
    pub(super) score: [&'static str; 2],
}

/// A connection's [`Words`].
pub(super) trait Speaks {
    const WORDS: Words;
}

/// The words for this connection.
pub(super) const fn words<C: Speaks>(_: &C) -> Words {
    C::WORDS
}

impl Speaks for PgConnection {
    const WORDS: Words = Words {
        failing: ["interactions.failing::jsonb ? ", ""],
        evaluation: str::to_owned,
        passing: [
            "(SELECT o.outcome ->> 'failed' = 'false' AND o.outcome ->> 'score' IS NOT NULL FROM \
             (SELECT interaction_texts.verdict::jsonb #> ARRAY['evaluations', ",
            "] AS outcome) o)",
        ],
        tools: [
            "EXISTS (SELECT 1 FROM jsonb_array_elements_text(interactions.tool_calls::jsonb) t WHERE ",
            "::jsonb ? t)",
        ],
        metadata: [
            "",
            "::jsonb @> jsonb_build_array(COALESCE(interaction_texts.metadata::jsonb -> ",
            ", 'null'))",
        ],
        search: [
            "(SELECT interaction_texts.query ~ p.p OR interaction_texts.response ~ p.p \
              OR COALESCE(interaction_texts.rewritten_query ~ p.p, false) FROM (SELECT ",
            "::text AS p) p)",
        ],
        pattern: super::search::regular_expression,
        score: [
            "(SELECT COALESCE(interaction_texts.verdict::jsonb #>> ARRAY['evaluations', k.key, 'score'], \
              interaction_texts.scores::jsonb ->> k.key)::double precision FROM (SELECT ",
            "::text AS key) k)",
        ],
    };
}

impl Speaks for SqliteConnection {
    const WORDS: Words = Words {
        failing: ["EXISTS (SELECT 1 FROM json_each(interactions.failing) f WHERE f.value = ", ")"],
        evaluation: path_of_evaluation,
        passing: [
            "(SELECT json_extract(interaction_texts.verdict, p.p || '.failed') = 0 \
              AND json_extract(interaction_texts.verdict, p.p || '.score') IS NOT NULL FROM (SELECT ",
            " AS p) p)",
        ],
        tools: [
            "EXISTS (SELECT 1 FROM json_each(interactions.tool_calls) t WHERE t.value IN (SELECT value FROM json_each(",
            ")))",
        ],
        metadata: [
            "EXISTS (SELECT 1 FROM json_each(",
            ") w, (SELECT ",
            " AS key) k WHERE CASE w.type WHEN 'null' \
              THEN NOT EXISTS (SELECT 1 FROM json_each(interaction_texts.metadata) m WHERE m.key = k.key AND m.type <> 'null') \
              ELSE EXISTS (SELECT 1 FROM json_each(interaction_texts.metadata) m WHERE m.key = k.key AND m.atom = w.atom \
                AND (m.type = w.type OR (m.type IN ('integer', 'real') AND w.type IN ('integer', 'real')))) END)",
        ],
        search: [
            "(SELECT interaction_texts.query GLOB p.p OR interaction_texts.response GLOB p.p \
              OR COALESCE(interaction_texts.rewritten_query GLOB p.p, 0) FROM (SELECT ",
            " AS p) p)",
        ],
        pattern: super::search::glob,
        score: [
            "(SELECT COALESCE((SELECT json_extract(e.value, '$.score') FROM json_each(interaction_texts.verdict, '$.evaluations') e \
                WHERE e.key = k.key), (SELECT s.value FROM json_each(interaction_texts.scores) s WHERE s.key = k.key)) FROM (SELECT ",
            " AS key) k)",
        ],
    };
}

/// Where a verdict holds what an evaluation said, as a path of SQLite's. What no evaluation is called is nowhere.
fn path_of_evaluation(key: &str) -> String {
    let plain = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    format!("$.evaluations.\"{}\"", if plain { key } else { "" })
}

/// Narrows a boxed query over interactions and their texts.
macro_rules! narrowed {
    ($query:expr, $connection:expr, $filter:expr) => {{
        use diesel::dsl::sql;
        use diesel::sql_types::{Bool, Text};
        let (words, filter) = ($crate::interactions::filter::words(&*$connection), $filter);
        let mut query = $query;
        // Texts of ours where an index holds only part of the interactions: a database must see that it is the part asked for.
        match filter.kind {
            Some(domain::Kind::Step) => query = query.filter(sql::<Bool>("interactions.kind = 'step'")),
            Some(kind) => query = query.filter(interactions::kind.eq(kind.as_str())),
            None => {}
        }
        match filter.blocked {
            Some(true) => query = query.filter(sql::<Bool>("interactions.blocked")),
            Some(false) => query = query.filter(interactions::blocked.eq(false)),
            None => {}
        }
        match filter.escalated {
            Some(true) => query = query.filter(sql::<Bool>("interactions.escalated")),
            Some(false) => query = query.filter(interactions::escalated.eq(false)),
            None => {}
        }
        match filter.reviewed {
            Some(true) => query = query.filter(interactions::reviewed.is_not_null()),
            Some(false) => query = query.filter(interactions::reviewed.is_null()),
            None => {}
        }
        if let Some(review) = filter.review {
            query = query.filter(interactions::reviewed.is_not_null());
            query = query.filter(interactions::reviewed.eq(review.as_str()));
        }
        if let Some(session) = &filter.session_id {
            query = query.filter(interactions::session_id.eq(session));
        }
        if let Some(external_id) = &filter.external_id {
            query = query.filter(interactions::external_id.eq(external_id));
        }
        if let Some(since) = filter.since {
            query = query.filter(interactions::occurred_at.ge(At(since)));
        }
        if let Some(until) = filter.until {
            query = query.filter(interactions::occurred_at.lt(At(until)));
        }
        if !filter.problems.is_empty() {
            query = query.filter(interactions::problem.is_not_null());
        }
        match &filter.problems[..] {
            [] => {}
            [only] => query = query.filter(interactions::problem.eq(only.as_str())),
            several => {
                let problems = several.iter().map(|problem| problem.as_str());
                query = query.filter(interactions::problem.eq_any(problems));
            }
        }
        if let Some(serve) = filter.serve {
            if serve != domain::Serve::Response {
                query = query.filter(sql::<Bool>("interactions.serve <> 'response'"));
            }
            query = query.filter(interactions::serve.eq(serve.as_str()));
        }
        if let Some(issue) = filter.issue {
            let of_issue = "EXISTS (SELECT 1 FROM occurrences o WHERE o.interaction_id = interactions.id AND o.issue_id = ";
            let issue = sql::<Bool>(of_issue).bind::<$crate::columns::sql::Uid, _>(Uid::from(issue)).sql(")");
            query = query.filter(issue);
        }
        match filter.answered {
            Some(true) => query = query.filter(interactions::answer_id.is_not_null()),
            Some(false) => {
                let response = interactions::kind.eq(domain::Kind::Response.as_str());
                query = query.filter(interactions::answer_id.is_null().and(response));
            }
            None => {}
        }
        if filter.fails || !filter.failing.is_empty() {
            query = query.filter(interactions::failing.is_not_null());
        }
        for key in &filter.failing {
            query = query.filter(sql::<Bool>(words.failing[0]).bind::<Text, _>(key).sql(words.failing[1]));
        }
        for key in &filter.passing {
            query = query.filter(sql::<Bool>(words.passing[0]).bind::<Text, _>((words.evaluation)(key)).sql(words.passing[1]));
        }
        match filter.calls_tools {
            Some(true) => query = query.filter(interactions::tool_calls.is_not_null()),
            Some(false) => query = query.filter(interactions::tool_calls.is_null()),
            None => {}
        }
        if !filter.tools.is_empty() {
            let names = serde_json::json!(filter.tools).to_string();
            query = query.filter(interactions::tool_calls.is_not_null());
            query = query.filter(sql::<Bool>(words.tools[0]).bind::<Text, _>(names).sql(words.tools[1]));
        }
        for condition in &filter.metadata {
            let values = serde_json::json!(condition.values).to_string();
            let met = sql::<Bool>(words.metadata[0]).bind::<Text, _>(values).sql(words.metadata[1]);
            query = query.filter(met.bind::<Text, _>(&condition.key).sql(words.metadata[2]));
        }
        if let Some(text) = &filter.search {
            let pattern = (words.pattern)(text);
            query = query.filter(sql::<Bool>(words.search[0]).bind::<Text, _>(pattern).sql(words.search[1]));
        }
        query
    }};
}
pub(super) use narrowed;
