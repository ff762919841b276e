//! Tables with tabs: a header line, then a row a line. Blank lines, and lines that begin with `#`, are none.

use super::Fault;

/// A table's header and rows, each row with its line, from 1.
pub(super) struct Table<'a> {
    pub(super) header: Vec<&'a str>,
    rows: Vec<(usize, &'a str)>,
}

impl<'a> Table<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line));
        let mut lines = lines.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
        let header = lines.next().map(|(_, line)| line.split('\t').collect()).unwrap_or_default();
        Self { header, rows: lines.collect() }
    }

    /// What each row is, made of its `N` fields.
    pub(super) fn rows<T, const N: usize>(
        &self,
        read: impl Fn(usize, [&'a str; N]) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        let rows = self.rows.iter().map(|&(line, row)| {
            let fields: Vec<&str> = row.split('\t').collect();
            let count = fields.len();
            let fields = fields.try_into();
            read(line, fields.map_err(|_| Fault::at(line, format!("{count} fields instead of {N}")))?)
        });
        rows.collect()
    }
}

/// Reads a label.
pub(super) fn yes(label: &str, name: &str, line: usize) -> Result<bool, Fault> {
    match label {
        "1" => Ok(true),
        "0" => Ok(false),
        _ => Err(Fault::at(line, format!("{name} is {label:?}; it must be 1 (yes) or 0 (no)"))),
    }
}
