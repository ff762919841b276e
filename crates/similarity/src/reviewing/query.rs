//! Is a query the one a review was made on?

use super::Judgement;
use crate::embedding::Embedding;
use crate::normalize;
use crate::vetoes::{Veto, VetoCode, vetoes};

/// Least cosine of the queries. Looser than serving an answer, because the response must match too, and a Bad review
/// should reach paraphrases.
pub const QUERY: f32 = 0.85;

/// A query and what it means; without that only the exact same text is the same query.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// What was asked.
    pub text: &'a str,
    /// Its embedding, by `Encoder::embed`; none if the model does not read its language.
    pub embedding: Option<&'a Embedding>,
}

/// Whether two queries are the same for a review, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryMatch {
    /// Whether they are.
    pub passes: bool,
    /// Their cosine; 1 when they are the exact same text.
    pub similarity: f32,
    /// The objections.
    pub vetoes: Vec<Veto>,
    /// Why they are not, in plain words; empty when they are.
    pub reasons: Vec<String>,
}

/// Compares the query a review was made on with a new one.
///
/// They must be the exact same text, or near and without a number, negation, order or question-word objection. A swapped
/// word is no objection for Bad, only for Good: blocking once too often asks an expert, letting through once too often
/// harms a user.
pub fn same_query(judgement: Judgement, reviewed: Question<'_>, new: Question<'_>) -> QueryMatch {
    if normalize::exact(reviewed.text) == normalize::exact(new.text) {
        return QueryMatch { passes: true, similarity: 1.0, vetoes: Vec::new(), reasons: Vec::new() };
    }
    let Some((known, asked)) = reviewed.embedding.zip(new.embedding) else {
        let reasons = vec!["the queries are not the same text, and their language is not read".to_owned()];
        return QueryMatch { passes: false, similarity: 0.0, vetoes: Vec::new(), reasons };
    };
    let similarity = known.cosine(asked);
    let mut vetoes = vetoes(new.text, reviewed.text);
    vetoes.retain(|veto| judgement == Judgement::Good || veto.code != VetoCode::SwappedWord);
    let mut reasons = Vec::new();
    if similarity < QUERY {
        reasons.push(format!("the queries are {similarity:.3} alike, below {QUERY}"));
    }
    reasons.extend(vetoes.iter().map(|veto| format!("the queries differ: {}", veto.detail)));
    QueryMatch { passes: reasons.is_empty(), similarity, vetoes, reasons }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Encoder;
    use std::sync::LazyLock;

    static ENCODER: LazyLock<Encoder> = LazyLock::new(Encoder::load);

    fn compare(judgement: Judgement, reviewed: &str, new: &str) -> QueryMatch {
        let (a, b) = (ENCODER.embed(reviewed), ENCODER.embed(new));
        let question = |text, embedding| Question { text, embedding: Some(embedding) };
        same_query(judgement, question(reviewed, &a), question(new, &b))
    }

    #[test]
    fn a_paraphrase_passes_and_another_question_does_not() {
        let asked = "How long do I have to return an item?";
        for judgement in [Judgement::Good, Judgement::Bad] {
            assert!(compare(judgement, asked, "how long do I have for returning an item").passes);
            assert!(compare(judgement, asked, "how LONG do I have to return an item").passes);
            assert!(!compare(judgement, asked, "Why was my card declined?").passes);
            assert!(!compare(judgement, "Is 2 days enough?", "Is 20 days enough?").passes);
        }
    }

    #[test]
    fn a_swapped_word_keeps_a_good_review_from_it_and_not_a_bad_one() {
        let embedding = ENCODER.embed("savings account");
        let question = |text| Question { text, embedding: Some(&embedding) };
        let (asked, other) =
            (question("How do I open a savings account?"), question("How do I close a savings account?"));
        assert!(same_query(Judgement::Bad, asked, other).passes);
        assert_eq!(same_query(Judgement::Good, asked, other).reasons, ["the queries differ: close vs open"]);
    }

    #[test]
    fn without_a_vector_only_the_same_text_is_the_same_query() {
        let question = |text| Question { text, embedding: None };
        let same = |a, b| same_query(Judgement::Bad, question(a), question(b));
        assert!(same("Wo ist mein Paket?", "wo ist mein paket").passes);
        assert!(!same("Wo ist mein Paket?", "Wo ist das Paket?").passes);
    }
}
