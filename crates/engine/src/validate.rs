//! The verdict on one interaction: judge it, record it, say what to serve. Also without recording.

mod body;
mod conversation;
mod judge;
mod matched;
mod occurrence;
mod past;
mod placing;
mod request;
mod rewriting;
mod scoring;

pub use body::{ValidateBody, read_dated};
pub use occurrence::Because;
pub(crate) use occurrence::placing_of_recorded;
pub use past::{Acted, PastInteraction, PastVerdict};
pub(crate) use past::{Beside, Served};
pub(crate) use placing::{EXCERPT, grouping_vector, stored_turns};
pub use request::{Attempt, ValidateInput};

use crate::journal::{Recording, Work};
use crate::live::LiveProject;
use crate::{Engine, Result};
use conversation::{conversation, conversation_of};
use domain::{InteractionId, ProjectId, Timestamp, Verdict};
use judge::Judged;
use matched::{On, matches_of};
use request::Request;
use serde::Serialize;
use std::sync::Arc;
use storage::At;
use storage::interactions::{InteractionRow, InteractionTextRow};
use utoipa::ToSchema;

/// A recorded interaction and the verdict on it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Validated {
    /// The interaction that was recorded.
    pub interaction_id: InteractionId,
    /// The verdict it got.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// Whether the same `external_id` was recorded before: then this is what was answered then.
    #[serde(skip)]
    pub repeated: bool,
}

/// A verdict on its way into the journal.
pub struct Pending {
    result: tokio::sync::oneshot::Receiver<Result<crate::journal::Recorded>>,
}

impl Pending {
    /// Waits until it is durable.
    ///
    /// # Errors
    /// As [`Engine::validate`].
    pub async fn durable(self) -> Result<Validated> {
        let recorded =
            self.result.await.map_err(|_| crate::Error::Internal("the journal stopped".to_owned()))??;
        Ok(validated(recorded))
    }
}

/// When an interaction is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    /// While its user waits.
    Live,
    /// Later, from a record: one of many.
    Afterwards,
}

/// A judged interaction, ready for the journal.
pub struct Prepared(Box<Recording>);

impl Engine {
    /// Judges and records. When this returns, the interaction is durable.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`], [`crate::Error::ExternalIdReused`], [`crate::Error::Overloaded`].
    pub async fn validate(&self, project: ProjectId, input: ValidateInput) -> Result<Validated> {
        let Prepared(recording) = self.prepared(project, input, Moment::Live).await?;
        Ok(validated(self.shared.journal.record(Work::Record(recording)).await?))
    }

    /// Judges and records nothing.
    ///
    /// # Errors
    /// As [`Engine::validate`], except that nothing is recorded to stand against it.
    pub async fn judge(&self, project: ProjectId, input: ValidateInput) -> Result<Verdict> {
        let live = self.shared.live.project(project).await?;
        let now = self.now();
        if let Some(key) = input.key {
            self.look_again(key).await?;
        }
        let request = Request::check(input, &live.config().evaluations, now)?;
        let id = InteractionId::new(now, Self::salt());
        Ok(self.judged(&live, id, request, now, Moment::Live).await?.verdict)
    }

    /// The first half of [`Engine::validate`] for what is recorded afterwards: may run ahead for many interactions at once.
    /// Nobody waits for their verdicts, so the LLM is not asked.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`], [`crate::Error::Overloaded`].
    pub async fn prepare(&self, project: ProjectId, input: ValidateInput) -> Result<Prepared> {
        self.prepared(project, input, Moment::Afterwards).await
    }

    async fn prepared(&self, project: ProjectId, input: ValidateInput, moment: Moment) -> Result<Prepared> {
        let live = self.shared.live.project(project).await?;
        let now = self.now();
        let request = Request::check(input, &live.config().evaluations, now)?;
        let id = InteractionId::new(now, Self::salt());
        let judged = self.judged(&live, id, request, now, moment).await?;
        Ok(Prepared(Box::new(recording(live, id, now, judged))))
    }

    /// The second half: hands it to the journal in the order of the calls, waiting for room.
    ///
    /// # Errors
    /// The journal is stopping.
    pub async fn submit(&self, prepared: Prepared) -> Result<Pending> {
        let result = self.shared.journal.submit(Work::Record(prepared.0)).await?;
        Ok(Pending { result })
    }

    /// `now` is when it occurred, if the request does not say.
    async fn judged(
        &self,
        live: &Arc<LiveProject>,
        id: InteractionId,
        mut request: Request,
        now: Timestamp,
        moment: Moment,
    ) -> Result<Judged> {
        let config = live.config();
        let evaluations = request.evaluations.as_deref().unwrap_or(&config.evaluations);
        let scoring = self.score_by_llm(&request, evaluations, moment);
        let scores = match moment {
            Moment::Live => {
                let (rewriting, scores) = tokio::join!(self.rewriting(&request), scoring);
                request.take_rewriting(rewriting);
                scores
            }
            Moment::Afterwards => scoring.await,
        };
        let (live, encoder) = (Arc::clone(live), Arc::clone(&self.shared.encoder));
        let occurred_at = request.occurred_at.unwrap_or(now);
        let (known, reading) = (Arc::clone(&live), Arc::clone(&encoder));
        let is_light = judge::is_light(&live, &request);
        let decide = move || judge::decided(&known, &reading, request, scores, occurred_at);
        let decided = if is_light { decide() } else { self.shared.cpu.run(decide).await? };
        if !decided.is_occurrence() {
            return Ok(decided);
        }
        live.load_grouping().await?;
        self.shared.cpu.run(move || judge::place(&live, &encoder, id, decided)).await
    }
}

fn validated(recorded: crate::journal::Recorded) -> Validated {
    Validated { interaction_id: recorded.interaction, verdict: recorded.verdict, repeated: recorded.repeated }
}

fn recording(live: Arc<LiveProject>, id: InteractionId, now: Timestamp, judged: Judged) -> Recording {
    let Judged { request, verdict, problem, placing, occurred_at, answer_version, .. } = judged;
    let (again, key) = (request.again, request.key);
    let asked = request.rewritten_query.as_ref().unwrap_or(&request.query);
    let on = On { project: live.id, interaction: id, at: occurred_at, asked };
    let matches = matches_of(&verdict, answer_version, on);
    let names = |names: &[&str]| (!names.is_empty()).then(|| serde_json::json!(names).to_string());
    let row = InteractionRow {
        tool_calls: names(&request.response.tools()),
        failing: names(&verdict.failing()),
        id: id.into(),
        project_id: live.id.into(),
        external_id: request.external_id,
        body_digest: request.body_digest,
        kind: request.kind.as_str().to_owned(),
        session_id: request.session_id,
        occurred_at: At(occurred_at),
        recorded_at: At(now),
        historical: request.historical,
        blocked: verdict.blocked,
        escalated: verdict.escalated,
        serve: verdict.serve.as_str().to_owned(),
        problem: problem.map(|code| code.as_str().to_owned()),
        answer_id: verdict.served_answer().map(Into::into),
        review_id: verdict.applied_review.as_ref().map(|review| review.review_id.into()),
        reviewed: None,
        thumbs: None,
        flagged_at: None,
        version: 1,
    };
    let texts = InteractionTextRow {
        interaction_id: id.into(),
        query: request.query,
        rewritten_query: request.rewritten_query,
        response: request.response.text,
        response_object: request.response.object.map(|object| object.to_string()),
        context: request.context,
        messages: request.messages.map(|messages| messages.to_string()),
        tools: request.tools.map(|tools| tools.to_string()),
        metadata: request.metadata.map(|metadata| metadata.to_string()),
        scores: (!request.scores.is_empty()).then(|| serde_json::json!(request.scores).to_string()),
        verdict: serde_json::to_string(&verdict).expect("a verdict has texts for keys and no failing parts"),
    };
    Recording { project: live, row, texts, verdict, placing, matches, again, key }
}
