//! Which issue a query joins: the one it is most similar to, on the average over the questions, within a width; else a new one. And which
//! issues become one: those that are similar to each other in the same way.
//!
//! The measure is the mean similarity after what all questions of the project have in common was taken out ([`Reference`]). Joining the nearest
//! *member* chains unlike questions together, and a cosine means one thing in a broad trade and another in a narrow one. A text in a language the
//! model does not read joins only where the same text is ([`word_for_word`]), and is never merged.

mod centroids;
mod grouper;
mod means;
mod merging;
mod of_its_own;
mod placement;
mod reference;
mod sum;
mod word_for_word;

pub use centroids::{Centroids, NEAREST};
pub use grouper::{CADENCE, Grouper, STEP, Widths};
pub use merging::{Merge, Merger, Merges};
pub use of_its_own::of_its_own;
pub use placement::{Hint, Placement};
pub use reference::Reference;
pub use sum::CentroidSum;
pub use word_for_word::{by_form, is_word_for_word, word_for_word};
