//! How much is stored while something is measured.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A number of interactions; a tenth of it are issues, a hundredth answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Scale(pub u64);

impl Scale {
    /// Interactions.
    pub fn interactions(self) -> u64 {
        self.0
    }

    /// Failing interactions about different questions: an issue each.
    pub fn issues(self) -> u64 {
        self.0 / 10
    }

    /// Active answers.
    pub fn answers(self) -> u64 {
        self.0 / 100
    }

    /// Answers, and reviews, of the project in which matching is measured: 1,000 as soon as there are as many interactions.
    pub fn remediations(self) -> u64 {
        (self.0 / 10).min(1_000)
    }
}

impl FromStr for Scale {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (digits, unit) = match text.to_ascii_lowercase().strip_suffix(['k', 'm']) {
            Some(digits) if text.ends_with(['k', 'K']) => (digits.to_owned(), 1_000),
            Some(digits) => (digits.to_owned(), 1_000_000),
            None => (text.to_owned(), 1),
        };
        let number: u64 = digits.parse().map_err(|_| format!("“{text}” is no size such as 10k or 1m"))?;
        let size = number.checked_mul(unit).filter(|size| (100..=10_000_000).contains(size));
        size.map(Self).ok_or_else(|| "a size is 100 to 10m interactions".to_owned())
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            size if size.is_multiple_of(1_000_000) => write!(f, "{}m", size / 1_000_000),
            size if size.is_multiple_of(1_000) => write!(f, "{}k", size / 1_000),
            size => write!(f, "{size}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_they_are_written() {
        for text in ["200", "10k", "100k", "1m"] {
            assert_eq!(text.parse::<Scale>().unwrap().to_string(), text);
        }
        assert_eq!("1M".parse(), Ok(Scale(1_000_000)));
        for text in ["", "k", "1g", "-1", "50", "11m"] {
            assert!(text.parse::<Scale>().is_err(), "{text}");
        }
    }
}
