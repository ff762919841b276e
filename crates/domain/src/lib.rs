//! What the words of the workspace mean, and the rules they obey. Pure: no I/O, no clock, no randomness.

mod words;

pub mod access;
pub mod applicability;
pub mod chat;
pub mod day;
pub mod digest;
pub mod evaluation;
pub mod event;
pub mod guardrail;
pub mod guidance;
pub mod id;
pub mod impact;
pub mod invalid;
pub mod issue;
pub mod list;
pub mod llm;
pub mod metadata;
pub mod occurrence;
pub mod problem;
pub mod remediation;
pub mod scores;
pub mod scoring;
pub mod settings;
pub mod severity;
pub mod text;
pub mod time;
pub mod verdict;

pub use access::{OrganizationRole, Permission, ProjectRole, Scope};
pub use applicability::{Applicability, AppliesWhen, Asker, Language};
pub use chat::{Response, ToolCall, Turn};
pub use day::{Day, UtcOffset};
pub use evaluation::{Direction, Evaluation, EvaluationOutcome};
pub use event::{Actor, Change, EventKind};
pub use guardrail::{Focus, Guardrail, GuardrailHit};
pub use guidance::{Wording, WrittenBy};
pub use id::*;
pub use impact::{HourCount, ImpactLevel};
pub use invalid::{Faults, FieldCode, FieldError, Invalid};
pub use issue::{AddressedBy, IssueAction, IssueState, OccurrenceState, Status};
pub use llm::LlmFailureCode;
pub use occurrence::{Compared, Entry, GroupedBy, Moved, Origin};
pub use problem::{Problem, ProblemCode};
pub use remediation::{
    AnswerStatus, Confirmation, MatchState, PhrasingSource, RemediationKind, RemediationRef, Warning,
    WarningCode,
};
pub use scoring::{NoScore, NoScoreCode, Score, Scored, ScoredBy, Scorer};
pub use settings::{ProjectSettings, ServeAnswers};
pub use time::{Hour, TimeError, Timestamp};
pub use verdict::{
    AnswerMatch, AnswerMatchState, AnswerOffer, AppliedReview, Kind, QueryLanguage, ReviewCandidate,
    ReviewEffect, ReviewVerdict, RewriteSource, Rewriting, RunnerUp, Serve, Verdict, VetoNote,
};
pub use words::UnknownWord;
