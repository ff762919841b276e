//! Interactions as `import` reads them, one JSON object a line, each with its intent in `metadata.intent`.

use super::text::said;
use super::{Fault, Labelled, QueryStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Line {
    query: String,
    #[serde(default)]
    rewritten_query: Option<String>,
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    intent: String,
}

/// Reads what is grouped by: the rewritten query, else the query. Blank lines are passed over.
pub(super) fn parse(text: &str, name: String) -> Result<QueryStream, Fault> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let queries = lines.map(|(at, line)| {
        let read: Line = serde_json::from_str(line).map_err(|error| {
            let place = format!("column {}", error.column());
            let cause = error.to_string().replace(&format!(" at line {} {place}", error.line()), "");
            Fault::at(at + 1, format!("not an interaction with query and metadata.intent: {cause}, {place}"))
        })?;
        let text = read.rewritten_query.unwrap_or(read.query);
        Ok(Labelled { text: said(&text, "the query", at + 1)?, intent: read.metadata.intent })
    });
    Ok(QueryStream { name, queries: queries.collect::<Result<_, _>>()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rewritten_query_counts() {
        let text = "{\"query\": \"a\", \"metadata\": {\"intent\": \"i\", \"x\": 1}}\n\n\
            {\"query\": \"b\", \"rewritten_query\": \"c\", \"response\": \"r\", \"metadata\": {\"intent\": \"j\"}}";
        let set = parse(text, "name".into()).unwrap();
        let rows: Vec<_> = set.queries.iter().map(|row| (row.text.as_str(), row.intent.as_str())).collect();
        assert_eq!(rows, [("a", "i"), ("c", "j")]);
    }

    #[test]
    fn faults_have_their_line() {
        let sound = "{\"query\": \"a\", \"metadata\": {\"intent\": \"i\"}}\n";
        for (line, what) in [
            ("{\"query\"", "EOF while parsing an object, column 8"),
            ("{\"query\": \"a\"}", "missing field `metadata`"),
            ("{\"query\": \"a\", \"metadata\": {}}", "missing field `intent`"),
            ("{\"query\": \" \", \"metadata\": {\"intent\": \"i\"}}", "the query is empty"),
        ] {
            let fault = parse(&format!("{sound}\n{line}\n"), String::new()).unwrap_err();
            assert!(fault.line == Some(3) && fault.what.contains(what), "{line}: {}", fault.what);
        }
    }
}
