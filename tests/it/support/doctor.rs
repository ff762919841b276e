//! The command `doctor`, and what it tells.

use serde_json::Value;

use super::server::Server;

/// What the doctor ended with, and each difference that it told.
pub struct Examined {
    pub code: Option<i32>,
    pub differences: Vec<Value>,
    /// What was looked at, and the numbers of differences.
    pub summary: Value,
}

impl Server {
    /// Runs the doctor on the server's database, while the server runs or not.
    #[track_caller]
    pub fn doctor(&self, arguments: &[&str]) -> Examined {
        let output = self.command(&[&["doctor", "--json"], arguments].concat());
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let complaint = String::from_utf8_lossy(&output.stderr);
        let mut lines: Vec<Value> = said
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}")))
            .collect();
        let summary = lines.pop().unwrap_or_else(|| panic!("the doctor says nothing: {complaint}"));
        Examined { code: output.status.code(), differences: lines, summary }
    }

    /// Insists that the doctor finds nothing.
    #[track_caller]
    pub fn insist_on_health(&self) {
        let examined = self.doctor(&[]);
        let told: Vec<String> = examined.differences.iter().map(ToString::to_string).collect();
        assert_eq!(examined.code, Some(0), "the doctor tells:\n{}", told.join("\n"));
        assert!(told.is_empty());
    }
}

impl Examined {
    /// What kinds of things differ in what, and what became of it, each once and in order: `issue/status/found`.
    pub fn kinds(&self) -> Vec<String> {
        let word = |one: &Value, name: &str| one[name].as_str().expect("a word").to_owned();
        let mut kinds: Vec<String> = self
            .differences
            .iter()
            .map(|one| {
                let field = word(one, "field");
                let field = field.split('/').next().unwrap_or_default().to_owned();
                format!("{}/{field}/{}", word(one, "of"), word(one, "outcome"))
            })
            .collect();
        kinds.sort();
        kinds.dedup();
        kinds
    }
}
