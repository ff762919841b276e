//! What was moved and what was not, in words.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Write as _};

use engine::moving::Brought;

/// Ids that are told of many things of a kind.
const TOLD: usize = 5;

/// What became of the things of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    read: u64,
    moved: u64,
    before: u64,
    changed: u64,
    refused: u64,
}

/// A report: tallies, what cannot be moved or is another thing here, and what was refused, one by one.
#[derive(Debug, Default)]
pub struct Report {
    /// Whether it was only tried.
    pub dry_run: bool,
    tallies: BTreeMap<&'static str, Tally>,
    order: Vec<&'static str>,
    notes: Vec<String>,
    many: BTreeMap<&'static str, (u64, Vec<String>)>,
    refused: Vec<String>,
}

impl Report {
    /// Counts a thing of a kind, such as `answers`, and what became of it.
    pub fn count(&mut self, kind: &'static str, id: impl Display, outcome: Brought) {
        if !self.order.contains(&kind) {
            self.order.push(kind);
        }
        let tally = self.tallies.entry(kind).or_default();
        tally.read += 1;
        match outcome {
            Brought::Now => tally.moved += 1,
            Brought::Before => tally.before += 1,
            Brought::Changed => (tally.before, tally.changed) = (tally.before + 1, tally.changed + 1),
            Brought::Kept => {
                tally.before += 1;
                self.note_of(kept(kind), id);
            }
            Brought::Refused(why) => {
                tally.refused += 1;
                self.refused.push(format!("{kind}: {id}: {why}"));
            }
        }
    }

    /// Says something of the whole.
    pub fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    /// Says something of one of many things; each sentence is told once, with how many there were and the first of them.
    pub fn note_of(&mut self, sentence: &'static str, id: impl Display) {
        let (count, ids) = self.many.entry(sentence).or_default();
        *count += 1;
        if ids.len() < TOLD {
            ids.push(id.to_string());
        }
    }

    /// Whether anything was refused.
    pub fn is_whole(&self) -> bool {
        self.refused.is_empty()
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        let moved = if self.dry_run { "would be moved" } else { "moved" };
        for kind in &self.order {
            let Tally { read, moved: count, before, changed, refused } = self.tallies[kind];
            let since = if changed > 0 { format!(" ({changed} brought up to date)") } else { String::new() };
            writeln!(
                text,
                "{kind}: {read} read, {count} {moved}, {before} here before{since}, {refused} refused"
            )?;
        }
        if !self.notes.is_empty() || !self.many.is_empty() {
            writeln!(text, "\nWhat is not moved, or is another thing here:")?;
        }
        for note in &self.notes {
            writeln!(text, "- {note}")?;
        }
        for (sentence, (count, ids)) in &self.many {
            let more = if *count > ids.len() as u64 { ", …" } else { "" };
            writeln!(text, "- {sentence}: {count} ({}{more})", ids.join(", "))?;
        }
        if !self.refused.is_empty() {
            writeln!(text, "\nRefused:")?;
        }
        for refused in &self.refused {
            writeln!(text, "- {refused}")?;
        }
        f.write_str(&text)
    }
}

/// What is said of what is otherwise there than here.
fn kept(kind: &'static str) -> &'static str {
    match kind {
        "answers" => {
            "answers that are otherwise there by now and stay as they are here: somebody changed them here, or their question there"
        }
        "reviews" => {
            "reviews that say otherwise there by now and stay as they are here: somebody changed them here"
        }
        "interactions" => "interactions with other metadata there by now, which stay as they are here",
        _ => "things that are otherwise there by now and stay as they are here",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_told_and_what_repeats_once() {
        let mut report = Report::default();
        report.count("answers", 1, Brought::Now);
        report.count("answers", 2, Brought::Before);
        report.count("answers", 4, Brought::Changed);
        report.count("things", 5, Brought::Kept);
        assert!(report.is_whole());
        report.count("answers", 3, Brought::Refused("too long".to_owned()));
        report.note("the whole");
        (0..7).for_each(|id| report.note_of("of many", id));
        let expected = "answers: 4 read, 1 moved, 2 here before (1 brought up to date), 1 refused\nthings: 1 read, 0 moved, 1 here before, 0 refused\n\n\
            What is not moved, or is another thing here:\n- the whole\n- of many: 7 (0, 1, 2, 3, 4, …)\n\
            - things that are otherwise there by now and stay as they are here: 1 (5)\n\n\
            Refused:\n- answers: 3: too long\n";
        assert_eq!(report.to_string(), expected);
        assert!(!report.is_whole());
    }
}
