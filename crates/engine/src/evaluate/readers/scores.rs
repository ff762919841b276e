//! Labelled interactions: a table with the columns `split`, `trade`, `kind`, `helpful`, `grounded`, `sufficient`, `query`,
//! `context`, `response`.

use super::Fault;
use super::table::{Table, yes};
use super::text::said;

/// Labelled interactions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoreSet {
    /// What it is called in reports.
    pub name: String,
    /// The interactions.
    pub items: Vec<ScoreItem>,
}

/// An interaction, and what a reader says of it; none where there is nothing to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoreItem {
    /// `development` or `held-out`: whether the rules were made with it in view.
    pub split: String,
    /// Of what kind its response is.
    pub kind: String,
    /// Whether the response helps with what was asked.
    pub helpful: Option<bool>,
    /// Whether the context supports all it states.
    pub grounded: Option<bool>,
    /// Whether the context holds what was asked.
    pub sufficient: Option<bool>,
    /// What was asked.
    pub query: String,
    /// The documents that the AI was given.
    pub context: String,
    /// What it said.
    pub response: String,
}

/// Whether a header is this table's.
pub(super) fn has_header(header: &[&str]) -> bool {
    header == ["split", "trade", "kind", "helpful", "grounded", "sufficient", "query", "context", "response"]
}

/// Reads the table, of which the header was looked at.
pub(super) fn parse(table: &Table<'_>, name: String) -> Result<ScoreSet, Fault> {
    let items =
        table.rows(|line, [split, _trade, kind, helpful, grounded, sufficient, query, context, response]| {
            let label =
                |label: &str, name| if label == "-" { Ok(None) } else { yes(label, name, line).map(Some) };
            Ok(ScoreItem {
                split: said(split, "split", line)?,
                kind: said(kind, "kind", line)?,
                helpful: label(helpful, "helpful")?,
                grounded: label(grounded, "grounded")?,
                sufficient: label(sufficient, "sufficient")?,
                query: said(query, "query", line)?,
                context: context.to_owned(),
                response: response.to_owned(),
            })
        });
    Ok(ScoreSet { name, items: items? })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "split\ttrade\tkind\thelpful\tgrounded\tsufficient\tquery\tcontext\tresponse\n";

    #[test]
    fn items_are_read_and_faults_have_their_line() {
        let read = |row: &str| parse(&Table::of(&format!("{HEADER}{row}\n")), String::new());
        let items = read("held-out\tshop\trefusal\t0\t-\t1\tq\tc\tr").unwrap().items;
        assert_eq!(
            (items[0].helpful, items[0].grounded, items[0].sufficient),
            (Some(false), None, Some(true))
        );
        for (row, what) in [
            ("held-out\tshop\trefusal\t0\t1\tq\tc\tr", "8 fields instead of 9"),
            ("held-out\tshop\trefusal\t0\tx\t1\tq\tc\tr", "grounded is \"x\""),
            ("held-out\tshop\trefusal\t0\t-\t1\t\tc\tr", "query is empty"),
        ] {
            let fault = read(row).unwrap_err();
            assert!(fault.line == Some(2) && fault.what.contains(what), "{row}: {}", fault.what);
        }
    }
}
