//! The lines of an import: bounded in length, numbered, each with an id that a second run finds again.

use super::Staged;
use super::exported::{as_sent, is_exported};
use crate::validate::{ValidateInput, read_dated};
use domain::digest::body_digest;
use serde_json::Value;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{self, BufRead};

/// Bytes of a line: every text at its longest, with room for escapes.
const LINE_BYTES: usize = 8 * 1024 * 1024;
/// What some programs write before UTF-8 text: no part of the text.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Reads interactions from a file, one a line.
pub(super) struct Lines<R> {
    file: R,
    number: u64,
    /// How often a line without `external_id` came, by the first half of its digest.
    repeats: HashMap<[u8; 16], u64>,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(file: R) -> Self {
        Self { file, number: 0, repeats: HashMap::new() }
    }

    /// The next line that is not blank; none at the end.
    pub(super) fn next_line(&mut self) -> io::Result<Option<Staged<Box<ValidateInput>>>> {
        loop {
            let mut line = Vec::new();
            let Some(whole) = read_line(&mut self.file, &mut line)? else { return Ok(None) };
            self.number += 1;
            if self.number == 1 && line.starts_with(BYTE_ORDER_MARK) {
                line.drain(..BYTE_ORDER_MARK.len());
            }
            if line.trim_ascii().is_empty() {
                continue;
            }
            let input =
                if whole { self.parse(&line) } else { Err(format!("longer than {LINE_BYTES} bytes")) };
            return Ok(Some((self.number, input.map(Box::new))));
        }
    }

    fn parse(&mut self, line: &[u8]) -> Result<ValidateInput, String> {
        let value: Value = serde_json::from_slice(line).map_err(|error| format!("not JSON: {error}"))?;
        let digest = body_digest(&value);
        // What was recorded without words is brought back as it was.
        let wordless = is_exported(&value);
        let mut input = read_dated(as_sent(value)).map_err(|invalid| invalid.to_string())?;
        if input.external_id.is_none() {
            input.external_id = Some(self.id(digest));
        }
        Ok(ValidateInput { historical: true, wordless, ..input })
    }

    /// `import:<digest>:<how often it came, from 1>`.
    fn id(&mut self, digest: [u8; 32]) -> String {
        let mut half = [0; 16];
        half.copy_from_slice(&digest[..16]);
        let repeat = self.repeats.entry(half).or_default();
        *repeat += 1;
        let mut id = "import:".to_owned();
        for byte in digest {
            write!(id, "{byte:02x}").expect("writing to a string does not fail");
        }
        write!(id, ":{repeat}").expect("writing to a string does not fail");
        id
    }
}

/// Reads to the end of the line. `Some(false)`: it was too long, and only its beginning is there. None at the end of the file.
fn read_line(file: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Option<bool>> {
    let mut whole = true;
    let mut any = false;
    loop {
        let read = match file.fill_buf() {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if read.is_empty() {
            return Ok(any.then_some(whole));
        }
        any = true;
        let end = read.iter().position(|byte| *byte == b'\n');
        let part = &read[..end.unwrap_or(read.len())];
        let room = LINE_BYTES - line.len();
        whole &= part.len() <= room;
        line.extend_from_slice(&part[..part.len().min(room)]);
        let used = end.map_or(read.len(), |end| end + 1);
        file.consume(used);
        if end.is_some() {
            return Ok(Some(whole));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: &str) -> Vec<(u64, Result<ValidateInput, String>)> {
        let mut lines = Lines::new(io::BufReader::with_capacity(7, file.as_bytes()));
        let mut read = Vec::new();
        while let Some((number, input)) = lines.next_line().unwrap() {
            read.push((number, input.map(|input| *input)));
        }
        read
    }

    #[test]
    fn a_line_is_known_by_its_content_and_how_often_it_came() {
        let file = "{\"query\": \"q\", \"response\": \"r\"}\n\n{\"response\": \"r\", \"query\": \"q\"}\n{\"query\": \"q\", \"response\": \"r\", \"external_id\": \"mine\"}";
        let lines = read(file);
        assert_eq!(lines.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [1, 3, 4]);
        let ids: Vec<String> =
            lines.iter().map(|(_, input)| input.clone().unwrap().external_id.unwrap()).collect();
        let content = ids[0].strip_suffix(":1").unwrap();
        assert_eq!((content.len(), ids[1].clone()), (7 + 64, format!("{content}:2")));
        assert_eq!(ids[2], "mine");
        assert!(lines.iter().all(|(_, input)| input.as_ref().unwrap().historical));
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_line() {
        let line = "{\"query\": \"q\", \"response\": \"r\"}";
        let lines = read(&format!("\u{feff}{line}\n\u{feff}{line}\n"));
        assert_eq!(lines[0], read(line)[0]);
        assert!(lines[1].1.as_ref().unwrap_err().starts_with("not JSON"), "it stands only at the beginning");
        assert_eq!(read("\u{feff}\n"), [], "a blank line all the same");
    }

    #[test]
    fn a_bad_line_does_not_hide_the_next() {
        let file = format!(
            "{{\"query\"\n{}\n{{\"query\": \"q\", \"response\": \"r\"}}\n",
            "x".repeat(LINE_BYTES + 1)
        );
        let lines = read(&file);
        assert!(lines[0].1.as_ref().unwrap_err().starts_with("not JSON"));
        assert!(lines[1].1.as_ref().unwrap_err().starts_with("longer than"));
        assert!(lines[2].0 == 3 && lines[2].1.is_ok());
    }
}
