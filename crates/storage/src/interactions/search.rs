//! A text to look for, as a pattern that each database reads alike: letters in either case, beyond ASCII too, whatever the locale.

/// A POSIX-like regular expression of PostgreSQL that finds this text anywhere.
pub(super) fn regular_expression(text: &str) -> String {
    let mut pattern = String::new();
    for letter in text.chars() {
        match cases(letter).as_slice() {
            [only] if only.is_ascii_punctuation() => pattern.extend(['\\', *only]),
            [only] => pattern.push(*only),
            several => {
                pattern.push('[');
                pattern.extend(several);
                pattern.push(']');
            }
        }
    }
    pattern
}

/// A pattern for SQLite's `GLOB` that finds this text anywhere.
pub(super) fn glob(text: &str) -> String {
    let mut pattern = String::from("*");
    for letter in text.chars() {
        match cases(letter).as_slice() {
            [only] if !"*?[".contains(*only) => pattern.push(*only),
            several => {
                pattern.push('[');
                pattern.extend(several);
                pattern.push(']');
            }
        }
    }
    pattern.push('*');
    pattern
}

/// A letter in every case that is one character.
fn cases(letter: char) -> Vec<char> {
    let mut cases = vec![letter];
    let mut lower = letter.to_lowercase();
    let mut upper = letter.to_uppercase();
    for (first, second) in [(lower.next(), lower.next()), (upper.next(), upper.next())] {
        if let (Some(other), None) = (first, second)
            && !cases.contains(&other)
        {
            cases.push(other);
        }
    }
    cases
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_in_either_case_and_signs_are_themselves() {
        assert_eq!(regular_expression("Ü-1?"), r"[Üü]\-1\?");
        assert_eq!(glob("Ü-1?*[x]"), "*[Üü]-1[?][*][[][xX]]*");
        assert_eq!(regular_expression("ß\n"), "ß\n");
        assert_eq!(glob(""), "**");
    }
}
