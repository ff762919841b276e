//! The questions that experts said an answer does not respond to.

use crate::embedding::{Embedding, Quantized};
use crate::normalize;
use crate::vetoes::{Veto, VetoCode};
use std::collections::HashMap;
use std::hash::Hash;

/// Cosines that differ by no more are the same: stored vectors are rounded to bytes.
const ROUNDING: f32 = 1e-3;
/// The cosine of two vectors in bytes is off by less: most questions are dismissed by that, at a fraction of the work.
const COARSE: f32 = 0.01;

#[derive(Clone)]
struct Question<K> {
    key: K,
    text: String,
    /// As [`normalize::exact`] gives it.
    form: String,
    /// None where it counts word for word only.
    vector: Option<Quantized>,
}

/// A rejected question that is the query, word for word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rejection<'a, K> {
    /// The question.
    pub key: K,
    /// The answer it was rejected for.
    pub owner: K,
    /// Its text.
    pub text: &'a str,
}

impl<K> Rejection<'_, K> {
    /// The objection that it is.
    pub fn veto(&self) -> Veto {
        let detail = format!("an expert rejected “{}” for this answer", self.text);
        Veto { code: VetoCode::Rejected, detail }
    }
}

/// Rejected questions by answer. `K` is the type of both the questions' and the answers' ids.
#[derive(Clone)]
pub struct Rejected<K> {
    questions: HashMap<K, Vec<Question<K>>>,
    /// The answers for which a question of this form was rejected.
    owners: HashMap<String, Vec<K>>,
}

impl<K> Default for Rejected<K> {
    fn default() -> Self {
        Self { questions: HashMap::new(), owners: HashMap::new() }
    }
}

impl<K: Copy + Ord + Hash> Rejected<K> {
    /// Puts a question in that the answer `owner` does not respond to. `vector`: none where the model does not read its
    /// language; then it counts word for word only.
    pub fn insert(&mut self, key: K, owner: K, text: &str, vector: Option<Quantized>) {
        let form = normalize::exact(text);
        self.owners.entry(form.clone()).or_default().push(owner);
        let question = Question { key, text: text.to_owned(), form, vector };
        self.questions.entry(owner).or_default().push(question);
    }

    /// Takes the questions of an answer out.
    pub fn remove_owner(&mut self, owner: K) {
        for question in self.questions.remove(&owner).unwrap_or_default() {
            if let Some(owners) = self.owners.get_mut(&question.form) {
                owners.retain(|other| *other != owner);
                if owners.is_empty() {
                    self.owners.remove(&question.form);
                }
            }
        }
    }

    /// The rejected questions that are the query, word for word; by answer.
    pub fn exact(&self, query: &str) -> Vec<Rejection<'_, K>> {
        if self.owners.is_empty() {
            return Vec::new();
        }
        let form = normalize::exact(query);
        let mut owners = self.owners.get(&form).cloned().unwrap_or_default();
        owners.sort_unstable();
        owners.dedup();
        let of = |owner: K| {
            let questions = self.questions.get(&owner).into_iter().flatten();
            let mut same = questions.filter(|question| question.form == form);
            same.next().map(|Question { key, text, .. }| Rejection { key: *key, owner, text })
        };
        owners.into_iter().filter_map(of).collect()
    }

    /// The objection against serving the answer `owner` by a phrasing that is `similarity` near to the query: the query
    /// is a rejected question word for word, or one is at least as near as the phrasing. An exact phrasing yields only to
    /// the former.
    pub fn objection(
        &self,
        owner: &K,
        query: &str,
        embedding: &Embedding,
        similarity: f32,
        exact: bool,
    ) -> Option<Veto> {
        let questions = self.questions.get(owner)?;
        let form = normalize::exact(query);
        let word_for_word = questions.iter().find(|question| question.form == form);
        let nearer = || {
            let bytes = Quantized::of(embedding);
            let at_least_as_near = |question: &&Question<K>| {
                question.vector.as_ref().is_some_and(|vector| {
                    vector.cosine(&bytes) + COARSE >= similarity
                        && vector.embedding().cosine(embedding) + ROUNDING >= similarity
                })
            };
            questions.iter().filter(|_| !exact).find(at_least_as_near)
        };
        let Question { key, text, .. } = word_for_word.or_else(nearer)?;
        Some(Rejection { key: *key, owner: *owner, text }.veto())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoder::DIMENSION;

    /// A direction at a given cosine to the query, which is the first axis.
    fn at(cosine: f32) -> Embedding {
        let mut values = vec![0.0; DIMENSION];
        values[0] = cosine;
        values[1] = (1.0 - cosine * cosine).sqrt();
        Embedding::from_f32(values)
    }

    fn rejected(text: &str, cosine: f32) -> Rejected<u32> {
        let mut rejected = Rejected::default();
        rejected.insert(1, 7, text, Some(Quantized::of(&at(cosine))));
        rejected
    }

    fn objects(rejected: &Rejected<u32>, owner: u32, similarity: f32, exact: bool) -> bool {
        rejected.objection(&owner, "How do I thaw it?", &at(1.0), similarity, exact).is_some()
    }

    #[test]
    fn the_very_question_is_out_however_far_its_vector() {
        let rejected = rejected("how do i THAW it", 0.1);
        assert!(objects(&rejected, 7, 0.99, false) && objects(&rejected, 7, 1.0, true));
        assert!(!objects(&rejected, 8, 0.99, false), "another answer may");
        let found = rejected.exact("How do I thaw it!");
        assert_eq!(found, [Rejection { key: 1, owner: 7, text: "how do i THAW it" }]);
        assert_eq!(rejected.exact("How do you thaw it?"), []);
    }

    #[test]
    fn without_its_answer_a_question_stops_nothing() {
        let mut rejected = rejected("How do I thaw it?", 0.95);
        rejected.insert(2, 8, "How do I thaw it?", None);
        rejected.remove_owner(7);
        rejected.remove_owner(9);
        assert!(!objects(&rejected, 7, 0.5, false) && objects(&rejected, 8, 0.5, false));
        assert_eq!(rejected.exact("How do I thaw it?").len(), 1);
    }

    #[test]
    fn a_rejected_question_stops_a_phrasing_that_is_no_nearer() {
        let rejected = rejected("How is it thawed?", 0.95);
        assert!(objects(&rejected, 7, 0.94, false) && objects(&rejected, 7, 0.95, false));
        assert!(!objects(&rejected, 7, 0.96, false), "the phrasing is nearer");
        assert!(!objects(&rejected, 7, 0.94, true), "exact text yields to exact text only");
        let veto = rejected.objection(&7, "How do I thaw it?", &at(1.0), 0.9, false).unwrap();
        assert_eq!((veto.code.as_str(), veto.detail.contains("How is it thawed?")), ("rejected", true));
    }
}
