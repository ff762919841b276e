//! Reading the public data sets, and counting.

use std::fmt::{Display, Formatter, Result};
use std::fs::read_to_string;

/// The texts of one split of CLINC150's `data_full.json`.
pub fn clinc(folder: &str, split: &str) -> Vec<String> {
    let json = read_to_string(format!("{folder}/data_full.json")).expect("the file can be read");
    let all: serde_json::Value = serde_json::from_str(&json).expect("the file is JSON");
    let rows = all[split].as_array().expect("the split is a list").iter();
    rows.map(|row| row[0].as_str().expect("a row begins with a text").to_owned()).collect()
}

/// The same without the intents of some domains, by `domains.json` beside it.
pub fn clinc_without(folder: &str, split: &str, domains: &[&str]) -> Vec<String> {
    let read = |file: &str| -> serde_json::Value {
        let json = read_to_string(format!("{folder}/{file}")).expect("the file can be read");
        serde_json::from_str(&json).expect("the file is JSON")
    };
    let (all, of_domains) = (read("data_full.json"), read("domains.json"));
    let left_out: Vec<&serde_json::Value> = domains
        .iter()
        .flat_map(|&domain| of_domains[domain].as_array().expect("a domain is a list"))
        .collect();
    let rows = all[split].as_array().expect("the split is a list").iter();
    let kept = rows.filter(|row| !left_out.contains(&&row[1]));
    kept.map(|row| row[0].as_str().expect("a row begins with a text").to_owned()).collect()
}

/// The texts of one split of BANKING77, `train` or `test`.
pub fn banking(folder: &str, split: &str) -> Vec<String> {
    let csv = read_to_string(format!("{folder}/{split}.csv")).expect("the file can be read");
    let rows = csv_rows(&csv).into_iter().skip(1).filter(|row| row.len() == 2);
    rows.filter_map(|row| row.into_iter().next()).collect()
}

/// Rows of fields; a field in quotes may hold commas and line ends, and quotes doubled.
fn csv_rows(csv: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut characters = csv.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' if quoted && characters.next_if_eq(&'"').is_some() => field.push('"'),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut field)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            '\r' if !quoted => {}
            _ => field.push(c),
        }
    }
    rows
}

/// So many of so many, shown with Wilson's 95 % interval of the share.
pub struct Share {
    pub count: usize,
    pub of: usize,
}

impl Share {
    /// How many of the items have the property.
    pub fn of<T>(items: &[T], property: impl Fn(&T) -> bool) -> Self {
        Self { count: items.iter().filter(|item| property(item)).count(), of: items.len() }
    }
}

impl Display for Share {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        const Z: f64 = 1.96;
        let (k, n) = (self.count as f64, self.of.max(1) as f64);
        let share = k / n;
        let middle = (share + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
        let half = Z / (1.0 + Z * Z / n) * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
        let (low, high) = ((middle - half).max(0.0), (middle + half).min(1.0));
        write!(out, "{}/{} = {share:.4} [{low:.4}, {high:.4}]", self.count, self.of)
    }
}
