//! Questions by intent: CLINC150's one JSON file, BANKING77's two tables.

use super::text::said;
use super::{Fault, IntentSet, Labelled, csv};
use serde::Deserialize;

/// CLINC150's `data_full.json`. Its `val` and `oos_train`, `oos_val` are for calibrating and not read here.
#[derive(Deserialize)]
struct Clinc {
    train: Vec<(String, String)>,
    test: Vec<(String, String)>,
    #[serde(default)]
    oos_test: Vec<(String, String)>,
}

/// Reads CLINC150's format: lists of `[question, intent]`.
pub(super) fn clinc(json: &str, name: String) -> Result<IntentSet, Fault> {
    let data: Clinc = serde_json::from_str(json).map_err(|error| {
        let what =
            format!("not CLINC150's format (lists train, test, oos_test of [question, intent]): {error}");
        Fault { line: Some(error.line()).filter(|line| *line > 0), what }
    })?;
    let labelled = |list: Vec<(String, String)>, of: &str| {
        let rows = list.into_iter().enumerate().map(|(at, (question, intent))| {
            if question.trim().is_empty() {
                return Err(Fault::whole(format!("/{of}/{at}: the question is empty")));
            }
            Ok(Labelled { text: question, intent })
        });
        rows.collect::<Result<Vec<_>, _>>()
    };
    let out_of_scope = labelled(data.oos_test, "oos_test")?.into_iter().map(|row| row.text).collect();
    let (train, test) = (labelled(data.train, "train")?, labelled(data.test, "test")?);
    Ok(IntentSet { name, train, test, out_of_scope })
}

/// Reads one of BANKING77's tables, with the columns `text` and `category`.
pub(super) fn banking(text: &str) -> Result<Vec<Labelled>, Fault> {
    let mut records = csv::records(text)?.into_iter();
    match records.next() {
        Some((_, header)) if header == ["text", "category"] => {}
        _ => return Err(Fault::at(1, "the columns must be text,category")),
    }
    let rows = records.map(|(line, fields)| match &fields[..] {
        [text, intent] => {
            Ok(Labelled { text: said(text, "text", line)?, intent: said(intent, "category", line)? })
        }
        _ => Err(Fault::at(line, format!("{} fields instead of 2", fields.len()))),
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clincs_lists_are_read() {
        let text = r#"{"oos_val": [["x", "oos"]], "val": [], "train": [["a", "i"]], "oos_test": [["c", "oos"]], "test": [["b", "j"]]}"#;
        let set = clinc(text, "name".into()).unwrap();
        let labelled = |text: &str, intent: &str| vec![Labelled { text: text.into(), intent: intent.into() }];
        assert_eq!((set.train, set.test), (labelled("a", "i"), labelled("b", "j")));
        assert_eq!(set.out_of_scope, ["c"]);
    }

    #[test]
    fn clincs_faults_have_their_place() {
        let fault = clinc("{\n\"train\": [[\"a\"]],\n\"test\": []}", String::new()).unwrap_err();
        assert_eq!(fault.line, Some(2), "{}", fault.what);
        let fault = clinc("{\"train\": []}", String::new()).unwrap_err();
        assert!(fault.what.contains("missing field `test`"), "{}", fault.what);
        let fault = clinc(r#"{"train": [["a", "i"], [" ", "i"]], "test": []}"#, String::new()).unwrap_err();
        assert_eq!(fault.what, "/train/1: the question is empty");
    }

    #[test]
    fn bankings_table_is_read_and_its_faults_have_their_line() {
        let rows = banking("text,category\n\"a, b\",i\n").unwrap();
        assert_eq!(rows, [Labelled { text: "a, b".into(), intent: "i".into() }]);
        for (text, line) in
            [("text,label\na,i\n", 1), ("", 1), ("text,category\na,i\nb\n", 3), ("text,category\na,\n", 2)]
        {
            assert_eq!(banking(text).unwrap_err().line, Some(line), "{text}");
        }
    }
}
