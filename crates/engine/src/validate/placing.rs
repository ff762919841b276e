//! Everything that decides where an occurrence goes, gathered before the transaction.

use crate::journal::Placing;
use crate::live::LiveProject;
use domain::chat::{self, Turn};
use domain::{ProblemCode, RemediationRef, Timestamp, digest, text};
use similarity::answering::stands_alone;
use similarity::{Embedding, Encoder, normalize};
use std::sync::PoisonError;

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

    /// Whether that text can be understood by its own words.
    pub(super) fn stands_alone(self) -> bool {
        self.rewritten_query.is_some() || stands_alone(self.query)
    }

    /// The text it is grouped by: its question, or the preceding user turn when the query cannot stand alone.
    fn grouped_by(self) -> &'a str {
        if self.stands_alone() {
            return self.question();
        }
        chat::preceding_user_turn(self.turns, self.query).map_or(self.query, |turn| turn.text.as_str())
    }
}

/// Gathers it. `embedding`: of the question, if there is one already.
pub(super) fn placing(
    live: &LiveProject,
    encoder: &Encoder,
    said: Said<'_>,
    harm: Harm,
    embedding: Option<Embedding>,
) -> Placing {
    let embedding =
        embedding.filter(|_| said.stands_alone()).unwrap_or_else(|| encoder.embed(said.grouped_by()));
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
        hint,
        caught_by: harm.caught_by,
    }
}
