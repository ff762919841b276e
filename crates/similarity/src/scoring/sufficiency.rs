//! Does the context hold what a query asks?

use super::{LocalScore, NoLocalScore, ReadContext, halved_at, is_read};
use crate::reviewing::{SENTENCES, sentences};
use std::collections::BTreeSet;

/// What divides the sufficient contexts of the development half best from the others.
const MIDDLE: f32 = 0.35;

/// How surely some place of the context speaks of what a query asks, 0 to 1: it has the query's words and comes near to it.
/// Whether it answers the query is beyond a rule: what speaks of the matter and leaves the question open counts as sufficient.
///
/// # Errors
/// A language is not read; the context is too long.
pub fn sufficiency(query: &str, context: &ReadContext) -> Result<LocalScore, NoLocalScore> {
    if !is_read(query) {
        return Err(NoLocalScore::Unread);
    }
    context.check()?;
    let stems: BTreeSet<String> =
        sentences(query, SENTENCES).0.into_iter().flat_map(|sentence| sentence.stems).collect();
    let Some(place) = context.places(query, &stems, 1).pop() else {
        return Ok(LocalScore { score: 0.0, explanation: "The context is empty.".to_owned() });
    };
    let explanation = format!("Nearest to the query in the context: “{}”", place.text);
    Ok(LocalScore { score: halved_at(MIDDLE, place.worth), explanation })
}
