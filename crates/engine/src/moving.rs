//! Moving a project here from elsewhere: everything keeps the id, the dates and the state it has there.
//!
//! Each thing is brought by itself and known by its id, so a move that was interrupted is simply begun again. What was brought before is
//! compared: of answers and reviews that nobody changed here since, what changed elsewhere is taken over; the rest stays, and is told. The order that leaves nothing out: the project; its answers; interactions that no remediation acted on; what the answers
//! were for ([`Engine::settle_by_answer`]); reviews; the other interactions, which are placed where their remediations are.

mod here;
mod interactions;
mod project;
mod surroundings;

pub use crate::answers::PastAnswer;
pub use crate::reviews::PastReview;
pub use crate::validate::{Acted, PastInteraction, PastVerdict};
pub use here::BroughtBefore;
pub use project::PastProject;
pub use surroundings::{Stranger, Surroundings, surroundings};

use crate::{Error, Result};
use domain::{Actor, Timestamp};

/// What became of one thing that was to be brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Brought {
    /// It is here now.
    Now,
    /// It was here before, and is as it was. What was deleted here stays so.
    Before,
    /// It was here before; what changed of it elsewhere since is here now.
    Changed,
    /// It was here before and is otherwise elsewhere by now: what is here stays, because somebody changed it here, or there is no way.
    Kept,
    /// It cannot be here: why, in words.
    Refused(String),
}

/// Who did something, when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// Tells what is wrong with the thing, which is its end alone, from what is wrong with the store.
pub(crate) fn brought(outcome: Result<()>) -> Result<Brought> {
    match outcome {
        Ok(()) => Ok(Brought::Now),
        Err(Error::Invalid(invalid)) => Ok(Brought::Refused(invalid.to_string())),
        Err(error @ Error::Conflict { .. }) => Ok(Brought::Refused(error.to_string())),
        Err(error) => Err(error),
    }
}

/// What is said where another project here has the id.
pub(crate) const ANOTHERS: &str = "another project here has something of this id";
