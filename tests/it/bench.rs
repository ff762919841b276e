//! The load generator, at its smallest: it runs, nothing it sends fails, and its report says every figure.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::support::Server;
use crate::support::database::{Database, Home};

const PAGE: &str = "# Figures\n\n<!-- measured: begin -->\n<!-- measured: end -->\n\nThe end.\n";

#[test]
fn every_row_is_measured_and_nothing_fails() {
    let (home, postgres) = (Home::new(Database::Sqlite), Home::new(Database::Postgres));
    let (figures, docs) = (home.folder.join("figures"), home.folder.join("docs"));
    std::fs::create_dir_all(&docs).expect("a folder");
    std::fs::write(docs.join("performance.md"), PAGE).expect("a page");
    let server: PathBuf = Server::program_path();
    let output = Command::new(server.with_file_name("bench"))
        .args(["all", "--size", "200", "--seconds", "0.3"])
        .args(["--postgres", &postgres.url, "--server"])
        .arg(&server)
        .arg("--folder")
        .arg(&figures)
        .arg("--docs")
        .arg(&docs)
        .output()
        .expect("bench runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));

    let kept = std::fs::read(figures.join("figures-200.json")).expect("the figures");
    let kept: Value = serde_json::from_slice(&kept).expect("JSON");
    assert_eq!(kept["failures"], serde_json::json!({}), "{said}");
    assert_eq!(kept["values"]["replicas.duplicate_issues"], 0.0, "{said}");
    assert!(kept["values"]["issues"].as_f64() > Some(10.0), "the failures opened issues: {said}");
    assert!(
        kept["values"]["validate.busy.near_served"].as_f64() > Some(0.1),
        "there is something to match: {said}"
    );

    let page = std::fs::read_to_string(docs.join("performance.md")).expect("the report");
    assert!(page.starts_with("# Figures\n") && page.ends_with("\n\nThe end.\n"), "{page}");
    let table = page.split_once("![Latency]").expect("a table and plots").0;
    assert!(table.contains("/s, ") && !table.contains("| – |"), "a row without a figure: {table}");
    for plot in ["latency.svg", "memory.svg", "lists.svg"] {
        let drawn = std::fs::read_to_string(docs.join("performance").join(plot)).expect("a plot");
        assert!(drawn.contains("<circle"), "{plot} is empty");
    }
}
