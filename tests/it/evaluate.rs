//! `evaluate`: figures from labelled data, without a server.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::builders::good;
use crate::support::server::program_in;
use crate::support::{Server, on_both};

const PAIRS: &str = "label\ttype\tq1\tq2
1\tsame words\tHow do I open an account?\thow do i open an account
0\tsame words\tHow do I open an account?\tHOW DO I OPEN AN ACCOUNT!
1\tunlike\tHow do I open an account?\tWhich way to the northern lights tonight?
0\tunlike\tHow do I open an account?\tWhy was my parcel sent to another country?
";

const RESPONSES: &str = "# Written for this test.
split\ttrade\tkind\tgood\tbad\tquery\treviewed\tresponse
held-out\tshop\tsame\t1\t1\tCan I return it?\tYou can return it within 14 days.\tYou can return it within 14 days!
held-out\tshop\tcorrected\t0\t0\tCan I return it?\tYou can return it within 14 days.\tYou can return it within 30 days.
";

const INTENTS: [(&str, [&str; 4]); 4] = [
    (
        "open",
        [
            "How do I open an account?",
            "Opening an account",
            "I want to open an account",
            "Can you open an account for me?",
        ],
    ),
    (
        "parcel",
        [
            "Where is my parcel?",
            "My parcel has not come",
            "Track a parcel for me",
            "Has my parcel been sent?",
        ],
    ),
    (
        "lights",
        [
            "Switch the kitchen lights on",
            "Lights on in the kitchen",
            "Make the kitchen bright",
            "Turn the kitchen light on",
        ],
    ),
    (
        "weather",
        [
            "Will it rain tomorrow?",
            "Tomorrow's weather",
            "Is rain expected tomorrow?",
            "What's the weather tomorrow?",
        ],
    ),
];

/// A folder of small files, and the program run beside them.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, text).expect("a file");
        path
    }

    /// BANKING77's form, with test questions that are in the train split word for word.
    fn banking(&self) -> PathBuf {
        let rows = |take: usize| {
            let of = |(intent, texts): &(&str, [&str; 4])| {
                let rows: Vec<_> =
                    texts[..take].iter().map(|text| format!("\"{text}\",{intent}\n")).collect();
                rows.concat()
            };
            "text,category\n".to_owned() + &INTENTS.iter().map(of).collect::<Vec<_>>().concat()
        };
        self.write("bank/train.csv", &rows(4));
        self.write("bank/test.csv", &rows(2));
        self.path("bank")
    }

    fn clinc(&self) -> PathBuf {
        let rows = |take: usize| {
            let of = |(intent, texts): &(&str, [&str; 4])| {
                texts[..take].iter().map(|text| json!([text, intent])).collect::<Vec<_>>()
            };
            INTENTS.iter().flat_map(of).collect::<Vec<_>>()
        };
        let oos = json!([
            ["Who painted the ceiling of the chapel?", "oos"],
            ["Sing me a song about cheese", "oos"]
        ]);
        let set = json!({ "train": rows(4), "val": [], "test": rows(1), "oos_test": oos, "oos_val": [], "oos_train": [] });
        self.write("clinc.json", &set.to_string())
    }

    fn interactions(&self) -> PathBuf {
        let line = |(intent, text): (&str, &str)| {
            json!({ "query": text, "response": "r", "metadata": { "intent": intent } }).to_string() + "\n"
        };
        let rows: String = (0..4)
            .flat_map(|at| INTENTS.iter().map(move |(intent, texts)| (*intent, texts[at])))
            .map(line)
            .collect();
        self.write("asked.jsonl", &rows)
    }

    /// `evaluate …`, in a folder without a database.
    fn evaluate(&self, arguments: &[&str], data: &[&Path]) -> Output {
        let mut all = vec!["evaluate"];
        all.extend(arguments);
        if !data.is_empty() {
            all.push("--data");
            all.extend(data.iter().map(|path| path.to_str().expect("a path in UTF-8")));
        }
        program_in(self.0.path(), &all)
    }

    fn json(&self, arguments: &[&str], data: &[&Path]) -> Value {
        let done = self.evaluate(&[arguments, &["--json"]].concat(), data);
        assert!(done.status.success(), "{}", stderr(&done));
        serde_json::from_slice(&done.stdout).expect("JSON and nothing else")
    }
}

#[test]
fn pairs_are_counted() {
    let files = Files::new();
    let pairs = files.write("pairs.tsv", PAIRS);
    let report = files.json(&["matching"], &[&pairs]);
    assert_eq!((&report["measured"], &report["targets"]["serve"]), (&"matching".into(), &0.99.into()));
    assert!(report["thresholds"]["suggest"].as_f64() <= report["thresholds"]["serve"].as_f64());
    let rows = report["pairs"][0]["rows"].as_array().expect("rows");
    let counts = |row: &Value, share: &str| {
        let share = &row["figures"][share];
        (share["count"].as_u64().expect("a count"), share["of"].as_u64().expect("of"))
    };
    let sources: Vec<_> = rows.iter().map(|row| row["source"].as_str()).collect();
    assert_eq!(sources, [None, Some("same words"), Some("unlike")]);
    assert_eq!((counts(&rows[0], "same_answered"), counts(&rows[0], "different_answered")), ((1, 2), (1, 2)));
    assert_eq!((counts(&rows[1], "precision"), counts(&rows[2], "precision")), ((1, 2), (0, 0)));
    assert!(rows[2]["figures"]["precision"]["share"].is_null());
    let share = &rows[0]["figures"]["different_answered"];
    assert!(
        share["low"].as_f64() < share["share"].as_f64() && share["share"].as_f64() < share["high"].as_f64()
    );
    let latency = &report["pairs"][0]["latency"];
    assert_eq!(
        (&latency["word_for_word"]["count"], &latency["nothing_near"]["count"]),
        (&2.into(), &2.into())
    );
    assert!(latency["nothing_near"]["p99_ms"].as_f64() >= latency["nothing_near"]["p50_ms"].as_f64());
    assert_eq!(report["pairs"][0]["wrong"][0]["query"], "HOW DO I OPEN AN ACCOUNT!");
    assert_eq!(report["banks"], json!([]));
}

#[test]
fn wrong_answers_are_listed_on_demand() {
    let files = Files::new();
    let pairs = files.write("pairs.tsv", PAIRS);
    let brief = stdout(&files.evaluate(&["matching"], &[&pairs]));
    assert!(brief.contains("1/2  50.0 % (9.5–90.5)") && !brief.contains("HOW DO I OPEN"), "{brief}");
    let whole = stdout(&files.evaluate(&["matching", "--list-wrong"], &[&pairs]));
    assert!(whole.contains("HOW DO I OPEN AN ACCOUNT!  <-  How do I open an account?"), "{whole}");
}

#[test]
fn banks_are_drawn_from_both_data_sets_and_repeat() {
    let files = Files::new();
    let (banking, clinc) = (files.banking(), files.clinc());
    let run = || files.json(&["matching", "--answered", "1,2", "--draws", "2"], &[&banking, &clinc]);
    let report = run();
    let banks = report["banks"].as_array().expect("banks");
    assert_eq!(banks.len(), 2);
    for (bank, within, outside) in [(&banks[0], 8, 0), (&banks[1], 4, 2)] {
        let rows: Vec<_> = bank["rows"]
            .as_array()
            .expect("rows")
            .iter()
            .map(|row| (row["answered"].as_u64(), row["draw"].as_u64()))
            .collect();
        let row = |answered, draw| (Some(answered), draw);
        assert_eq!(
            rows,
            [row(1, Some(1)), row(1, Some(2)), row(1, None), row(2, Some(1)), row(2, Some(2)), row(2, None)]
        );
        let pooled = &bank["pooled"];
        let of = |share: &str| pooled[share]["of"].as_u64().expect("of");
        assert_eq!(of("recall") + of("unanswerable_answered"), 4 * within);
        assert_eq!(of("out_of_scope_answered"), 4 * outside);
        assert!(
            pooled["recall"]["count"].as_u64() > Some(0),
            "phrasings of the test split are word for word in it: {pooled}"
        );
    }
    let mut again = run();
    let mut first = report.clone();
    for report in [&mut first, &mut again] {
        for bank in report["banks"].as_array_mut().expect("banks") {
            bank["latency"].take();
        }
    }
    assert_eq!(first, again);
    let other = files
        .json(&["matching", "--answered", "1", "--draws", "1", "--seed", "7", "--queries", "3"], &[&clinc]);
    let pooled = &other["banks"][0]["pooled"];
    let of = |share: &str| pooled[share]["of"].as_u64().expect("of");
    assert_eq!(of("recall") + of("unanswerable_answered") + of("out_of_scope_answered"), 3);
}

#[test]
fn grouping_is_scored_in_the_files_order_and_in_drawn_ones() {
    let files = Files::new();
    let (asked, banking) = (files.interactions(), files.banking());
    let report = files.json(&["grouping", "--draws", "2"], &[&asked, &banking]);
    let orders = report["orders"].as_array().expect("orders");
    let drawn: Vec<_> = orders
        .iter()
        .map(|order| (order["draw"].as_u64(), order["queries"].as_u64(), order["intents"].as_u64()))
        .collect();
    assert_eq!(drawn, [(None, Some(16), Some(4)), (Some(1), Some(8), Some(4)), (Some(2), Some(8), Some(4))]);
    for order in orders {
        let f1 = order["b_cubed"]["f1"].as_f64().expect("F1");
        assert!(f1 > 0.4 && f1 <= 1.0, "{order}");
    }
    let one = files.json(&["grouping", "--width=-1"], &[&asked]);
    assert_eq!(
        (&one["orders"][0]["groups"], &one["orders"][0]["b_cubed"]["recall"]),
        (&1.into(), &1.0.into())
    );
    let text = stdout(&files.evaluate(&["grouping"], &[&asked]));
    assert!(text.contains("as in the file") && text.contains("B-cubed precision"), "{text}");
}

#[test]
fn reviews_of_responses_are_scored() {
    let files = Files::new();
    let table = files.write("responses.tsv", RESPONSES);
    let report = files.json(&["responses"], &[&table]);
    let rows = report["tables"][0]["rows"].as_array().expect("rows");
    let names: Vec<_> = rows.iter().map(|row| (row["split"].as_str(), row["kind"].as_str())).collect();
    assert_eq!(
        names,
        [(Some("held-out"), None), (Some("held-out"), Some("corrected")), (Some("held-out"), Some("same"))]
    );
    let counts = |review: &str, share: &str| {
        (rows[0][review][share]["count"].as_u64(), rows[0][review][share]["of"].as_u64())
    };
    for review in ["good", "bad"] {
        assert_eq!(
            (counts(review, "reached"), counts(review, "overreached")),
            ((Some(1), Some(1)), (Some(0), Some(1)))
        );
    }
    let text = stdout(&files.evaluate(&["responses", "--list-wrong"], &[&table]));
    assert!(text.contains("Good: overreached") && text.contains("against the labels: 0"), "{text}");
}

#[test]
fn what_is_malformed_is_named_with_its_line() {
    let files = Files::new();
    files.write("bank/train.csv", "text,category\na,b\n\"c,d\n");
    files.write("bank/test.csv", "text,category\na,b\n");
    for (what, path, says) in [
        (
            "matching",
            files.write("label.tsv", "label\tsource\tq1\tq2\n1\ta\tb\tc\nno\ta\tb\tc\n"),
            "label.tsv: line 3: the label is \"no\"",
        ),
        ("matching", files.path("bank"), "train.csv: line 3: a quote is opened"),
        (
            "matching",
            files.write("cut.json", "{\"train\": [[\"a\", \"b\"]],\n \"test\": [["),
            "cut.json: line 2: ",
        ),
        ("matching", files.write("notes.txt", "just notes\n"), "notes.txt: is none of"),
        ("matching", files.path("absent.tsv"), "absent.tsv: "),
        (
            "matching",
            files.write("sound.jsonl", "{\"query\": \"a\", \"metadata\": {\"intent\": \"b\"}}\n"),
            "evaluating matching takes",
        ),
        (
            "grouping",
            files.write("intent.jsonl", "{\"query\": \"a\", \"metadata\": {}}\n"),
            "intent.jsonl: line 1: ",
        ),
        ("grouping", files.write("pairs.tsv", PAIRS), "evaluating grouping takes"),
    ] {
        let done = files.evaluate(&[what], &[&path]);
        let said = stderr(&done);
        assert!(done.status.code() == Some(1) && said.contains(says), "{says}: {said}");
        assert!(done.stdout.is_empty(), "{}", stdout(&done));
    }
    let small = files.evaluate(&["matching", "--answered", "9"], &[&files.clinc()]);
    assert!(
        small.status.code() == Some(1) && stderr(&small).contains("4 intents have so many"),
        "{}",
        stderr(&small)
    );
}

#[test]
fn wrong_arguments_are_refused() {
    let files = Files::new();
    let pairs = files.write("pairs.tsv", PAIRS);
    for (arguments, code) in [
        (&["matching"][..], 2),
        (&["guessing"], 2),
        (&["matching", "--draws", "0"], 2),
        (&["matching", "--serve-precision", "1"], 2),
        (&["grouping", "--width", "2"], 2),
        (&["matching", "--serve-precision", "0.9"], 1),
    ] {
        let data: &[&Path] = if arguments == ["matching"] { &[] } else { &[&pairs] };
        let done = files.evaluate(arguments, data);
        assert_eq!(done.status.code(), Some(code), "{arguments:?}: {}", stderr(&done));
        assert!(done.stdout.is_empty() && !done.stderr.is_empty());
    }
}

on_both! {
    fn what_experts_said_of_matches_is_measured(server: &Server) {
        let project = server.project();
        let app = project.key(server, &["runtime"]);
        let name = project.owner.get(&project.at("")).expect(200).text("/name").to_owned();
        let freely = json!({ "suggest_precision": 0.5 });
        project.owner.patch(&project.at("/settings"), freely).if_match("*").expect(200);
        let answer = json!({ "query": "How do I freeze my card?", "answer": "Open Cards, choose Freeze.", "publish": true });
        project.owner.post(&project.at("/answers"), answer).expect(201);
        let asked = [
            ("how can I freeze my card please", "confirm"),
            ("How do I unfreeze my card?", "reject"),
            ("How do I freeze my card", "confirm"),
        ];
        for (query, _) in asked {
            app.post(&project.at("/validate"), good(query)).expect(200);
        }
        let matches = project.owner.get(&project.at("/matches")).expect(200).items().to_vec();
        for (query, decision) in asked {
            let found = matches.iter().find(|found| found["query"] == query).expect("a match");
            let path = project.at(format!("/matches/{}/{decision}", found["id"].as_str().expect("an id")));
            project.owner.post(&path, json!({})).expect(200);
        }

        let done = server.command(&["evaluate", "matching", "--project", &name, "--json"]);
        assert!(done.status.success(), "{}", stderr(&done));
        let report: Value = serde_json::from_slice(&done.stdout).expect("JSON and nothing else");
        let pairs = &report["pairs"][0];
        assert_eq!(pairs["data"], format!("project {name:?}"));
        let all = &pairs["rows"][0]["figures"];
        let of = |share: &str| all[share]["of"].as_u64();
        assert_eq!((of("same_answered"), of("different_answered")), (Some(1), Some(1)), "what is the same word for word says nothing");
        assert_eq!(all["different_answered"]["count"], 0, "{pairs}");

        let nobody = server.command(&["evaluate", "matching", "--project", "nobody's"]);
        assert_eq!(nobody.status.code(), Some(1));
        assert!(stderr(&nobody).contains("no project is named \"nobody's\""), "{}", stderr(&nobody));
    }
}

#[test]
fn a_database_that_is_not_there_is_not_made() {
    let files = Files::new();
    let none = files.evaluate(&["matching", "--project", "mine"], &[]);
    assert!(none.status.code() == Some(1) && stderr(&none).contains("there is no"), "{}", stderr(&none));
    assert!(!files.path("data").exists());
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
