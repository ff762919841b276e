//! Guidance: what an expert explained, as advice that the AI gets with the queries it is for. It never takes the place of a response, so
//! being near is enough for it.

mod asked;
mod change;
mod consult;
mod create;
mod edit;
mod list;
mod reword;
mod view;
mod wording;

pub(crate) use create::{Made, write_new};
pub(crate) use view::{applicability_of, views};
pub(crate) use wording::{UnderWay, word_what_waits};

pub use consult::{ConsultInput, Consultation, GivenGuidance, MOST_GIVEN};
pub use create::NewGuidance;
pub use edit::GuidanceEdit;
pub use list::{GuidanceFilter, GuidancePage, GuidanceVersionView};
pub use view::{GuidancePhrasing, GuidanceView};
