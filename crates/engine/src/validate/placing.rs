//! Everything that decides where an occurrence goes, gathered before the transaction.

use crate::journal::Placing;
use crate::live::LiveProject;
use domain::chat::{self, Turn};
use domain::{Compared, GroupedBy, InteractionId, ProblemCode, RemediationRef, Timestamp, digest, text};
use similarity::answering::stands_alone;
use similarity::grouping::{is_word_for_word, of_its_own, word_for_word};
use similarity::{Embedding, Encoder, Quantized, normalize};
use std::sync::PoisonError;
use storage::interactions::InteractionTextRow;

/// Characters of a response shown in lists.
pub(crate) const EXCERPT: usize = 240;

/// The words of an interaction.
#[derive(Clone, Copy)]
pub(super) struct Said<'a> {
    pub(super) query: &'a str,
    pub(super) rewritten_query: Option<&'a str>,
    pub(super) turns: &'a [Turn],
    pub(super) response: &'a str,
}

/// What is wrong with it, and what caught it.
pub(super) struct Harm {
    pub(super) problem: ProblemCode,
    pub(super) severity_milli: u32,
    pub(super) blocked: bool,
    pub(super) occurred_at: Timestamp,
    pub(super) caught_by: Option<RemediationRef>,
}

impl<'a> Said<'a> {
    /// The text that is matched: the rewritten query, else the query.
    pub(super) fn question(self) -> &'a str {
        self.rewritten_query.unwrap_or(self.query)
    }

    /// Whether that text can be understood by its own words, whoever wrote them.
    pub(super) fn stands_alone(self) -> bool {
        stands_alone(self.question())
    }

    /// The text it is grouped by: its question, or the last user turn before it that can stand alone where the question
    /// cannot. None where nothing can: then it is like nothing else.
    fn grouped_by(self) -> Option<(&'a str, GroupedBy)> {
        if self.stands_alone() {
            return Some((self.question(), GroupedBy::Question));
        }
        let mut preceding = chat::preceding_user_turns(self.turns, self.query);
        let turn = preceding.find(|turn| stands_alone(&turn.text))?;
        Some((&turn.text, GroupedBy::PrecedingTurn))
    }
}

/// The conversation an interaction came with, as it is stored.
pub(super) fn stored_turns(texts: &InteractionTextRow) -> Vec<Turn> {
    let messages = texts.messages.as_deref().and_then(|json| serde_json::from_str(json).ok());
    messages.and_then(|value| chat::parse_messages(&value).ok()).unwrap_or_default()
}

/// The words of a recorded interaction.
pub(super) fn said<'a>(texts: &'a InteractionTextRow, turns: &'a [Turn]) -> Said<'a> {
    Said {
        query: &texts.query,
        rewritten_query: texts.rewritten_query.as_deref(),
        turns,
        response: &texts.response,
    }
}

/// The vector by which a recorded interaction is grouped.
pub(crate) fn grouping_vector(encoder: &Encoder, texts: &InteractionTextRow) -> Quantized {
    let (turns, id) = (stored_turns(texts), texts.interaction_id.into());
    let meant = |text: &str| word_for_word(text).unwrap_or_else(|| encoder.embed(text));
    Quantized::of(&said(texts, &turns).grouped_by().map_or_else(|| alone(id), |(text, _)| meant(text)))
}

/// Where an interaction stands that is like nothing else.
fn alone(interaction: InteractionId) -> Embedding {
    of_its_own(&interaction.to_string())
}

/// Gathers it. `embedding`: of the question, if there is one already.
pub(super) fn placing(
    live: &LiveProject,
    encoder: &Encoder,
    interaction: InteractionId,
    said: Said<'_>,
    harm: Harm,
    embedding: Option<Embedding>,
) -> Placing {
    let meant = |text| embedding.filter(|_| said.stands_alone()).unwrap_or_else(|| encoder.embed(text));
    let (embedding, grouped_by) = match said.grouped_by() {
        Some((text, by)) => (word_for_word(text).unwrap_or_else(|| meant(text)), by),
        None => (alone(interaction), GroupedBy::Nothing),
    };
    let compared = if is_word_for_word(&embedding) { Compared::WordForWord } else { Compared::Meaning };
    // As it is stored: what a centroid is the sum of can be taken away from it again.
    let vector = Quantized::of(&embedding);
    let embedding = vector.embedding();
    let hint = live.grouping.read().unwrap_or_else(PoisonError::into_inner).hint(&embedding);
    Placing {
        question: said.question().to_owned(),
        response_excerpt: text::excerpt(said.response, EXCERPT),
        question_digest: digest::text_digest(&normalize::exact(said.question())),
        response_digest: digest::text_digest(&normalize::exact(said.response)),
        problem: harm.problem,
        severity_milli: harm.severity_milli,
        blocked: harm.blocked,
        occurred_at: harm.occurred_at,
        embedding,
        vector,
        grouped_by,
        compared,
        hint,
        caught_by: harm.caught_by,
    }
}
