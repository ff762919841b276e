//! Keeps a sample of what each project in use is asked, so that an answer's nearness is taken against it. In the
//! background: a verdict never waits for it, and is given without the margin until there is a sample.

use crate::Result;
use crate::engine::Shared;
use crate::live::LiveProject;
use domain::Timestamp;
use similarity::answering::{Traffic, stands_alone};
use similarity::language::detect;
use similarity::{Embedding, normalize};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Newest queries that are looked at: more did not change what was measured.
const SAMPLE: i64 = 5000;
/// How often projects without a fresh sample are looked for.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A sample smaller than this grows soon; taken again after the shorter time.
const SMALL: usize = 500;
const SMALL_FRESH_SECONDS: i64 = 20;
const FRESH_SECONDS: i64 = 900;
/// Texts embedded in one turn on the processor pool, so that verdicts come between.
const TURN: usize = 16;

/// Samples of all projects in use, until the engine is gone.
pub(crate) fn keep(shared: &Arc<Shared>) {
    let shared = Arc::downgrade(shared);
    tokio::spawn(async move {
        let mut taken: HashMap<domain::ProjectId, Taken> = HashMap::new();
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let Some(shared) = Weak::upgrade(&shared) else { return };
            for project in shared.live.in_use() {
                let now = shared.clock.now();
                if taken.get(&project.id).is_some_and(|taken| taken.is_fresh(now)) || !project.has_answers() {
                    continue;
                }
                match sample(&shared, &project).await {
                    Ok(queries) => {
                        taken.insert(project.id, Taken { at: now, queries });
                    }
                    Err(error) => {
                        tracing::warn!(error = ?error, project = %project.id, "could not sample the traffic");
                    }
                }
            }
        }
    });
}

/// When a sample was taken, of how many queries.
struct Taken {
    at: Timestamp,
    queries: usize,
}

impl Taken {
    fn is_fresh(&self, now: Timestamp) -> bool {
        let lasts = if self.queries < SMALL { SMALL_FRESH_SECONDS } else { FRESH_SECONDS };
        self.at > now.minus_seconds(lasts)
    }
}

/// Takes a sample, oldest query first; how many different queries it is of.
async fn sample(shared: &Shared, project: &LiveProject) -> Result<usize> {
    let id = project.id;
    let mut queries =
        shared.store.read(move |tx| storage::interactions::past_queries(tx, id, SAMPLE)).await?;
    queries.reverse();
    worth_sampling(&mut queries);
    let count = queries.len();
    let mut embeddings: Vec<Embedding> = Vec::with_capacity(count);
    let mut queries = queries.into_iter().peekable();
    while queries.peek().is_some() {
        let turn: Vec<String> = queries.by_ref().take(TURN).collect();
        let encoder = Arc::clone(&shared.encoder);
        let embed = move || turn.iter().map(|query| encoder.embed(query)).collect::<Vec<_>>();
        embeddings.extend(shared.background.run(embed).await?);
    }
    project.set_traffic(shared.background.run(move || Traffic::of(embeddings)).await?);
    Ok(count)
}

/// Keeps each question once, and only what can be understood by its own words and in a language the model reads.
pub(crate) fn worth_sampling(queries: &mut Vec<String>) {
    let mut seen = HashSet::new();
    queries.retain(|query| {
        stands_alone(query) && detect(query).is_read_by_the_model() && seen.insert(normalize::exact(query))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_sample_is_soon_taken_again() {
        let now = Timestamp::UNIX_EPOCH.plus_days(1);
        let before = |seconds, queries| Taken { at: now.minus_seconds(seconds), queries };
        assert!(before(19, 3).is_fresh(now) && !before(21, 3).is_fresh(now));
        assert!(before(890, 5000).is_fresh(now) && !before(901, 5000).is_fresh(now));
    }

    #[test]
    fn only_what_can_be_compared_is_sampled() {
        let asked = [
            "Where is my card?",
            "where is my card",
            "And that?",
            "Wo ist meine Karte?",
            "カードはどこですか？",
        ];
        let mut queries = asked.map(str::to_owned).to_vec();
        worth_sampling(&mut queries);
        assert_eq!(queries, ["Where is my card?"]);
    }
}
