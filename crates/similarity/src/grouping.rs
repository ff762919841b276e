//! Which issue a query joins: the one with the nearest centroid within a width, else a new one.
//!
//! Nearest centroid was the best of the sequential rules measured; joining the nearest *member* chains unlike questions
//! together. A text in a language the model does not read joins only where the same text is ([`word_for_word`]).

mod centroids;
mod placement;
mod word_for_word;

pub use centroids::{CentroidSum, Centroids, NEAREST};
pub use placement::{Hint, Placement};
pub use word_for_word::{is_word_for_word, word_for_word};
