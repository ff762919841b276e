//! Which answer a query gets. Shy on purpose: serving an answer to the wrong question is the worst error there is.
//!
//! One file a stage: `follow_up` says whether a query can be matched by its own words, `index` finds phrasings,
//! `further` adds what another model finds, `rejected` keeps what experts ruled out, `candidates` compares the nearest
//! answers' (`evidence`: cosine, verifier), `traffic` says what else the project is asked, `score` makes one number of it
//! (`scored_by` names what made it), `calibration` turns a target precision
//! into the score that is needed, `decision` says what is served, suggested or ignored.

mod calibration;
mod candidates;
mod decision;
mod evidence;
mod follow_up;
mod further;
mod index;
mod rejected;
mod score;
mod scored_by;
mod traffic;

pub use calibration::{Calibration, Judged};
pub use candidates::Rival;
pub use decision::{AMBIGUITY, Bank, Decision, Hit, Thresholds, Verdict, decide};
pub use evidence::{Evidence, KnownQuestion, NEAR};
pub use follow_up::stands_alone;
pub use further::Further;
pub use index::{Keep, Neighbour, Phrased, PhrasingIndex, Same};
pub use rejected::{Rejected, Rejection};
pub use scored_by::scored_by;
pub use traffic::Traffic;
