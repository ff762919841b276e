//! The place of a text that the model does not read: it is like the same text and like nothing else.
//!
//! What happens to issues (joining, merging, splitting, following other writers) happens to their vectors. A text whose
//! meaning is not known gets a vector of its own: signs drawn by its exact form, all of one size. No model gives such a
//! vector, so that what is compared word for word is told from what is compared by meaning by the vector alone.

use crate::embedding::Embedding;
use crate::encoder::DIMENSION;
use crate::language::detect;
use crate::normalize;
use domain::digest::text_digest;

/// Least cosine of two such vectors of the same text: sums and stored bytes round. One other sign of the
/// [`DIMENSION`] makes it .995.
pub(super) const SAME: f32 = 0.999;
/// Sizes within this share of each other are one.
const ROUNDING: f32 = 1e-3;

/// The vector by which a text is grouped that the model does not read; none for one that it reads.
pub fn word_for_word(text: &str) -> Option<Embedding> {
    (!detect(text).is_read_by_the_model()).then(|| by_form(text))
}

/// The vector by which a text is grouped with the very same text only.
pub fn by_form(text: &str) -> Embedding {
    of_form(&normalize::exact(text))
}

/// Whether a vector stands for a text and not for a meaning.
pub fn is_word_for_word(vector: &Embedding) -> bool {
    of_one_size(vector.as_slice())
}

/// Whether all components are of one size, as they are in the sum of equal such vectors.
pub(super) fn of_one_size(components: &[f32]) -> bool {
    let size = components.first().map_or(0.0, |first| first.abs());
    size > 0.0 && components.iter().all(|one| (one.abs() - size).abs() <= ROUNDING * size)
}

/// Signs drawn by a text.
pub(super) fn of_form(form: &str) -> Embedding {
    let blocks = (0_usize..).flat_map(|block| text_digest(&format!("{block} {form}")));
    let signs = blocks.flat_map(|byte| (0..8).map(move |bit| if byte >> bit & 1 == 1 { 1.0 } else { -1.0 }));
    Embedding::from_f32(signs.take(DIMENSION).collect())
}

#[cfg(test)]
mod tests {
    use super::super::{CentroidSum, Centroids, Placement};
    use super::*;
    use crate::embedding::tests::any_embedding;
    use crate::{Encoder, Quantized};
    use proptest::prelude::*;

    /// Questions in languages the model does not read, two that mean the same each.
    const UNREAD: [[&str; 2]; 9] = [
        ["パスワードを忘れました。どうすればいいですか？", "パスワードを忘れたらどうすればよいですか？"],
        ["如何重置我的密码？", "怎样重置我的密码？"],
        ["비밀번호를 어떻게 재설정하나요?", "비밀번호는 어떻게 재설정하나요?"],
        ["Как сбросить пароль?", "Как мне сбросить пароль?"],
        ["كيف يمكنني إعادة تعيين كلمة المرور؟", "كيف أعيد تعيين كلمة المرور؟"],
        ["मैं अपना पासवर्ड कैसे रीसेट करूँ?", "पासवर्ड कैसे रीसेट करें?"],
        ["Πώς μπορώ να επαναφέρω τον κωδικό μου;", "Πώς επαναφέρω τον κωδικό μου;"],
        ["ฉันจะรีเซ็ตรหัสผ่านได้อย่างไร", "จะรีเซ็ตรหัสผ่านอย่างไร"],
        ["Wie kann ich mein Passwort zurücksetzen?", "Wie setze ich mein Passwort zurück?"],
    ];

    fn place(centroids: &Centroids<u32>, text: &str, width: f32) -> Placement<u32> {
        let vector = word_for_word(text).expect("the model does not read it");
        centroids.place(&Quantized::of(&vector).embedding(), width, None)
    }

    #[test]
    fn only_the_same_text_is_near_however_wide() {
        let mut centroids = Centroids::default();
        for (key, [text, _]) in (0..).zip(UNREAD) {
            assert_eq!(place(&centroids, text, -1.0), Placement::Open, "{text}");
            for _ in 0..3 {
                centroids.add(key, &word_for_word(text).unwrap());
            }
        }
        for (key, [text, other]) in (0..).zip(UNREAD) {
            let again = format!(" {} ", text.to_uppercase());
            assert!(
                matches!(place(&centroids, &again, 1.0), Placement::Join(found, _) if found == key),
                "{text}"
            );
            assert_eq!(place(&centroids, other, -1.0), Placement::Open, "{other}");
        }
    }

    #[test]
    fn meanings_and_texts_do_not_meet() {
        let encoder = Encoder::load();
        let meant = encoder.embed("How do I reset my password?");
        assert_eq!(word_for_word("How do I reset my password?"), None);
        let mut centroids = Centroids::default();
        centroids.add(1, &word_for_word(UNREAD[0][0]).unwrap());
        assert_eq!(centroids.place(&meant, -1.0, None), Placement::Open);
        assert_eq!((centroids.nearest(&meant), centroids.similarity(&meant, 1)), (vec![], None));
        centroids.add(2, &meant);
        assert!(matches!(centroids.place(&meant, -1.0, None), Placement::Join(2, _)));
        assert_eq!(place(&centroids, UNREAD[1][0], -1.0), Placement::Open);
        assert!(centroids.is_word_for_word(1) && !centroids.is_word_for_word(2));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_vector_of_a_meaning_is_not_taken_for_one_of_a_text(vector in any_embedding()) {
            prop_assert!(!is_word_for_word(&vector));
        }

        #[test]
        fn sums_and_bytes_of_a_text_stay_its_own(text in "[а-я ]{1,40}", members in 1usize..2000) {
            let vector = of_form(&text);
            let stored = Quantized::of(&vector);
            prop_assert!(is_word_for_word(&Quantized::from_bytes(stored.scale, &stored.to_bytes()).unwrap().embedding()));
            let mut sum = CentroidSum::of(&vector);
            for _ in 0..members {
                sum.add(&vector);
            }
            sum.remove(&vector);
            let direction = Embedding::from_f32(sum.as_slice().to_vec());
            prop_assert!(is_word_for_word(&direction) && direction.cosine(&vector) > SAME);
        }
    }
}
