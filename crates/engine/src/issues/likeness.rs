//! What an issue's questions have to do with its own, and which answers are near the one that is shown.

use crate::Engine;
use crate::Result;
use crate::answers::{Meant, Tick, tick};
use crate::matching::{self, Asked};
use domain::{AnswerMatch, InteractionId, ProjectId, Timestamp};
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;
use storage::issues::Distinct;
use utoipa::ToSchema;

/// Different questions that are shown.
const SHOWN: usize = 20;

/// One of the different questions of an issue: a phrasing its answer may have.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ProposedQuestion {
    /// The question, as it was asked last.
    pub text: String,
    /// How often it was asked.
    pub count: i64,
    /// When it was asked last.
    pub last_seen_at: Timestamp,
    /// The interaction in which that was.
    pub interaction_id: InteractionId,
    /// How it compares with the issue's own question, its `query`.
    #[serde(flatten)]
    pub tick: Tick,
}

/// What is compared.
pub(super) struct Compared {
    /// The issue's own question: what it is listed under, and what an answer to it is written for.
    pub(super) own: String,
    /// The question of the interaction that is shown, which may be another one.
    pub(super) shown: String,
    /// Whether that can be understood by its own words.
    pub(super) stands_alone: bool,
    pub(super) response: String,
    /// What its caller said of themselves.
    pub(super) metadata: Option<Value>,
    pub(super) questions: Vec<Distinct>,
    pub(super) suggested: Vec<Distinct>,
}

/// What came of it.
pub(super) struct Likeness {
    pub(super) questions: Vec<ProposedQuestion>,
    pub(super) suggested: Vec<ProposedQuestion>,
    pub(super) similar_answers: Vec<AnswerMatch>,
}

impl Engine {
    /// Ticks the questions that are the issue's own in other words, and looks for answers near the one shown.
    pub(super) async fn likeness(&self, project: ProjectId, compared: Compared) -> Result<Likeness> {
        let known = self.shared.live.project(project).await?.known();
        let encoder = Arc::clone(&self.shared.encoder);
        self.shared
            .cpu
            .run(move || {
                let Compared { own, shown, stands_alone, response, metadata, questions, suggested } =
                    compared;
                let embedding = encoder.embed(&own);
                let own = Meant { text: &own, embedding: &embedding };
                let proposed = |distinct: Distinct| {
                    let embedding = encoder.embed(&distinct.text);
                    let tick = tick(&encoder, own, Meant { text: &distinct.text, embedding: &embedding });
                    let Distinct { text, count, interaction, last_seen_at, .. } = distinct;
                    ProposedQuestion { text, count, last_seen_at, interaction_id: interaction, tick }
                };
                let asked =
                    Asked { text: &shown, response: &response, stands_alone, metadata: metadata.as_ref() };
                let found = matching::find(&known, &encoder, &asked);
                let offered = found.answer.map(|offer| offer.answer_match);
                let offered_id = offered.as_ref().map(|offered| offered.answer_id);
                let near = found.candidates.into_iter().filter(|near| Some(near.answer_id) != offered_id);
                Likeness {
                    questions: best(questions.into_iter().map(proposed).collect()),
                    suggested: best(suggested.into_iter().map(proposed).collect()),
                    similar_answers: offered.into_iter().chain(near).collect(),
                }
            })
            .await
    }
}

/// The proposed ones first; among equals the order stays.
fn best(mut questions: Vec<ProposedQuestion>) -> Vec<ProposedQuestion> {
    questions.sort_by_key(|question| !question.tick.proposed);
    questions.truncate(SHOWN);
    questions
}
