//! The report: figures beside their floors and aims, and plots, in `docs/`.

use std::fmt::Write as _;
use std::path::Path;

use crate::caller::Failure;
use crate::figures::Figures;
use crate::plot::{Line, svg};
use crate::rows::FILTERS;

/// What stands between these lines of `docs/performance.md` is written here, the rest by people.
const BEGIN: &str = "<!-- measured: begin -->";
const END: &str = "<!-- measured: end -->";

/// A row of the first table: what, its floor, its aim, and what a run says, given the run at the smallest size.
struct Row {
    what: &'static str,
    floor: &'static str,
    aim: &'static str,
    said: fn(&Figures, &Figures) -> Option<String>,
}

const ROWS: &[Row] = &[
    Row {
        what: "`validate`, no answers, nothing escalated",
        floor: "5,000/s, 8 % of bare",
        aim: "12,000/s, 20 %",
        said: |run, _| share(run, "validate.plain.per_second", "bare.per_second", "bare"),
    },
    Row {
        what: "… p50, p99 at half its maximum",
        floor: "p99 20 ms",
        aim: "6 ms",
        said: |run, _| latencies(run, "validate.plain"),
    },
    Row {
        what: "… where no scores are sent and the rules give all five",
        floor: "",
        aim: "",
        said: |run, _| share(run, "validate.unscored.per_second", "bare.per_second", "bare"),
    },
    Row {
        what: "`validate`, 1,000 answers × 6 questions, 1,000 reviews, 10 % escalated, 30 % near, without the verifier (near ones are found, none is served)",
        floor: "900/s",
        aim: "1,600/s",
        said: |run, _| share(run, "validate.unverified.per_second", "bare.per_second", "bare"),
    },
    Row {
        what: "… p50, p99 at half its maximum",
        floor: "p99 20 ms",
        aim: "6 ms",
        said: |run, _| latencies(run, "validate.unverified"),
    },
    Row {
        what: "… with it, as it comes",
        floor: "(900/s)",
        aim: "",
        said: |run, _| share(run, "validate.busy.per_second", "bare.per_second", "bare"),
    },
    Row {
        what: "… p50, p99 at half its maximum",
        floor: "",
        aim: "",
        said: |run, _| latencies(run, "validate.busy"),
    },
    Row {
        what: "… the near ones in the words of a known question: fewer for the verifier to read",
        floor: "",
        aim: "",
        said: |run, _| share(run, "validate.worded.per_second", "bare.per_second", "bare"),
    },
    Row {
        what: "… p50, p99 at half its maximum",
        floor: "",
        aim: "",
        said: |run, _| latencies(run, "validate.worded"),
    },
    Row {
        what: "batch ingest, nothing escalated",
        floor: "12,000/s, 30 % of the database",
        aim: "60 %",
        said: |run, _| share(run, "ingest.per_second", "storage.per_second", "the database"),
    },
    Row {
        what: "workspace page, 50/s beside 2,000 interactions/s: p99",
        floor: "20 ms, 2× the smallest",
        aim: "5 ms, 1.2×",
        said: |run, least| {
            let p99 = run.get("workspace.beside_ingest.p99")?;
            Some(format!("{p99:.1} ms, {:.1}×", p99 / least.get("workspace.beside_ingest.p99")?))
        },
    },
    Row {
        what: "slowest filter or sort, page 1: p99",
        floor: "150 ms",
        aim: "30 ms",
        said: |run, _| milliseconds(run, "lists.slowest_first"),
    },
    Row {
        what: "slowest filter or sort, page 1,000 or the last: p99",
        floor: "150 ms",
        aim: "30 ms",
        said: |run, _| milliseconds(run, "lists.slowest_deep"),
    },
    Row {
        what: "resident memory, project loaded",
        floor: "600 MB",
        aim: "250 MB",
        said: |run, _| mebibytes(run, "memory.loaded"),
    },
    Row {
        what: "… after all of this",
        floor: "600 MB",
        aim: "250 MB",
        said: |run, _| mebibytes(run, "memory.after"),
    },
    Row {
        what: "… idle and empty",
        floor: "100 MB",
        aim: "60 MB",
        said: |run, _| mebibytes(run, "memory.empty"),
    },
    Row {
        what: "start to the first `validate`",
        floor: "2 s",
        aim: "0.3 s",
        said: |run, _| seconds(run, "start.first_validate"),
    },
    Row {
        what: "… to the first that opens an issue, right after it",
        floor: "",
        aim: "",
        said: |run, _| seconds(run, "start.first_issue"),
    },
    Row {
        what: "PostgreSQL, two replicas against one",
        floor: "1.0×, no duplicates",
        aim: "",
        said: |run, _| {
            let (one, two) = (run.get("replicas.one.per_second")?, run.get("replicas.two.per_second")?);
            let twice = run.get("replicas.duplicate_issues")?;
            Some(format!("{:.2}× ({} → {}/s), {twice:.0} duplicates", two / one, whole(one), whole(two)))
        },
    },
];

fn share(run: &Figures, of: &str, whole_of: &str, name: &str) -> Option<String> {
    let (part, all) = (run.get(of)?, run.get(whole_of)?);
    let between = between(run, of, whole);
    Some(format!("{}/s{between}, {:.0} % of {name}", whole(part), 100.0 * part / all))
}

fn latencies(run: &Figures, of: &str) -> Option<String> {
    let (p50, p99) = (format!("{of}.p50"), format!("{of}.p99"));
    let between = between(run, &p99, |milliseconds| format!("{milliseconds:.1}"));
    Some(format!("{:.1}, {:.1}{between} ms", run.get(&p50)?, run.get(&p99)?))
}

/// The least and the most of what was measured several times, in brackets.
fn between(run: &Figures, of: &str, written: fn(f64) -> String) -> String {
    let ends = [".least", ".most"].map(|end| run.get(&format!("{of}{end}")));
    if let [Some(least), Some(most)] = ends {
        format!(" ({}–{})", written(least), written(most))
    } else {
        String::new()
    }
}

fn milliseconds(run: &Figures, of: &str) -> Option<String> {
    Some(format!("{:.1} ms", run.get(of)?))
}

fn seconds(run: &Figures, of: &str) -> Option<String> {
    Some(format!("{:.2} s", run.get(of)? / 1000.0))
}

fn mebibytes(run: &Figures, of: &str) -> Option<String> {
    Some(format!("{:.0} MiB", run.get(of)?))
}

/// A number with its thousands apart.
fn whole(number: f64) -> String {
    let digits = format!("{number:.0}");
    let parts: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|part| std::str::from_utf8(part).ok()).collect();
    parts.join(",")
}

/// Writes the figures of these runs into `docs/performance.md`, and the plots beside it.
///
/// # Errors
/// There are no figures, or the folder cannot be written to.
pub fn write(runs: &[Figures], docs: &Path) -> Result<(), Failure> {
    if runs.is_empty() {
        return Err("nothing was measured yet".into());
    }
    let path = docs.join("performance.md");
    let page = std::fs::read_to_string(&path)?;
    let (Some((before, _)), Some((_, after))) = (page.split_once(BEGIN), page.split_once(END)) else {
        return Err(format!("{} has no place for figures", path.display()).into());
    };
    std::fs::write(&path, format!("{before}{BEGIN}\n\n{}\n{END}{after}", measured(runs)?))?;
    let plots = docs.join("performance");
    std::fs::create_dir_all(&plots)?;
    for (name, drawn) in plots_of(runs) {
        std::fs::write(plots.join(name), drawn)?;
    }
    Ok(())
}

/// What is said of these runs.
fn measured(runs: &[Figures]) -> Result<String, Failure> {
    let mut page = String::new();
    let head: Vec<String> = runs.iter().map(|run| format!("{} ({})", run.scale, run.database)).collect();
    let head = head.join(" | ");
    let rule = "---|".repeat(runs.len());
    for run in runs {
        let values = |name| run.get(name).map_or("?".to_owned(), whole);
        writeln!(
            page,
            "- {} interactions, {} issues, on {} ({}): the bare handler did {}/s, the database took {} rows/s.",
            run.scale,
            values("issues"),
            run.database,
            run.machine,
            values("bare.per_second"),
            values("storage.per_second")
        )?;
    }
    let failures =
        runs.iter().flat_map(|run| run.failures.iter().map(move |(name, count)| (run.scale, name, count)));
    for (scale, name, count) in failures {
        writeln!(page, "- At {scale}, not answered with a success: {count} × {name}.")?;
    }
    writeln!(page, "\n| | floor | aim | {head} |\n|---|---|---|{rule}")?;
    for row in ROWS {
        let said = runs.iter().map(|run| (row.said)(run, &runs[0]).unwrap_or_else(|| "–".to_owned()));
        writeln!(
            page,
            "| {} | {} | {} | {} |",
            row.what,
            row.floor,
            row.aim,
            said.collect::<Vec<_>>().join(" | ")
        )?;
    }
    writeln!(
        page,
        "\n![Latency](performance/latency.svg)\n![Memory](performance/memory.svg)\n![Lists](performance/lists.svg)"
    )?;
    writeln!(page, "\nEach filter and sort, p99 in milliseconds of page 1 and of page 1,000 or the last:\n")?;
    writeln!(page, "| | {head} |\n|---|{rule}")?;
    for (list, parameter, value) in FILTERS {
        let written = if *parameter == "sort" { format!("sort={value}") } else { (*parameter).to_owned() };
        let cell = |run: &Figures| {
            let page =
                |page: &str| run.get(&format!("list.{list}.{written}.{page}")).map(|ms| format!("{ms:.1}"));
            [page("first"), page("deep")].map(|ms| ms.unwrap_or_else(|| "–".to_owned())).join(", ")
        };
        writeln!(page, "| {list} `{written}` | {} |", runs.iter().map(cell).collect::<Vec<_>>().join(" | "))?;
    }
    Ok(page)
}

fn plots_of(runs: &[Figures]) -> [(&'static str, String); 3] {
    let line = |name: &str, figure: &str| {
        let points = runs.iter().filter_map(|run| Some((run.scale.interactions() as f64, run.get(figure)?)));
        Line { name: name.to_owned(), points: points.collect() }
    };
    let latency = [
        line("validate, p99", "validate.plain.p99"),
        line("validate, matched, p99", "validate.busy.p99"),
        line("workspace, p99", "workspace.beside_ingest.p99"),
        line("start to first validate", "start.first_validate"),
        line("start to first issue", "start.first_issue"),
    ];
    let memory =
        [line("loaded", "memory.loaded"), line("after load", "memory.after"), line("empty", "memory.empty")];
    let lists = [line("slowest, page 1", "lists.slowest_first"), line("slowest, deep", "lists.slowest_deep")];
    [
        ("latency.svg", svg("Latency", "ms", &latency)),
        ("memory.svg", svg("Resident memory", "MiB", &memory)),
        ("lists.svg", svg("Filters and sorts, p99", "ms", &lists)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_says_what_was_measured() {
        let mut run = Figures::new("10k".parse().unwrap(), "sqlite");
        run.values.extend([
            ("bare.per_second".to_owned(), 60_000.0),
            ("workspace.beside_ingest.p99".to_owned(), 3.0),
            ("validate.plain.p50".to_owned(), 2.0),
        ]);
        run.spread("validate.plain.per_second", vec![7_100.0, 5_900.0, 6_000.0]);
        run.spread("validate.plain.p99", vec![8.0, 212.0, 7.5]);
        run.failures.insert("ingest: 503".to_owned(), 4);
        let page = measured(&[run]).unwrap();
        assert!(
            page.contains("| 5,000/s, 8 % of bare | 12,000/s, 20 % | 6,000/s (5,900–7,100), 10 % of bare |"),
            "{page}"
        );
        assert!(page.contains("| 2.0, 8.0 (7.5–212.0) ms |"), "{page}");
        assert!(page.contains("| 3.0 ms, 1.0× |") && page.contains("4 × ingest: 503"), "{page}");
    }

    #[test]
    fn thousands_are_apart() {
        assert_eq!([0.4, 999.0, 1_000.0, 1_234_567.0].map(whole), ["0", "999", "1,000", "1,234,567"]);
    }
}
