//! Judged pairs of questions: a table with the columns `label`, `source` (or `type`), `q1`, `q2`.

use super::table::{Table, yes};
use super::text::said;
use super::{Fault, Pair, PairSet};

/// Whether a header is this table's.
pub(super) fn has_header(header: &[&str]) -> bool {
    matches!(header, ["label", "source" | "type", "q1", "q2"])
}

/// Reads the table, of which the header was looked at.
pub(super) fn parse(table: &Table<'_>, name: String) -> Result<PairSet, Fault> {
    let pairs = table.rows(|line, [label, source, known, asked]| {
        Ok(Pair {
            same: yes(label, "the label", line)?,
            source: source.to_owned(),
            known: said(known, "q1", line)?,
            asked: said(asked, "q2", line)?,
        })
    });
    Ok(PairSet { name, pairs: pairs? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Pair>, Fault> {
        parse(&Table::of(text), String::new()).map(|set| set.pairs)
    }

    #[test]
    fn pairs_are_read() {
        let pair = |same, source: &str, known: &str, asked: &str| Pair {
            same,
            source: source.into(),
            known: known.into(),
            asked: asked.into(),
        };
        let text = "# made\nlabel\ttype\tq1\tq2\r\n1\tpara\ta\tb\r\n\r\n0\tanto\tc\td\n";
        assert_eq!(read(text).unwrap(), [pair(true, "para", "a", "b"), pair(false, "anto", "c", "d")]);
    }

    #[test]
    fn faults_have_their_line() {
        for (row, what) in
            [("1\ta\tb", "3 fields instead of 4"), ("yes\ta\tb\tc", "\"yes\""), ("0\ta\tb\t ", "q2 is empty")]
        {
            let fault = read(&format!("label\tsource\tq1\tq2\n\n{row}\n")).unwrap_err();
            assert!(fault.line == Some(3) && fault.what.contains(what), "{row}: {}", fault.what);
        }
    }
}
