//! The one place that embeds and decides: as the live path does, on one thread, with the time it takes.

use super::intervals::rounded;
use crate::traffic::worth_sampling;
use domain::settings::{DEFAULT_SERVE_PRECISION, DEFAULT_SUGGEST_PRECISION};
use serde::Serialize;
use similarity::answering::{Bank, Calibration, Decision, PhrasingIndex, Thresholds, Traffic, decide};
use similarity::grouping::word_for_word;
use similarity::language::detect;
use similarity::reviewing::{Judgement, ReadResponse, same_response};
use similarity::{Embedding, Encoder, MODEL, Quantized};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

/// Target precisions, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Targets {
    /// Of what is served, so much is to be right.
    pub serve: f64,
    /// Of what is suggested to an expert.
    pub suggest: f64,
}

impl Default for Targets {
    fn default() -> Self {
        Self { serve: DEFAULT_SERVE_PRECISION, suggest: DEFAULT_SUGGEST_PRECISION }
    }
}

/// The scores that the targets came to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ThresholdsUsed {
    /// The least score to serve.
    pub serve: f64,
    /// The least score to suggest.
    pub suggest: f64,
}

/// Embeds and decides. A text is embedded once, however often it comes.
pub struct Evaluator {
    encoder: Encoder,
    elapsed: Box<dyn Fn() -> Duration>,
    known: HashMap<String, Rc<Embedded>>,
    read: HashMap<String, Rc<ReadResponse>>,
}

/// A text's embedding, and how long it took.
pub(super) struct Embedded {
    pub(super) embedding: Embedding,
    pub(super) took: Duration,
}

/// Answers to be decided against. Each is known by its place in the list it was made of.
pub(super) struct OwnBank<'a> {
    index: PhrasingIndex<u32>,
    traffic: Traffic,
    texts: Vec<&'a str>,
    /// Whether the model reads each text's language.
    are_read: Vec<bool>,
}

impl OwnBank<'_> {
    /// The text of the phrasing of this key.
    pub(super) fn phrasing(&self, key: u32) -> &str {
        self.texts[key as usize]
    }
}

impl Evaluator {
    /// Loads the model. `elapsed`: the time since any fixed moment.
    pub fn new(elapsed: impl Fn() -> Duration + 'static) -> Self {
        Self {
            encoder: Encoder::load(),
            elapsed: Box::new(elapsed),
            known: HashMap::new(),
            read: HashMap::new(),
        }
    }

    /// The model's name.
    pub(super) const fn model() -> &'static str {
        MODEL
    }

    /// The time since a fixed moment.
    pub(super) fn elapsed(&self) -> Duration {
        (self.elapsed)()
    }

    /// The scores for these targets, by the shipped calibration.
    pub(super) fn thresholds(targets: Targets) -> Thresholds {
        Thresholds::of(Calibration::default(), targets.serve, targets.suggest)
    }

    pub(super) fn embed(&mut self, text: &str) -> Rc<Embedded> {
        if let Some(known) = self.known.get(text) {
            return Rc::clone(known);
        }
        let begun = self.elapsed();
        let embedding = self.encoder.embed(text);
        let took = self.elapsed().saturating_sub(begun);
        let embedded = Rc::new(Embedded { embedding, took });
        self.known.insert(text.to_owned(), Rc::clone(&embedded));
        embedded
    }

    /// The vector by which a query is grouped.
    pub(super) fn grouped_by(&mut self, text: &str) -> Embedding {
        word_for_word(text).unwrap_or_else(|| self.embed(text).embedding.clone())
    }

    /// Makes a bank of answers, each given by its phrasings (the first is the expert's own question), and of what was
    /// asked before.
    pub(super) fn bank<'a>(&mut self, answers: &[Vec<&'a str>], past: &[&str]) -> OwnBank<'a> {
        let mut index = PhrasingIndex::default();
        let (mut texts, mut are_read) = (Vec::new(), Vec::new());
        for (owner, phrasings) in (0..).zip(answers) {
            for (at, &phrasing) in phrasings.iter().enumerate() {
                let key = texts.len() as u32;
                texts.push(phrasing);
                are_read.push(detect(phrasing).is_read_by_the_model());
                index.insert(key, owner, phrasing, &Quantized::of(&self.embed(phrasing).embedding));
                if at == 0 {
                    index.mark_question(key);
                }
            }
        }
        let mut past: Vec<String> = past.iter().map(|&query| query.to_owned()).collect();
        worth_sampling(&mut past);
        let traffic = Traffic::of(past.iter().map(|query| self.embed(query).embedding.clone()));
        OwnBank { index, traffic, texts, are_read }
    }

    /// Decides for a query, and says how long that took, its embedding included. As live, what the model does not read
    /// is answered word for word only.
    pub(super) fn decide(
        &mut self,
        bank: &OwnBank<'_>,
        thresholds: Thresholds,
        query: &str,
    ) -> (Decision<u32>, Duration) {
        let embedded = self.embed(query);
        let begun = self.elapsed();
        let is_read = detect(query).is_read_by_the_model();
        let same: Vec<u32> = bank.index.exact(query).iter().map(|found| found.key).collect();
        let keep = |_, key: u32| same.contains(&key) || is_read && bank.are_read[key as usize];
        let bank = Bank { keep: Some(&keep), ..Bank::new(&bank.index, &bank.traffic, thresholds) };
        let decision = decide(bank, self.encoder.verifier(), query, &embedded.embedding);
        (decision, embedded.took + self.elapsed().saturating_sub(begun))
    }

    /// Whether a review of one response applies to another response to the same query.
    pub(super) fn applies(&mut self, judgement: Judgement, reviewed: &str, response: &str) -> bool {
        let [known, new] = [reviewed, response].map(|text| self.read(text));
        same_response(judgement, &known, &new).passes
    }

    fn read(&mut self, response: &str) -> Rc<ReadResponse> {
        let encoder = &self.encoder;
        let read = || Rc::new(ReadResponse::read(encoder, response, None));
        Rc::clone(self.read.entry(response.to_owned()).or_insert_with(read))
    }
}

impl From<Thresholds> for ThresholdsUsed {
    fn from(used: Thresholds) -> Self {
        Self { serve: rounded(f64::from(used.serve)), suggest: rounded(f64::from(used.suggest)) }
    }
}
