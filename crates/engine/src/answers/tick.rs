//! The tick beside a proposed phrasing: whether it looks like the answer's own question. It never serves by itself.

use crate::matching::{plain, veto_note};
use domain::VetoNote;
use serde::Serialize;
use similarity::Embedding;
use similarity::answering::same_question;
use utoipa::ToSchema;

/// How a question compares with the answer's own. A suggestion to the expert, who decides.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Tick {
    /// Ticked: near enough to the answer's own question, and nothing speaks against it.
    pub proposed: bool,
    /// Similarity to the answer's own question, -1 to 1.
    pub similarity: f64,
    /// What speaks against it.
    pub vetoes: Vec<VetoNote>,
}

/// A question and what it means.
#[derive(Clone, Copy)]
pub(crate) struct Meant<'a> {
    pub(crate) text: &'a str,
    pub(crate) embedding: &'a Embedding,
}

/// Compares a question with an answer's own.
pub(crate) fn tick(own: Meant<'_>, asked: Meant<'_>) -> Tick {
    let compared = same_question(asked.text, own.text, asked.embedding, own.embedding);
    Tick {
        proposed: compared.passes,
        similarity: plain(compared.similarity),
        vetoes: compared.vetoes.iter().map(veto_note).collect(),
    }
}
