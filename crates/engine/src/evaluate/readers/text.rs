//! A file as text.

use super::{DataError, Fault};
use std::path::Path;

/// What some programs write before UTF-8 text: no part of the text.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Reads a file as UTF-8, without a byte order mark.
pub(super) fn read(path: &Path) -> Result<String, DataError> {
    let bytes = std::fs::read(path).map_err(|error| Fault::whole(error.to_string()).of(path))?;
    let text = decoded(bytes).map_err(|fault| fault.of(path))?;
    Ok(text.strip_prefix(BYTE_ORDER_MARK).map(ToOwned::to_owned).unwrap_or(text))
}

fn decoded(bytes: Vec<u8>) -> Result<String, Fault> {
    String::from_utf8(bytes).map_err(|error| {
        let sound = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        Fault::at(sound.split(|byte| *byte == b'\n').count(), "is not UTF-8")
    })
}

/// A text that says something.
pub(super) fn said(text: &str, name: &str, line: usize) -> Result<String, Fault> {
    if text.trim().is_empty() {
        Err(Fault::at(line, format!("{name} is empty")))
    } else {
        Ok(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_are_found() {
        assert_eq!(decoded(b"a\nb\n\xff\n".to_vec()), Err(Fault::at(3, "is not UTF-8")));
        assert_eq!(decoded("ä".into()), Ok("ä".to_owned()));
    }
}
