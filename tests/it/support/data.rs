//! Questions to test with.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// The committed questions, in the format of `import`, each with its `metadata.intent`.
pub fn support_questions() -> Vec<Value> {
    let text = std::fs::read_to_string(support_questions_file()).expect("the committed questions");
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

/// Where they are.
pub fn support_questions_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/support-questions.jsonl")
}
