//! Reviews: an expert's Good or Bad on interactions, and what it covers.

mod change;
mod cover;
mod create;
mod follow;
mod heirs;
mod list;
mod past;
mod search;
mod view;

pub(crate) use create::check_responses;
pub(crate) use heirs::Heir;
pub(crate) use search::items as review_items;
pub(crate) use view::{applicability_of, read_verdict, said};

pub use change::ReviewEdit;
pub use create::NewReview;
pub use list::{ReviewFilter, ReviewPage};
pub use past::PastReview;
pub use search::{ReviewItem, ReviewSearch, ReviewSort};
pub use view::{ReviewVersionView, ReviewView};
