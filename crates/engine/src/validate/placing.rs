//! Everything that decides where an occurrence goes, gathered before the transaction.

use crate::journal::Placing;
use crate::live::LiveProject;
use domain::chat::{self, Turn};
use domain::{Compared, GroupedBy, InteractionId, ProblemCode, RemediationRef, Timestamp, digest, text};
use similarity::answering::stands_alone;
use similarity::grouping::{by_form, is_word_for_word, of_its_own, word_for_word};
use similarity::{Embedding, Encoder, Quantized, normalize};
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

    /// What it is grouped by: its question, or the last user turn before it that can stand alone where the question
    /// cannot. Where nothing can, it is like nothing else; but without any conversation at hand, the same words from many
    /// are one piece of work, not many.
    fn grouped_by(self) -> Grouped<'a> {
        if self.stands_alone() {
            return Grouped::Meaning(self.question(), GroupedBy::Question);
        }
        if self.turns.is_empty() {
            return Grouped::Form(self.question());
        }
        let mut preceding = chat::preceding_user_turns(self.turns, self.query);
        let turn = preceding.find(|turn| stands_alone(&turn.text));
        turn.map_or(Grouped::Nothing, |turn| Grouped::Meaning(&turn.text, GroupedBy::PrecedingTurn))
    }
}

/// What an occurrence is grouped by.
#[derive(Clone, Copy)]
enum Grouped<'a> {
    /// The meaning of a text, as far as the model reads it.
    Meaning(&'a str, GroupedBy),
    /// The very words of its question.
    Form(&'a str),
    /// Nothing: it is like nothing else.
    Nothing,
}

impl Grouped<'_> {
    fn name(self) -> GroupedBy {
        match self {
            Self::Meaning(_, by) => by,
            Self::Form(_) => GroupedBy::Question,
            Self::Nothing => GroupedBy::Nothing,
        }
    }

    /// Its place among the issues; `embed` gives a text's meaning.
    fn vector(self, interaction: InteractionId, embed: impl FnOnce(&str) -> Embedding) -> Embedding {
        match self {
            Self::Meaning(text, _) => word_for_word(text).unwrap_or_else(|| embed(text)),
            Self::Form(text) => by_form(text),
            Self::Nothing => of_its_own(&interaction.to_string()),
        }
    }
}

/// The conversation an interaction came with, as it is stored.
pub(crate) fn stored_turns(texts: &InteractionTextRow) -> Vec<Turn> {
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
    let turns = stored_turns(texts);
    let grouped = said(texts, &turns).grouped_by();
    Quantized::of(&grouped.vector(texts.interaction_id.into(), |text| encoder.embed(text)))
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
    let grouped = said.grouped_by();
    let grouped_by = grouped.name();
    let embedding = embedding.filter(|_| said.stands_alone());
    let embedding = grouped.vector(interaction, |text| embedding.unwrap_or_else(|| encoder.embed(text)));
    let compared = if is_word_for_word(&embedding) { Compared::WordForWord } else { Compared::Meaning };
    // As it is stored: what a centroid is the sum of can be taken away from it again.
    let vector = Quantized::of(&embedding);
    let embedding = vector.embedding();
    let hint = live.grouping_if_loaded().map(|grouping| grouping.hint(&embedding));
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
