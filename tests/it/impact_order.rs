//! The order of the workspace is the order of impacts that anyone can compute from the file that was imported (DESIGN §4).

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use crate::support::builders::{Project, unique};
use crate::support::data::support_questions;
use crate::support::{Server, on_both};

/// Questions that have nothing to do with each other: however they come, each is an issue of its own.
const QUESTIONS: [&str; 7] = [
    "How do I close my account?",
    "Which banks do you work with in Norway?",
    "Is there vegan food in the canteen?",
    "What does error E-17 on the washing machine mean?",
    "Can my dog travel in the cabin?",
    "When does the swimming pool open on Sundays?",
    "Who wrote the national anthem?",
];

/// 2026-09-20T00:00:00Z, seconds since 1970.
const START: i64 = 1_789_862_400;
const HALF_LIFE_DAYS: f64 = 14.0;

/// By hour since 1970: open occurrences, and the sum of their severities in thousandths.
type Hours = BTreeMap<i64, (u64, u64)>;

on_both! {
    fn the_workspace_is_in_the_order_of_the_file(server: &Server) {
        let mut lines = support_questions();
        lines.extend(generated(60));
        let project = import(server, &lines);
        let issues = project.all("/issues?status=all");
        assert!(issues.len() > 10);
        let as_of = (START + 70 * 86_400) as f64 / 3600.0;
        let mut computed = Vec::new();
        for issue in &issues {
            let id = issue["id"].as_str().expect("an id");
            let told = told(&project, id);
            assert_eq!(told, in_the_file(&project, &lines, id), "{issue}");
            computed.push(score(&told, as_of));
        }
        let falls = computed.windows(2).all(|pair| pair[0] >= pair[1] * (1.0 - 1e-9));
        assert!(falls, "the highest impact comes first: {computed:?}");
        let default: Vec<_> = ids(&project.all("/issues"));
        assert_eq!(default, ids(&issues), "all are unaddressed, so the default view is the same");
        assert_eq!(one_by_one(&project, ""), default);
        let reversed: Vec<_> = default.into_iter().rev().collect();
        assert_eq!(one_by_one(&project, "&sort=impact"), reversed);
    }

    fn impacts_do_not_depend_on_the_order_of_lines(server: &Server) {
        let config = Config { cases: 3, max_shrink_iters: 8, failure_persistence: None, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
        let shuffled = Just(generated(40)).prop_shuffle();
        let by_question = |lines: &[Value]| {
            let project = import(server, lines);
            let issues = project.all("/issues?status=all");
            assert_eq!(issues.len(), QUESTIONS.len(), "each question is an issue of its own");
            let issues = issues.iter().map(|issue| {
                let id = issue["id"].as_str().expect("an id");
                (issue["query"].clone(), told(&project, id), log2(issue))
            });
            issues.collect::<Vec<_>>()
        };
        let straight = by_question(&generated(40));
        let result = runner.run(&shuffled, |lines| {
            for ((query, hours, impact), (other_query, other_hours, other_impact)) in straight.iter().zip(by_question(&lines)) {
                prop_assert_eq!(query, &other_query);
                prop_assert_eq!(hours, &other_hours);
                prop_assert!((impact - other_impact).abs() < 1e-9, "{}: {} and {}", query, impact, other_impact);
            }
            Ok(())
        });
        result.expect("the same impacts, in the same order");
    }
}

/// Lines of unrelated questions over 60 days, of every severity; some pass.
fn generated(count: i64) -> Vec<Value> {
    let line = |n: i64| {
        let question = QUESTIONS[(n * n + n / 3) as usize % QUESTIONS.len()];
        let thousandths = |step: i64| ((n * step) % 1000) as f64 / 1000.0;
        json!({
            "external_id": format!("generated-{n}"), "created_at": START + (n * 7919 * 997) % (60 * 86_400), "query": question,
            "response": "I do not know.", "context": "",
            "scores": { "trustworthiness": thousandths(389), "response_helpfulness": thousandths(71) },
        })
    };
    (0..count).map(line).collect()
}

/// A project of its own with these lines.
fn import(server: &Server, lines: &[Value]) -> Project {
    let (name, owner) = (unique("imported"), server.admin());
    let id = owner.post("/v1/projects", json!({ "name": name })).expect(201).id().to_owned();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("lines.jsonl");
    let text: Vec<String> = lines.iter().map(Value::to_string).collect();
    std::fs::write(&file, text.join("\n")).expect("a file");
    let done = server.command(&["import", file.to_str().expect("UTF-8"), "--project", &name]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    Project { id, owner }
}

/// The hours of an issue, and that its score follows from them.
fn told(project: &Project, issue: &str) -> Hours {
    let impact = project.owner.get(&project.at(format!("/issues/{issue}/impact"))).expect(200);
    let number = |hour: &Value, field: &str| hour[field].as_u64().expect("a number");
    let hours: Hours = impact
        .list("/hours")
        .iter()
        .map(|hour| {
            (
                hour["hour"].as_i64().expect("an hour"),
                (number(hour, "open_count"), number(hour, "open_severity_milli")),
            )
        })
        .collect();
    let (told, computed) =
        (impact.json["score"].as_f64().expect("a score"), score(&hours, as_of(&impact.json)));
    assert!((told / computed - 1.0).abs() < 1e-9, "{computed}: {impact}");
    hours
}

/// The same from the file alone: each line's severity from its scores and the default thresholds.
fn in_the_file(project: &Project, lines: &[Value], issue: &str) -> Hours {
    let members = project.all("/interactions");
    let members = members.iter().filter(|item| item["issue_id"] == issue).map(|item| &item["external_id"]);
    let mut hours = Hours::new();
    for member in members {
        let line = lines.iter().find(|line| line["external_id"] == *member).expect("a line of the file");
        let beyond = |key: &str, threshold: f64| {
            (threshold - line["scores"][key].as_f64().expect("a score")) / threshold
        };
        let worst = beyond("trustworthiness", 0.7).max(beyond("response_helpfulness", 0.23));
        assert!(worst > 0.0, "an occurrence fails: {line}");
        let hour = hours.entry(line["created_at"].as_i64().expect("seconds").div_euclid(3600)).or_default();
        hour.0 += 1;
        hour.1 += ((worst * 1000.0).round() as u64).clamp(50, 1000);
    }
    hours
}

/// `Σ severity · 2^(−(as_of − hour) / half_life)`, `as_of` in hours.
fn score(hours: &Hours, as_of: f64) -> f64 {
    let term = |(hour, (_, milli)): (&i64, &(u64, u64))| {
        *milli as f64 / 1000.0 * (-(as_of - *hour as f64) / (HALF_LIFE_DAYS * 24.0)).exp2()
    };
    hours.iter().map(term).sum()
}

/// When an impact was computed, in hours since 1970.
fn as_of(impact: &Value) -> f64 {
    let as_of: jiff::Timestamp = impact["as_of"].as_str().expect("a time").parse().expect("RFC 3339");
    as_of.as_microsecond() as f64 / 3.6e9
}

/// An issue's impact in the list, whenever that was asked for.
fn log2(issue: &Value) -> f64 {
    let impact = &issue["impact"];
    impact["score"].as_f64().expect("a score").log2() + as_of(impact) / (HALF_LIFE_DAYS * 24.0)
}

fn ids(issues: &[Value]) -> Vec<String> {
    issues.iter().map(|issue| issue["id"].as_str().expect("an id").to_owned()).collect()
}

/// The issues of the default view in pages of one.
fn one_by_one(project: &Project, parameters: &str) -> Vec<String> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = project.owner.get(&project.at(format!("/issues?limit=1{parameters}{cursor}"))).expect(200);
        found.extend(ids(page.items()));
        match page.json["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}
