//! Which issue a query joins: the one with the nearest centroid within a width, else a new one.
//!
//! Nearest centroid was the best of the sequential rules measured; joining the nearest *member* chains unlike questions
//! together.

mod centroids;
mod placement;

pub use centroids::{CentroidSum, Centroids, NEAREST};
pub use placement::{Hint, Placement};
