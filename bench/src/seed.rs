//! Data to measure with, made through HTTP: three projects in one database.
//!
//! `large` holds the history whose size everything is measured against. In `plain` nothing is known. In `busy` are the answers and
//! reviews that a query is matched with. A folder that is kept is used again.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::bodies::{Fate, interaction, of_a_history};
use crate::caller::{Caller, Failure, text};
use crate::scale::Scale;
use crate::server::{ADMIN_EMAIL, ADMIN_PASSWORD};
use crate::texts::{Length, PHRASINGS, Texts};

/// Changes with what is made here: data of another version are not used again.
const VERSION: u32 = 3;
/// What is generated shares its words, however many there are: at the default width a hundred thousand questions would join a few
/// thousand issues.
const WIDTH: f64 = 0.95;
/// Interactions in one request.
const BATCH: u64 = 100;
/// Requests at once.
const AT_ONCE: u64 = 4;
/// Answers are about questions from this number on; no interaction of the history is about one of them.
pub const ANSWERED: u64 = 1_000_000_000;
/// Reviews are of interactions about questions from this number on.
const REVIEWED: u64 = 2_000_000_000;
/// Questions of one run at the most; the reviews come before those of the first.
const OF_A_RUN: u64 = 1_000_000;

/// A project, and a key that may do everything a key can.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Project {
    pub id: String,
    pub token: String,
}

impl Project {
    /// A path inside it.
    pub fn at(&self, path: &str) -> String {
        format!("/v1/projects/{}{path}", self.id)
    }
}

/// What a database holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Seeded {
    version: u32,
    scale: Scale,
    /// How often was measured on them.
    runs: u64,
    pub large: Project,
    pub plain: Project,
    pub busy: Project,
}

impl Seeded {
    /// What a folder's database holds already, if it is what would be made.
    pub fn kept(folder: &Path, scale: Scale) -> Option<Self> {
        let written = std::fs::read(folder.join("seeded.json")).ok()?;
        let seeded: Self = serde_json::from_slice(&written).ok()?;
        (seeded.version == VERSION && seeded.scale == scale).then_some(seeded)
    }

    /// Makes it all.
    ///
    /// # Errors
    /// The server refused something.
    pub async fn make(server: SocketAddr, folder: &Path, scale: Scale) -> Result<Self, Failure> {
        let mut admin = sign_in(server).await?;
        let seeded = Self {
            version: VERSION,
            scale,
            runs: 0,
            large: project(&mut admin, "large").await?,
            plain: project(&mut admin, "plain").await?,
            busy: project(&mut admin, "busy").await?,
        };
        let narrow = json!({ "grouping_width": WIDTH, "merge_width": WIDTH });
        admin.patch(&seeded.large.at("/settings"), &narrow).await?;
        history(server, &seeded.large, scale).await?;
        answers(server, &seeded.large, scale.answers()).await?;
        answers(server, &seeded.busy, scale.remediations()).await?;
        reviews(server, &seeded.busy, scale.remediations()).await?;
        seeded.keep(folder)?;
        Ok(seeded)
    }

    /// Takes questions for one more run: the first of those that nobody asked here yet.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn next_run(&mut self, folder: &Path) -> Result<u64, Failure> {
        self.runs += 1;
        self.keep(folder)?;
        Ok(REVIEWED + self.runs * OF_A_RUN)
    }

    /// How many answers, and reviews, the busy project has.
    pub fn remediations(&self) -> u64 {
        self.scale.remediations()
    }

    fn keep(&self, folder: &Path) -> Result<(), Failure> {
        Ok(std::fs::write(folder.join("seeded.json"), serde_json::to_vec_pretty(self)?)?)
    }
}

/// The administrator, signed in.
///
/// # Errors
/// The server refuses.
pub async fn sign_in(server: SocketAddr) -> Result<Caller, Failure> {
    let credentials = json!({ "email": ADMIN_EMAIL, "password": ADMIN_PASSWORD });
    let signed_in = Caller::new(server, None).await?.post("/v1/auth/login", &credentials).await?;
    Caller::new(server, Some(text(&signed_in, "/access_token")?)).await
}

/// A new project with a key.
///
/// # Errors
/// The server refuses.
pub async fn project(admin: &mut Caller, name: &str) -> Result<Project, Failure> {
    let id = text(&admin.post("/v1/projects", &json!({ "name": name })).await?, "/id")?;
    let key = json!({ "name": "bench", "scopes": ["read", "answers", "runtime"] });
    let token = text(&admin.post(&format!("/v1/projects/{id}/access-keys"), &key).await?, "/token")?;
    Ok(Project { id, token })
}

/// The history: every tenth interaction fails and is about a question of its own.
async fn history(server: SocketAddr, project: &Project, scale: Scale) -> Result<(), Failure> {
    let (all, now) = (scale.interactions(), now());
    let texts = Arc::new(Texts::new(Length::Long));
    let path = Arc::new(project.at("/interactions/batch"));
    concurrently(server, project, "interactions", all.div_ceil(BATCH), move |batch| {
        let one = |place: u64| {
            let fate = if place % 10 == 3 { Fate::Fails } else { Fate::Passes };
            of_a_history(&texts, place, fate, (place, all), now)
        };
        let interactions: Vec<Value> = (batch * BATCH..((batch + 1) * BATCH).min(all)).map(one).collect();
        (path.to_string(), json!({ "interactions": interactions }))
    })
    .await
}

/// Active answers with five phrasings beside their question.
async fn answers(server: SocketAddr, project: &Project, all: u64) -> Result<(), Failure> {
    let texts = Arc::new(Texts::new(Length::AsAsked));
    let path = Arc::new(project.at("/answers"));
    concurrently(server, project, "answers", all, move |number| {
        let asked = |form| texts.question(ANSWERED + number, form);
        let body = json!({
            "query": asked(0),
            "answer": texts.response(number),
            "phrasings": (1..PHRASINGS).map(asked).collect::<Vec<_>>(),
            "publish": true,
        });
        (path.to_string(), body)
    })
    .await
}

/// Reviews of an interaction each, good and bad by turns.
async fn reviews(server: SocketAddr, project: &Project, all: u64) -> Result<(), Failure> {
    let texts = Texts::new(Length::AsAsked);
    let mut caller = Caller::new(server, Some(project.token.clone())).await?;
    let mut reviewed = Vec::new();
    for begin in (0..all).step_by(BATCH as usize) {
        let one = |number| interaction(&texts, REVIEWED + number, 0, Fate::Passes);
        let body = json!({ "interactions": (begin..(begin + BATCH).min(all)).map(one).collect::<Vec<_>>() });
        let recorded = caller.post(&project.at("/interactions/batch"), &body).await?;
        for item in recorded["items"].as_array().ok_or("a batch without items")? {
            reviewed.push(text(item, "/interaction_id")?);
        }
    }
    let path = Arc::new(project.at("/reviews"));
    concurrently(server, project, "reviews", all, move |number| {
        let verdict = if number % 2 == 0 { "good" } else { "bad" };
        let body = json!({ "interaction_ids": [reviewed[number as usize]], "verdict": verdict, "explanation": "As measured." });
        (path.to_string(), body)
    })
    .await
}

/// Makes what `made` says for each number below `all`, a few at once, and says how far it is.
async fn concurrently(
    server: SocketAddr,
    project: &Project,
    what: &'static str,
    all: u64,
    made: impl Fn(u64) -> (String, Value) + Send + Sync + 'static,
) -> Result<(), Failure> {
    let (next, made, begun) = (Arc::new(AtomicU64::new(0)), Arc::new(made), std::time::Instant::now());
    let mut running = JoinSet::new();
    for _ in 0..AT_ONCE.min(all) {
        let (next, made) = (Arc::clone(&next), Arc::clone(&made));
        let mut caller = Caller::new(server, Some(project.token.clone())).await?;
        running.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= all {
                    return Ok::<(), Failure>(());
                }
                if number > 0 && number.is_multiple_of((all / 4).max(1)) {
                    eprintln!(
                        "  {what}: {number} of {all} requests after {:.0} s",
                        begun.elapsed().as_secs_f64()
                    );
                }
                let (path, body) = made(number);
                whole(&caller.post(&path, &body).await?)?;
            }
        });
    }
    while let Some(ended) = running.join_next().await {
        ended??;
    }
    Ok(())
}

/// Refuses a reply that tells of a part that was refused.
fn whole(reply: &Value) -> Result<(), Failure> {
    let items = reply["items"].as_array().map_or(&[][..], Vec::as_slice);
    let refused = items.iter().find(|item| item.get("problem").is_some_and(|problem| !problem.is_null()));
    refused.map_or(Ok(()), |item| Err(format!("refused: {item}").into()))
}

#[expect(clippy::disallowed_methods, reason = "a history ends when it is made")]
fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs() as i64)
}
