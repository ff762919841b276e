//! What was recorded, to read again.

mod batch;
mod dealt_with;
mod list;
mod metadata;
mod one;
mod slice;

pub use list::{InteractionInclude, InteractionItem, InteractionPage, InteractionTexts};
pub use metadata::Nulls;
pub use one::{InteractionOccurrence, InteractionPlace, InteractionReview, InteractionView};
pub use slice::IssueInteractions;
pub use storage::interactions::{
    GroupFilter, GroupSort, InteractionFilter, InteractionListing, InteractionSort,
};

use crate::Result;
use domain::Timestamp;
use serde_json::Value;
use storage::StoreError;

/// Reads a column that holds JSON.
pub(crate) fn json_column(what: &'static str, json: Option<&String>) -> Result<Option<Value>> {
    let read = |json: &String| serde_json::from_str(json).map_err(|e| StoreError::unreadable(what, e));
    Ok(json.map(read).transpose()?)
}

/// Reads a column that holds a JSON list of names, or none.
fn names_column(json: Option<&String>) -> Result<Vec<String>> {
    let read =
        |json: &String| serde_json::from_str(json).map_err(|e| StoreError::unreadable("list of names", e));
    Ok(json.map_or(Ok(Vec::new()), read)?)
}

/// Reads a column that holds one of a set of words.
fn word_column<T: std::str::FromStr<Err: std::fmt::Display>>(what: &'static str, word: &str) -> Result<T> {
    Ok(word.parse().map_err(|e| StoreError::unreadable(what, e))?)
}

/// As [`word_column`], for one that may hold none.
fn optional_word<T: std::str::FromStr<Err: std::fmt::Display>>(
    what: &'static str,
    word: Option<&String>,
) -> Result<Option<T>> {
    word.map(|word| word_column(what, word)).transpose()
}

fn moment(at: Option<storage::At>) -> Option<Timestamp> {
    at.map(Into::into)
}
