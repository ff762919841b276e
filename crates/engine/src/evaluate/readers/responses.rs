//! Judged pairs of responses to one query: a table with the columns `split`, `trade`, `kind`, `good`, `bad`, `query`,
//! `reviewed`, `response`.

use super::Fault;
use super::table::{Table, yes};
use super::text::said;

/// Judged pairs of responses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseSet {
    /// What it is called in reports.
    pub name: String,
    /// The pairs.
    pub pairs: Vec<ResponsePair>,
}

/// A response that was reviewed, another one to the same query, and whether the review is right for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponsePair {
    /// `development` or `held-out`: whether rules were made with it in view.
    pub split: String,
    /// How the new response differs.
    pub kind: String,
    /// Whether a Good review of the first applies to the second.
    pub good: bool,
    /// Whether a Bad review does.
    pub bad: bool,
    /// What was asked.
    pub query: String,
    /// The response that was reviewed.
    pub reviewed: String,
    /// The response that comes.
    pub response: String,
}

/// Whether a header is this table's.
pub(super) fn has_header(header: &[&str]) -> bool {
    header == ["split", "trade", "kind", "good", "bad", "query", "reviewed", "response"]
}

/// Reads the table, of which the header was looked at.
pub(super) fn parse(table: &Table<'_>, name: String) -> Result<ResponseSet, Fault> {
    let pairs = table.rows(|line, [split, _trade, kind, good, bad, query, reviewed, response]| {
        Ok(ResponsePair {
            split: said(split, "split", line)?,
            kind: said(kind, "kind", line)?,
            good: yes(good, "good", line)?,
            bad: yes(bad, "bad", line)?,
            query: said(query, "query", line)?,
            reviewed: said(reviewed, "reviewed", line)?,
            response: said(response, "response", line)?,
        })
    });
    Ok(ResponseSet { name, pairs: pairs? })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "split\ttrade\tkind\tgood\tbad\tquery\treviewed\tresponse\n";

    #[test]
    fn pairs_are_read_and_faults_have_their_line() {
        let read = |row: &str| parse(&Table::of(&format!("{HEADER}{row}\n")), String::new());
        let pairs = read("held-out\tshop\tshortened\t0\t1\tq\ta b\ta").unwrap().pairs;
        assert_eq!((pairs[0].good, pairs[0].bad, pairs[0].response.as_str()), (false, true, "a"));
        for (row, what) in [
            ("held-out\tshop\tshortened\t0\tq\ta b\ta", "7 fields instead of 8"),
            ("held-out\tshop\tshortened\t0\t2\tq\ta b\ta", "bad is \"2\""),
            ("held-out\tshop\tshortened\t0\t1\tq\t\ta", "reviewed is empty"),
        ] {
            let fault = read(row).unwrap_err();
            assert!(fault.line == Some(2) && fault.what.contains(what), "{row}: {}", fault.what);
        }
    }
}
