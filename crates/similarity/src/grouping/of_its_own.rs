//! The place of what cannot be compared with anything: a direction of its own.

use super::word_for_word::of_form;
use crate::embedding::Embedding;

/// A vector for one interaction alone, made of its id as that of a text is that is compared word for word: it neither
/// joins an issue nor draws others to its own.
pub fn of_its_own(id: &str) -> Embedding {
    of_form(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Encoder;

    #[test]
    fn it_is_near_to_nothing_and_the_same_every_time() {
        let encoder = Encoder::load();
        let texts =
            ["yes please", "How do I reset my password?", "and that one?"].map(|text| encoder.embed(text));
        let own: Vec<Embedding> = (0..40).map(|id| of_its_own(&id.to_string())).collect();
        for (place, vector) in own.iter().enumerate() {
            let others = own[..place].iter().chain(&texts);
            assert!(others.map(|other| vector.cosine(other)).all(|cosine| cosine.abs() < 0.3), "{place}");
            assert!(vector.cosine(&of_its_own(&place.to_string())) > 0.999);
        }
    }
}
