//! The tick beside a proposed phrasing: whether it looks like the answer's own question. It never serves by itself.

use crate::matching::{plain, veto_note};
use domain::VetoNote;
use serde::Serialize;
use similarity::answering::{Calibration, Evidence};
use similarity::language::detect;
use similarity::{Embedding, Encoder};
use utoipa::ToSchema;

/// How a question compares with the answer's own. A suggestion to the expert, who decides.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Tick {
    /// Ticked: surely enough the answer's own question.
    pub proposed: bool,
    /// How surely an answer to the one is right and complete for the other, 0 to 1; null where only nearness was looked at.
    pub score: Option<f64>,
    /// Similarity to the answer's own question, -1 to 1; 0 where they are not compared by what they mean.
    pub similarity: f64,
    /// What speaks against it.
    pub vetoes: Vec<VetoNote>,
}

/// Of the questions that are ticked, so many should be right. An expert reads them before they serve.
const PRECISION: f32 = 0.97;

/// A question and what it means.
#[derive(Clone, Copy)]
pub(crate) struct Meant<'a> {
    pub(crate) text: &'a str,
    pub(crate) embedding: &'a Embedding,
}

/// Compares a question with an answer's own. In a language the model lacks only the same text is the same question.
pub(crate) fn tick(encoder: &Encoder, own: Meant<'_>, asked: Meant<'_>) -> Tick {
    let cosine = cosine(own, asked);
    let evidence = Evidence::of(encoder.verifier(), asked.text, own.text, cosine);
    let score = evidence.score();
    Tick {
        proposed: evidence.is_known() && score >= Calibration::default().threshold(PRECISION),
        score: evidence.is_known().then(|| plain(score)),
        similarity: plain(evidence.cosine),
        vetoes: evidence.vetoes.iter().map(veto_note).collect(),
    }
}

/// The same by nearness alone, where there are too many to compare: never ticked.
pub(super) fn glance(own: Meant<'_>, asked: Meant<'_>) -> Tick {
    Tick { proposed: false, score: None, similarity: plain(cosine(own, asked)), vetoes: Vec::new() }
}

fn cosine(own: Meant<'_>, asked: Meant<'_>) -> f32 {
    let read = [own.text, asked.text].iter().all(|text| detect(text).is_read_by_the_model());
    if read { asked.embedding.cosine(own.embedding) } else { 0.0 }
}
