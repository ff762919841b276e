//! The use cases, one module each, and the live state behind them. No HTTP.

pub mod access;
pub mod analytics;
mod answers;
mod applicability;
mod checkpoints;
mod contradictions;
mod cpu;
pub mod demo;
pub mod doctor;
mod effects;
mod engine;
mod error;
pub mod evaluate;
pub mod export;
pub mod feedback;
mod guidance;
mod history;
mod import;
mod interactions;
pub mod issues;
mod journal;
mod live;
mod llm;
mod lookup;
mod matches;
mod matching;
mod models;
pub mod moving;
mod remediations;
mod retention;
mod reviews;
pub mod secrets;
mod service;
mod settings;
mod sources;
mod traffic;
mod validate;

pub use answers::{
    AnswerEdit, AnswerFilter, AnswerItem, AnswerPage, AnswerSearch, AnswerSort, AnswerState,
    AnswerVersionView, AnswerView, Between, NewAnswer, PhrasingDecisions, PhrasingView, Reach,
    ReachCandidate, Tick,
};
pub use applicability::ApplicabilityEdit;
pub use effects::Effect;
pub use engine::{Engine, EngineOptions};
pub use error::{Error, Result};
pub use guidance::{
    ConsultInput, Consultation, GivenGuidance, GuidanceEdit, GuidanceFilter, GuidancePage, GuidancePhrasing,
    GuidanceVersionView, GuidanceView, MOST_GIVEN, NewGuidance,
};
pub use import::{ImportSummary, RefusedLine};
pub use interactions::{
    GroupFilter, GroupSort, InteractionFilter, InteractionInclude, InteractionItem, InteractionListing,
    InteractionOccurrence, InteractionPage, InteractionPlace, InteractionReview, InteractionSort,
    InteractionTexts, InteractionView, IssueInteractions, Nulls,
};
pub use llm::LlmSettings;
pub use lookup::{Lookup, LookupInput, Tried};
pub use matches::{
    MatchBatch, MatchDecision, MatchFilter, MatchItem, MatchPage, MatchPlace, MatchShow, MatchSort,
    MatchedAnswer, MatchedReview,
};
pub use matching::OutOfScope;
pub use models::{EndpointSettings, ModelChoice, ModelSource, ModelView};
pub use remediations::RemediationItem;
pub use reviews::{
    NewReview, ReviewEdit, ReviewFilter, ReviewItem, ReviewPage, ReviewSearch, ReviewSort, ReviewVersionView,
    ReviewView,
};
pub use settings::{EvaluationView, GuardrailView, SettingsView};
pub use sources::{Clock, SystemClock};
pub use storage::signing_keys::any as has_sealed_secrets;
pub use storage::{DatabaseUrl, migrate};
pub use validate::{Attempt, Because, Pending, Prepared, ValidateBody, ValidateInput, Validated, read_dated};
