//! What is wrong with an input: every fault, each with the place and a stable code.

use crate::words::words;

words! {
    /// The kind of fault, stable for programs.
    FieldCode {
        /// Missing or empty.
        Required = "required",
        /// Another JSON type than expected.
        WrongType = "wrong_type",
        /// Not written as it should be.
        BadFormat = "bad_format",
        /// Longer than allowed.
        TooLong = "too_long",
        /// More items than allowed.
        TooMany = "too_many",
        /// Nested deeper than allowed.
        TooDeep = "too_deep",
        /// A number outside its range.
        OutOfRange = "out_of_range",
        /// A NUL character, which no database text holds.
        NulCharacter = "nul_character",
        /// A name nothing has here.
        Unknown = "unknown",
        /// The same thing twice.
        Duplicate = "duplicate",
        /// A pattern that does not compile, is too large, or matches everything.
        BadPattern = "bad_pattern",
        /// Contradicts another field, or what is stored.
        Conflict = "conflict",
    }
}

/// One fault of an input.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// Where: a JSON pointer (RFC 6901) into the request body; empty for the whole of it.
    pub pointer: String,
    /// What kind of fault.
    pub code: FieldCode,
    /// What is wrong, in a plain sentence.
    pub detail: String,
}

/// An input that breaks the rules: at least one fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", summary(errors))]
pub struct Invalid {
    /// The faults, in the order found.
    pub errors: Vec<FieldError>,
}

impl Invalid {
    /// One fault.
    pub fn one(pointer: impl Into<String>, code: FieldCode, detail: impl Into<String>) -> Self {
        Self { errors: vec![FieldError { pointer: pointer.into(), code, detail: detail.into() }] }
    }

    /// The same faults one level further in: every pointer gets this prefix, such as `/items/3`.
    #[must_use]
    pub fn under(mut self, prefix: &str) -> Self {
        for error in &mut self.errors {
            error.pointer.insert_str(0, prefix);
        }
        self
    }
}

fn summary(errors: &[FieldError]) -> String {
    let lines: Vec<String> = errors
        .iter()
        .map(|error| {
            if error.pointer.is_empty() {
                error.detail.clone()
            } else {
                format!("{}: {}", error.pointer, error.detail)
            }
        })
        .collect();
    lines.join("; ")
}

/// More faults than this are not told: a reply stays small whatever was sent.
const MOST_FAULTS: usize = 50;

/// Gathers the faults of one input, so that a caller sees all of them at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    errors: Vec<FieldError>,
}

impl Faults {
    /// None so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a fault.
    pub fn add(&mut self, pointer: impl Into<String>, code: FieldCode, detail: impl Into<String>) {
        if self.errors.len() < MOST_FAULTS {
            self.errors.push(FieldError { pointer: pointer.into(), code, detail: detail.into() });
        }
    }

    /// Notes the faults of a part that was checked on its own, and gives back the part if it had none.
    pub fn take<T>(&mut self, part: Result<T, Invalid>) -> Option<T> {
        match part {
            Ok(value) => Some(value),
            Err(invalid) => {
                self.errors.extend(invalid.errors);
                self.errors.truncate(MOST_FAULTS);
                None
            }
        }
    }

    /// Whether nothing is wrong so far.
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// An error if anything was wrong.
    pub fn finish(self) -> Result<(), Invalid> {
        if self.errors.is_empty() { Ok(()) } else { Err(Invalid { errors: self.errors }) }
    }
}

/// A JSON pointer one step further in; the token is escaped as RFC 6901 §3 says.
pub fn pointer_to(parent: &str, token: &str) -> String {
    format!("{parent}/{}", token.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_faults_are_told_with_their_places() {
        let mut faults = Faults::new();
        faults.add("/name", FieldCode::Required, "a name is needed");
        assert_eq!(
            faults.take(Err::<(), _>(Invalid::one("/key", FieldCode::BadFormat, "odd").under("/items/1"))),
            None
        );
        let invalid = faults.finish().unwrap_err();
        assert_eq!(invalid.to_string(), "/name: a name is needed; /items/1/key: odd");
    }

    #[test]
    fn tokens_are_escaped() {
        assert_eq!(pointer_to("/metadata", "a/b~c"), "/metadata/a~1b~0c");
    }
}
