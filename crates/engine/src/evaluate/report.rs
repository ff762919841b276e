//! Reports as people read them.

use super::bank_figures::{BankFigures, BanksReport};
use super::grouping::GroupingReport;
use super::intervals::Share;
use super::latency::{Latency, Quantiles};
use super::matching::MatchingReport;
use super::pairs::PairsReport;
use super::ranking::Ranking;
use super::responses::{ResponsesReport, ResponsesTable};
use super::scores::{ScoresReport, ScoresTable};
use std::fmt::Write as _;

impl MatchingReport {
    /// The tables; with `wrong`, also each wrong answer, to be read.
    pub fn text(&self, wrong: bool) -> String {
        let mut text = format!(
            "matching, {}: serve at a precision of {} (score {:.4}), suggest at {} (score {:.4})\n",
            self.model,
            self.targets.serve,
            self.thresholds.serve,
            self.targets.suggest,
            self.thresholds.suggest
        );
        for pairs in &self.pairs {
            write_pairs(&mut text, pairs, wrong);
        }
        for banks in &self.banks {
            write_banks(&mut text, banks, wrong);
        }
        text
    }
}

impl GroupingReport {
    /// The table.
    pub fn text(&self) -> String {
        let mut text =
            format!("grouping, {}: width {}, merge width {}\n\n", self.model, self.width, self.merge_width);
        let header =
            ["data", "order", "queries", "intents", "groups", "B-cubed precision", "recall", "F1", "time"];
        let rows = self.orders.iter().map(|order| {
            let drawn = order.draw.map_or("as in the file".to_owned(), |draw| format!("draw {draw}"));
            let of = order.b_cubed;
            let scores = [of.precision, of.recall, of.f1].map(|score| format!("{score:.3}"));
            let counts = [order.queries, order.intents, order.groups].map(|count| count.to_string());
            let mut row = vec![order.data.clone(), drawn];
            row.extend(counts.into_iter().chain(scores));
            row.push(format!("{:.2} s", order.seconds));
            row
        });
        write_table(&mut text, &header, rows.collect());
        text
    }
}

impl ResponsesReport {
    /// The tables; with `wrong`, also each disagreement with the labels.
    pub fn text(&self, wrong: bool) -> String {
        let mut text = format!("reviews of responses, {}\n", self.model);
        for table in &self.tables {
            write_responses(&mut text, table, wrong);
        }
        text
    }
}

fn write_responses(text: &mut String, table: &ResponsesTable, wrong: bool) {
    line(text, &format!("\n{}", table.data));
    let header =
        ["split", "responses", "Good: reached", "Good: overreached", "Bad: reached", "Bad: overreached"];
    let rows = table.rows.iter().map(|row| {
        let mut cells = vec![row.split.clone(), row.kind.clone().unwrap_or_else(|| "all".to_owned())];
        let shares = [row.good.reached, row.good.overreached, row.bad.reached, row.bad.overreached];
        cells.extend(shares.map(cell));
        cells
    });
    write_table(text, &header, rows.collect());
    if wrong {
        line(text, &format!("  against the labels: {}", table.wrong.len()));
        for one in &table.wrong {
            let what = if one.applied { "overreached" } else { "did not reach" };
            line(
                text,
                &format!(
                    "    {} {what} [{}, {}]  {}  <-  {}",
                    one.review, one.split, one.kind, one.response, one.reviewed
                ),
            );
        }
    }
}

impl ScoresReport {
    /// The tables; with `wrong`, also each disagreement with the labels.
    pub fn text(&self, wrong: bool) -> String {
        let mut text = "scores by rules\n".to_owned();
        for table in &self.tables {
            write_scores(&mut text, table, wrong);
        }
        text
    }
}

fn write_scores(text: &mut String, table: &ScoresTable, wrong: bool) {
    line(text, &format!("\n{}", table.data));
    let header = [
        "split",
        "evaluation",
        "area under ROC",
        "fails below",
        "bad, failing",
        "good, failing",
        "right",
        "no score",
    ];
    let rows = table.rows.iter().map(|row| {
        let mut cells =
            vec![row.split.clone(), row.evaluation.to_owned(), area(row.ranking), row.threshold.to_string()];
        cells.extend([row.caught, row.false_alarms, row.right].map(cell));
        cells.push(format!("{}/{}", row.without_score.count, row.without_score.of));
        cells
    });
    write_table(text, &header, rows.collect());
    if wrong {
        line(text, &format!("  against the labels: {}", table.wrong.len()));
        for one in &table.wrong {
            let place = format!("{} {:.3} [{}, {}]", one.evaluation, one.score, one.split, one.kind);
            line(text, &format!("    {place}  {}  ->  {}  ({})", one.query, one.response, one.explanation));
        }
    }
}

/// `.884 (.771–.997)`
fn area(ranking: Ranking) -> String {
    match (ranking.area, ranking.low, ranking.high) {
        (Some(area), Some(low), Some(high)) => format!("{area:.3} ({low:.3}–{high:.3})"),
        _ => "–".to_owned(),
    }
}

fn write_pairs(text: &mut String, report: &PairsReport, wrong: bool) {
    let all = report.rows[0].figures;
    let count = all.different_answered.of + all.same_answered.of;
    line(text, &format!("\n{}: {count} pairs, the first question the answer's only phrasing", report.data));
    let header = [
        "pairs",
        "different answered",
        "same answered",
        "right of those answered",
        "right of those suggested",
    ];
    let rows = report.rows.iter().map(|row| {
        let shares = [
            row.figures.different_answered,
            row.figures.same_answered,
            row.figures.precision,
            row.figures.suggested_right,
        ];
        let mut cells = vec![row.source.clone().unwrap_or_else(|| "all".to_owned())];
        cells.extend(shares.map(cell));
        cells
    });
    write_table(text, &header, rows.collect());
    write_latency(text, report.latency);
    if wrong {
        line(text, &format!("  different questions answered: {}", report.wrong.len()));
        for one in &report.wrong {
            line(
                text,
                &format!("    {:.4}  [{}]  {}  <-  {}", one.score, one.source, one.query, one.phrasing),
            );
        }
    }
}

fn write_banks(text: &mut String, report: &BanksReport, wrong: bool) {
    let BanksReport { data, intents, phrasings, traffic, seed, .. } = report;
    line(
        text,
        &format!(
            "\n{data}: {intents} intents, {phrasings} phrasings an answer, {traffic} past questions, seed {seed}"
        ),
    );
    let header = [
        "answered intents",
        "answerable, answered right",
        "right of those answered",
        "answerable, answered wrong",
        "unanswerable, answered",
        "out of scope, answered",
        "right of those suggested",
    ];
    let mut rows: Vec<Vec<String>> = report
        .rows
        .iter()
        .map(|row| {
            let draw = row.draw.map_or("all draws".to_owned(), |draw| format!("draw {draw}"));
            bank_row(format!("{}, {draw}", row.answered), &row.figures)
        })
        .collect();
    rows.push(bank_row("pooled".to_owned(), &report.pooled));
    write_table(text, &header, rows);
    write_latency(text, report.latency);
    if wrong {
        line(text, &format!("  answered with another intent's answer: {}", report.wrong.len()));
        for one in &report.wrong {
            let intent = one.intent.as_deref().unwrap_or("out of scope");
            line(
                text,
                &format!(
                    "    {:.4}  [{}, draw {}: {intent}, got {}]  {}  <-  {}",
                    one.score, one.answered, one.draw, one.answer, one.query, one.phrasing
                ),
            );
        }
    }
}

fn bank_row(name: String, figures: &BankFigures) -> Vec<String> {
    let shares = [
        figures.recall,
        figures.precision,
        figures.answerable_wrong,
        figures.unanswerable_answered,
        figures.out_of_scope_answered,
        figures.suggested_right,
    ];
    std::iter::once(name).chain(shares.map(cell)).collect()
}

fn write_latency(text: &mut String, latency: Latency) {
    let said = |name: &str, of: Quantiles| {
        let (p50, p99) = of.p50_ms.zip(of.p99_ms)?;
        Some(format!("{name} {p50:.2} / {p99:.2} ms ({})", of.count))
    };
    let parts: Vec<String> = [
        said("nothing near", latency.nothing_near),
        said("verified", latency.verified),
        said("word for word", latency.word_for_word),
    ]
    .into_iter()
    .flatten()
    .collect();
    line(text, &format!("  a decision, embedding included, p50 / p99: {}", parts.join(", ")));
}

/// `8/108  7.4 % (3.8–13.9)`
fn cell(share: Share) -> String {
    match (share.share, share.low, share.high) {
        (Some(part), Some(low), Some(high)) => {
            format!(
                "{}/{}  {:.1} % ({:.1}–{:.1})",
                share.count,
                share.of,
                part * 100.0,
                low * 100.0,
                high * 100.0
            )
        }
        _ => "–".to_owned(),
    }
}

/// Columns as wide as their widest cell.
fn write_table(text: &mut String, header: &[&str], rows: Vec<Vec<String>>) {
    let width = |cell: &str| cell.chars().count();
    let widths: Vec<usize> = header
        .iter()
        .enumerate()
        .map(|(at, name)| rows.iter().map(|row| width(&row[at])).max().unwrap_or(0).max(width(name)))
        .collect();
    let header = header.iter().map(|&name| name.to_owned()).collect();
    for row in std::iter::once(header).chain(rows) {
        let cells = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:<width$}"));
        line(text, format!("  {}", cells.collect::<Vec<_>>().join("   ")).trim_end());
    }
}

fn line(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("writing to a string does not fail");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_shown_with_its_interval() {
        assert_eq!(cell(Share::new(0, 20)), "0/20  0.0 % (0.0–16.1)");
        assert_eq!(cell(Share::new(0, 0)), "–");
    }

    #[test]
    fn columns_are_aligned() {
        let mut text = String::new();
        let row = |cells: [&str; 2]| cells.map(ToOwned::to_owned).to_vec();
        write_table(&mut text, &["a", "b"], vec![row(["–––", "x"]), row(["y", "z"])]);
        assert_eq!(text, "  a     b\n  –––   x\n  y     z\n");
    }
}
