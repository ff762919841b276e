//! Comma-separated values, as RFC 4180 writes them: a field in quotes may hold commas, line ends and doubled quotes.

use super::Fault;

/// A record with the line it begins on, from 1.
pub(super) type Record = (usize, Vec<String>);

/// The records of a text. Blank lines are none.
pub(super) fn records(text: &str) -> Result<Vec<Record>, Fault> {
    let mut rest = text;
    let mut line = 1;
    let mut records = Vec::new();
    while !rest.is_empty() {
        let begun = line;
        let mut fields = Vec::new();
        loop {
            let (field, after) = field(rest, line)?;
            line += rest[..rest.len() - after.len()].matches('\n').count();
            fields.push(field);
            rest = after;
            match rest.strip_prefix(',') {
                Some(next) => rest = next,
                None => break,
            }
        }
        rest = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n')).unwrap_or(rest);
        line += 1;
        if fields != [""] {
            records.push((begun, fields));
        }
    }
    Ok(records)
}

/// One field, and what follows it: a comma, a line end or nothing.
fn field(text: &str, line: usize) -> Result<(String, &str), Fault> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', '\n']).unwrap_or(text.len());
        let end = if text[end..].starts_with('\n') && text[..end].ends_with('\r') { end - 1 } else { end };
        let (field, after) = text.split_at(end);
        if field.contains('"') {
            return Err(Fault::at(line, "a quote stands within a field that does not begin with one"));
        }
        return Ok((field.to_owned(), after));
    };
    let mut field = String::new();
    let mut rest = quoted;
    loop {
        let Some((part, after)) = rest.split_once('"') else {
            return Err(Fault::at(line, "a quote is opened and not closed"));
        };
        field.push_str(part);
        match after.strip_prefix('"') {
            Some(doubled) => {
                field.push('"');
                rest = doubled;
            }
            None if after.is_empty() || after.starts_with([',', '\n']) || after.starts_with("\r\n") => {
                return Ok((field, after));
            }
            None => return Err(Fault::at(line, "after a closing quote stands something else than a comma")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Vec<(usize, Vec<String>)> {
        records(text).unwrap()
    }

    fn record(line: usize, fields: &[&str]) -> Record {
        (line, fields.iter().map(|&field| field.to_owned()).collect())
    }

    #[test]
    fn quotes_hold_commas_line_ends_and_quotes() {
        let text = "text,category\r\n\"a, \"\"b\"\"\nc\",x\n\nd,\n\"\",e";
        assert_eq!(
            read(text),
            [
                record(1, &["text", "category"]),
                record(2, &["a, \"b\"\nc", "x"]),
                record(5, &["d", ""]),
                record(6, &["", "e"])
            ]
        );
    }

    #[test]
    fn a_fault_is_told_with_its_line() {
        for (text, line) in [("a,b\n\"c,d\n", 2), ("a\n\nb\"c\n", 3), ("\"a\"b\n", 1)] {
            assert_eq!(records(text).unwrap_err().line, Some(line), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(rows in proptest::collection::vec(proptest::collection::vec("[a,\"\r\n]{0,4}", 2..4), 0..6)) {
            let quoted = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
            let line = |row: &Vec<String>| row.iter().map(quoted).collect::<Vec<_>>().join(",");
            let text = rows.iter().map(line).collect::<Vec<_>>().join("\n");
            let read: Vec<Vec<String>> = records(&text).unwrap().into_iter().map(|(_, fields)| fields).collect();
            prop_assert_eq!(read, rows);
        }
    }
}
