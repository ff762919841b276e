//! Deterministic guardrails: patterns that block whatever the scores say. Linear in the text, by the regex
//! crate's promise.

use std::collections::BTreeSet;

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use crate::id::GuardrailId;
use crate::invalid::{Faults, FieldCode, Invalid};
use crate::text::{
    DESCRIPTION_BYTES, FALLBACK_BYTES, NAME_BYTES, PATTERN_BYTES, PATTERNS_COUNT, check_required_text,
    check_text,
};
use crate::words::words;

/// Bytes one compiled pattern may take: room for `\w{1,50}` and the like, and not for `(\w{500}){500}`.
const COMPILED_BYTES: usize = 2 * 1024 * 1024;
/// Nesting of groups in a pattern.
const PATTERN_NESTING: u32 = 50;
/// Distinct matches shown for one hit.
const MATCHES_SHOWN: usize = 10;
/// Characters of one match shown.
const MATCH_CHARS: usize = 200;
/// Matches looked at in one text for one pattern: each costs a pass, and all of them could cost the square of
/// the text.
const MATCHES_TRIED: usize = 32;

words! {
    /// A text a guardrail looks at.
    Focus {
        /// The user's query.
        Query = "query",
        /// The AI's response.
        Response = "response",
        /// The context the AI was given.
        Context = "context",
    }
}

/// A deterministic guardrail of a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Guardrail {
    /// Its name for people.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
    /// Regular expressions, in the syntax of Rust's regex crate; any of them is enough. 1 to 100.
    pub patterns: Vec<String>,
    /// Which texts it looks at; at least one.
    pub focus: Vec<Focus>,
    /// Whose fallback is used when several guardrails fire: the lowest number.
    #[serde(default)]
    pub priority: i64,
    /// What to say instead of what it blocks.
    #[serde(default)]
    pub fallback: Option<String>,
    /// Whether an expert's Good review may lift its block.
    #[serde(default = "yes")]
    pub overridable: bool,
    /// Whether it takes part in verdicts.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Whether `a` and `A` differ.
    #[serde(default)]
    pub case_sensitive: bool,
}

const fn yes() -> bool {
    true
}

/// The texts a guardrail may look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Texts<'a> {
    /// The user's query, as sent.
    pub query: &'a str,
    /// The AI's response.
    pub response: &'a str,
    /// The context the AI was given; empty if none.
    pub context: &'a str,
}

/// A deterministic guardrail that fired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GuardrailHit {
    /// The guardrail.
    pub guardrail_id: GuardrailId,
    /// Its name then.
    pub name: String,
    /// The texts in which it found something.
    pub focus: Vec<Focus>,
    /// What it found: distinct, at most 10, each at most 200 characters.
    pub matches: Vec<String>,
    /// Its fallback then.
    pub fallback: Option<String>,
    /// Its priority then.
    pub priority: i64,
    /// Whether a Good review could lift it.
    pub overridable: bool,
}

impl Guardrail {
    /// Whether every field keeps its rule and every pattern compiles. Pointers are relative to the guardrail.
    pub fn validate(&self) -> Result<(), Invalid> {
        self.regexes().map(|_| ())
    }

    fn regexes(&self) -> Result<Vec<Regex>, Invalid> {
        let mut faults = Faults::new();
        self.check_texts(&mut faults);
        let regexes: Vec<Regex> = self
            .patterns
            .iter()
            .take(PATTERNS_COUNT)
            .enumerate()
            .filter_map(|(index, pattern)| {
                faults.take(
                    compile(pattern, self.case_sensitive)
                        .map_err(|fault| fault.under(&format!("/patterns/{index}"))),
                )
            })
            .collect();
        faults.finish().map(|()| regexes)
    }

    fn check_texts(&self, faults: &mut Faults) {
        check_required_text("/name", &self.name, NAME_BYTES, faults);
        if let Some(description) = &self.description {
            check_text("/description", description, DESCRIPTION_BYTES, faults);
        }
        if let Some(fallback) = &self.fallback {
            check_required_text("/fallback", fallback, FALLBACK_BYTES, faults);
        }
        if self.patterns.is_empty() {
            faults.add("/patterns", FieldCode::Required, "at least one pattern is needed");
        }
        if self.patterns.len() > PATTERNS_COUNT {
            faults.add(
                "/patterns",
                FieldCode::TooMany,
                format!("at most {PATTERNS_COUNT} patterns are allowed"),
            );
        }
        if self.focus.is_empty() {
            faults.add("/focus", FieldCode::Required, "choose at least one of query, response and context");
        }
    }
}

fn compile(pattern: &str, case_sensitive: bool) -> Result<Regex, Invalid> {
    let mut faults = Faults::new();
    check_required_text("", pattern, PATTERN_BYTES, &mut faults);
    faults.finish()?;
    let regex = RegexBuilder::new(pattern)
        .case_insensitive(!case_sensitive)
        .size_limit(COMPILED_BYTES)
        .dfa_size_limit(COMPILED_BYTES)
        .nest_limit(PATTERN_NESTING)
        .build()
        .map_err(|error| {
            Invalid::one("", FieldCode::BadPattern, format!("the pattern “{pattern}” {}", trouble(&error)))
        })?;
    // A character no pattern means: an empty match on it is an empty match on every text. `^$` is not one of
    // those.
    if regex.find("\u{1}").is_some_and(|found| found.is_empty()) {
        let detail = format!("the pattern “{pattern}” matches every text, so it would block everything");
        return Err(Invalid::one("", FieldCode::BadPattern, detail));
    }
    Ok(regex)
}

fn trouble(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => "is too large once compiled; use smaller repetitions".to_owned(),
        other => {
            // The crate's message shows the pattern with a caret under the fault; its last line says what the
            // fault is.
            let message = other.to_string();
            let last = message.lines().last().unwrap_or_default();
            format!("cannot be read: {}", last.trim_start_matches("error: "))
        }
    }
}

/// A guardrail ready to look at texts.
#[derive(Debug, Clone)]
pub struct Compiled {
    id: GuardrailId,
    guardrail: Guardrail,
    regexes: Vec<Regex>,
}

impl Compiled {
    /// Compiles the patterns; an error names each one that breaks a rule.
    pub fn new(id: GuardrailId, guardrail: Guardrail) -> Result<Self, Invalid> {
        let regexes = guardrail.regexes()?;
        Ok(Self { id, guardrail, regexes })
    }

    /// The guardrail as it is stored.
    pub const fn guardrail(&self) -> &Guardrail {
        &self.guardrail
    }

    /// What it finds in the texts of its focus. Never anything while it is not enabled.
    pub fn check(&self, texts: Texts<'_>) -> Option<GuardrailHit> {
        if !self.guardrail.enabled {
            return None;
        }
        let mut matches = BTreeSet::new();
        let focus: BTreeSet<Focus> = self.guardrail.focus.iter().copied().collect();
        let focus: Vec<Focus> =
            focus.into_iter().filter(|focus| self.find(text_of(texts, *focus), &mut matches)).collect();
        (!focus.is_empty()).then(|| GuardrailHit {
            guardrail_id: self.id,
            name: self.guardrail.name.clone(),
            focus,
            matches: matches.into_iter().take(MATCHES_SHOWN).collect(),
            fallback: self.guardrail.fallback.clone(),
            priority: self.guardrail.priority,
            overridable: self.guardrail.overridable,
        })
    }

    /// Whether any pattern matches; what they match is added to `matches`.
    fn find(&self, text: &str, matches: &mut BTreeSet<String>) -> bool {
        let mut any = false;
        for regex in &self.regexes {
            for found in regex.find_iter(text).take(MATCHES_TRIED) {
                any = true;
                matches.insert(found.as_str().chars().take(MATCH_CHARS).collect());
            }
        }
        any
    }
}

const fn text_of(texts: Texts<'_>, focus: Focus) -> &str {
    match focus {
        Focus::Query => texts.query,
        Focus::Response => texts.response,
        Focus::Context => texts.context,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guardrail(patterns: &[&str], focus: &[Focus]) -> Guardrail {
        Guardrail {
            name: "Competitors".into(),
            description: None,
            patterns: patterns.iter().map(|&pattern| pattern.to_owned()).collect(),
            focus: focus.to_vec(),
            priority: 3,
            fallback: Some("Let us talk about us.".into()),
            overridable: true,
            enabled: true,
            case_sensitive: false,
        }
    }

    fn check(guardrail: Guardrail, texts: Texts<'_>) -> Option<GuardrailHit> {
        Compiled::new(GuardrailId(uuid::Uuid::nil()), guardrail).unwrap().check(texts)
    }

    #[test]
    fn it_finds_only_in_its_focus() {
        let rule = guardrail(&[r"\bacme\b", "globex"], &[Focus::Response, Focus::Query]);
        let hit = check(rule.clone(), Texts { query: "acme?", response: "ACME or Acme", context: "globex" })
            .unwrap();
        assert_eq!(hit.focus, [Focus::Query, Focus::Response]);
        assert_eq!(hit.matches, ["ACME", "Acme", "acme"]);
        assert_eq!(check(rule, Texts { context: "globex", ..Texts::default() }), None);
    }

    #[test]
    fn case_counts_when_asked_and_disabled_never_fires() {
        let texts = Texts { query: "Acme", ..Texts::default() };
        let rule = guardrail(&["acme"], &[Focus::Query]);
        assert_eq!(check(Guardrail { case_sensitive: true, ..rule.clone() }, texts), None);
        assert_eq!(check(Guardrail { enabled: false, ..rule }, texts), None);
    }

    #[test]
    fn hits_are_bounded() {
        let long = "ab ".repeat(100_000) + &"x".repeat(1000);
        let rule = guardrail(&[".{3}", "x{500}"], &[Focus::Context]);
        let hit = check(rule, Texts { context: &long, ..Texts::default() }).unwrap();
        assert!(hit.matches.len() <= 10 && hit.matches.iter().all(|found| found.chars().count() <= 200));
    }

    #[test]
    fn bad_patterns_are_named() {
        let rule = guardrail(&["fine", "(open", r"(\w{500}){500}", "a*", "", "(?=a)b"], &[]);
        let invalid = rule.validate().unwrap_err();
        let pointers: Vec<&str> = invalid.errors.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(
            pointers,
            ["/focus", "/patterns/1", "/patterns/2", "/patterns/3", "/patterns/4", "/patterns/5"]
        );
        assert!(invalid.errors[1].detail.contains("(open"), "{}", invalid.errors[1].detail);
    }

    #[test]
    fn an_empty_response_can_be_a_pattern() {
        let rule = guardrail(&[r"^\s*$"], &[Focus::Response]);
        assert!(check(rule.clone(), Texts::default()).is_some());
        assert_eq!(check(rule, Texts { response: "Hello", ..Texts::default() }), None);
    }
}
