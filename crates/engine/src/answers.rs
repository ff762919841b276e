//! Answers: an expert's words for a question, the phrasings they respond to, and their life from draft to active and back.

mod change;
mod correct;
mod create;
mod edit;
mod follow;
mod list;
mod past;
mod phrasings;
mod reach;
mod same;
mod search;
mod tick;
mod view;

pub(crate) use change::refused;
pub(crate) use create::{By, half_life_days, vector_row, vector_row_of, vector_row_of_quantized};
pub(crate) use reach::phrasing_digest;
pub(crate) use tick::{Meant, tick};
pub(crate) use view::{applicability_of, quantized, serve_answers_of, status_of};

pub use create::NewAnswer;
pub use edit::AnswerEdit;
pub use list::{AnswerFilter, AnswerItem, AnswerPage, AnswerVersionView};
pub use past::PastAnswer;
pub use phrasings::PhrasingDecisions;
pub use reach::{Reach, ReachCandidate};
pub use search::{AnswerSearch, AnswerSort, AnswerState, Between};
pub use tick::Tick;
pub use view::{AnswerView, PhrasingView};
