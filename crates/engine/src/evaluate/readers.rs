//! Labelled data from files, told apart by what they are; what is malformed is named with its line.

mod csv;
mod intents;
mod interactions;
mod pairs;
mod responses;
mod scores;
mod table;
mod text;

pub use responses::{ResponsePair, ResponseSet};
pub use scores::{ScoreItem, ScoreSet};

use std::fmt;
use std::path::{Path, PathBuf};
use table::Table;

/// What a path held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    /// Questions by intent, split into train and test: CLINC150's JSON, or a folder like BANKING77's.
    Intents(IntentSet),
    /// Judged pairs of questions.
    Pairs(PairSet),
    /// Judged pairs of responses.
    Responses(ResponseSet),
    /// Labelled interactions.
    Scores(ScoreSet),
    /// Queries in the order they came, each with its intent.
    Queries(QueryStream),
}

impl Data {
    /// Its name in reports: the path as it was given.
    pub fn name(&self) -> &str {
        match self {
            Self::Intents(data) => &data.name,
            Self::Pairs(data) => &data.name,
            Self::Responses(data) => &data.name,
            Self::Scores(data) => &data.name,
            Self::Queries(data) => &data.name,
        }
    }

    /// The kind, in words.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Intents(_) => "a set of questions by intent",
            Self::Pairs(_) => "a table of question pairs",
            Self::Responses(_) => "a table of response pairs",
            Self::Scores(_) => "a table of labelled interactions",
            Self::Queries(_) => "a file of interactions",
        }
    }
}

/// Questions by intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntentSet {
    /// What it is called in reports.
    pub name: String,
    /// What answers and past traffic are drawn from.
    pub train: Vec<Labelled>,
    /// What arrives.
    pub test: Vec<Labelled>,
    /// What arrives and belongs to no intent; empty where the data have none.
    pub out_of_scope: Vec<String>,
}

/// A question, and its intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labelled {
    /// The question.
    pub text: String,
    /// The intent it was labelled with.
    pub intent: String,
}

/// Judged pairs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairSet {
    /// What it is called in reports.
    pub name: String,
    /// The pairs.
    pub pairs: Vec<Pair>,
}

/// Two questions, and whether the answer to the first is right and complete for the second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// Whether it is.
    pub same: bool,
    /// Where it is from, or of what kind it is.
    pub source: String,
    /// The question that was answered.
    pub known: String,
    /// The question that arrives.
    pub asked: String,
}

/// Queries in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryStream {
    /// What it is called in reports.
    pub name: String,
    /// The queries.
    pub queries: Vec<Labelled>,
}

/// Why a file cannot be used, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataError {
    /// The file or folder.
    pub path: PathBuf,
    /// The line, from 1, where one is at fault.
    pub line: Option<usize>,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        f.write_str(&self.what)
    }
}

impl std::error::Error for DataError {}

/// What is wrong in a text, before its path is known.
#[derive(Debug, PartialEq, Eq)]
struct Fault {
    line: Option<usize>,
    what: String,
}

impl Fault {
    fn at(line: usize, what: impl Into<String>) -> Self {
        Self { line: Some(line), what: what.into() }
    }

    fn whole(what: impl Into<String>) -> Self {
        Self { line: None, what: what.into() }
    }

    fn of(self, path: &Path) -> DataError {
        DataError { path: path.to_owned(), line: self.line, what: self.what }
    }
}

/// Reads a path: a folder by the names of its files, a file by its ending, else by how it begins.
///
/// # Errors
/// It cannot be read, is of no known kind, or is malformed.
pub fn read(path: &Path) -> Result<Data, DataError> {
    let name = path.display().to_string();
    if path.is_dir() {
        return folder(path, name);
    }
    let text = text::read(path)?;
    let data = match Format::of(path, &text) {
        Some(Format::Intents) => intents::clinc(&text, name).map(Data::Intents),
        Some(Format::Table) => tabular(&text, name),
        Some(Format::Interactions) => interactions::parse(&text, name).map(Data::Queries),
        None => Err(Fault::whole(UNKNOWN)),
    };
    data.map_err(|fault| fault.of(path))
}

const UNKNOWN: &str = "is none of: CLINC150's data_full.json, a folder with BANKING77's train.csv and test.csv, \
    a table of question pairs, of response pairs or of labelled interactions, interactions (one JSON object a line)";

fn tabular(text: &str, name: String) -> Result<Data, Fault> {
    let table = Table::of(text);
    if pairs::has_header(&table.header) {
        pairs::parse(&table, name).map(Data::Pairs)
    } else if responses::has_header(&table.header) {
        responses::parse(&table, name).map(Data::Responses)
    } else if scores::has_header(&table.header) {
        scores::parse(&table, name).map(Data::Scores)
    } else {
        Err(Fault::whole(
            "the columns, parted by tabs, must be label, source (or type), q1, q2; \
             or split, trade, kind, good, bad, query, reviewed, response; \
             or split, trade, kind, helpful, grounded, sufficient, query, context, response",
        ))
    }
}

/// The kinds of single files.
enum Format {
    Intents,
    Table,
    Interactions,
}

impl Format {
    fn of(path: &Path, text: &str) -> Option<Self> {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("json") => Some(Self::Intents),
            Some("jsonl" | "ndjson") => Some(Self::Interactions),
            Some("tsv") => Some(Self::Table),
            Some("csv") => None,
            _ => Self::by_beginning(text),
        }
    }

    fn by_beginning(text: &str) -> Option<Self> {
        let first = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#'))?;
        if first.starts_with("label\t") || first.starts_with("split\t") {
            return Some(Self::Table);
        }
        let alone: Option<serde_json::Value> = serde_json::from_str(first).ok();
        match alone {
            Some(value) if value.get("train").is_some() => Some(Self::Intents),
            Some(value) if value.is_object() => Some(Self::Interactions),
            _ => first.trim_start().starts_with('{').then_some(Self::Intents),
        }
    }
}

fn folder(path: &Path, name: String) -> Result<Data, DataError> {
    let [train, test, clinc] = ["train.csv", "test.csv", "data_full.json"].map(|file| path.join(file));
    if train.is_file() && test.is_file() {
        let rows = |file: &Path| {
            let table = text::read(file)?;
            intents::banking(&table).map_err(|fault| fault.of(file))
        };
        let (train, test) = (rows(&train)?, rows(&test)?);
        return Ok(Data::Intents(IntentSet { name, train, test, out_of_scope: Vec::new() }));
    }
    if clinc.is_file() {
        return read(&clinc);
    }
    let what = "is a folder without train.csv and test.csv (as BANKING77's) and without data_full.json (as CLINC150's)";
    Err(Fault::whole(what).of(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_file(name: &str, text: &str) -> Result<Data, DataError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        read(&path)
    }

    const PAIRS: &str = "label\tsource\tq1\tq2\n1\ta\tx\ty\n";
    const RESPONSES: &str = "# made\nsplit\ttrade\tkind\tgood\tbad\tquery\treviewed\tresponse\n";
    const SCORES: &str = "split\ttrade\tkind\thelpful\tgrounded\tsufficient\tquery\tcontext\tresponse\n";
    const CLINC: &str = "{\n\"train\": [[\"a\", \"i\"]],\n\"test\": [[\"b\", \"i\"]]\n}";
    const LINES: &str = "{\"query\": \"a\", \"metadata\": {\"intent\": \"i\"}}\n";

    #[test]
    fn kinds_are_told_by_ending_or_beginning() {
        for (name, text, kind) in [
            ("a.tsv", PAIRS, "a table of question pairs"),
            ("a.txt", PAIRS, "a table of question pairs"),
            ("a.tsv", RESPONSES, "a table of response pairs"),
            ("a", RESPONSES, "a table of response pairs"),
            ("a.tsv", SCORES, "a table of labelled interactions"),
            ("a.json", CLINC, "a set of questions by intent"),
            ("a", CLINC, "a set of questions by intent"),
            ("a", &CLINC.replace('\n', ""), "a set of questions by intent"),
            ("a.jsonl", LINES, "a file of interactions"),
            ("a", LINES, "a file of interactions"),
        ] {
            assert_eq!(in_file(name, text).unwrap().kind(), kind, "{name}");
        }
        for (name, text) in [("a.csv", "text,category\na,b\n"), ("a", ""), ("a", "hello\n")] {
            assert_eq!(in_file(name, text).unwrap_err().what, UNKNOWN, "{name}");
        }
        let columns = in_file("a.tsv", "label\tq1\tq2\n").unwrap_err();
        assert!(columns.what.starts_with("the columns"), "{columns}");
    }

    #[test]
    fn a_fault_is_told_with_its_file_and_line() {
        let error = in_file("a.tsv", "label\tsource\tq1\tq2\n2\ta\tx\ty\n").unwrap_err().to_string();
        assert!(error.contains("a.tsv: line 2: "), "{error}");
        let absent = read(Path::new("no-such-file.tsv")).unwrap_err();
        assert!(absent.line.is_none() && absent.to_string().starts_with("no-such-file.tsv: "), "{absent}");
    }

    #[test]
    fn a_folder_holds_one_data_set() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read(folder.path()).unwrap_err().what.contains("without train.csv"));
        std::fs::write(folder.path().join("data_full.json"), CLINC).unwrap();
        assert!(matches!(read(folder.path()).unwrap(), Data::Intents(data) if data.test.len() == 1));
        std::fs::write(folder.path().join("train.csv"), "text,category\na,b\nc,b\n").unwrap();
        std::fs::write(folder.path().join("test.csv"), "text,category\n,b\n").unwrap();
        let error = read(folder.path()).unwrap_err();
        assert!(error.path.ends_with("test.csv") && error.line == Some(2), "{error}");
        std::fs::write(folder.path().join("test.csv"), "text,category\nd,b\n").unwrap();
        assert!(matches!(read(folder.path()).unwrap(), Data::Intents(data) if data.train.len() == 2));
    }
}
