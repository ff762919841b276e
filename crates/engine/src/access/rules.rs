//! What names, e-mail addresses and passwords may look like.

use domain::text::{EMAIL_BYTES, check_text};
use domain::{Faults, FieldCode};

/// Characters of a password at the least.
const PASSWORD_CHARACTERS: usize = 10;
/// Bytes of a password at the most: a passphrase, not a load on the hash.
const PASSWORD_BYTES: usize = 1024;

/// An e-mail address as it is stored and compared: without white space around it, in lower case.
pub(crate) fn normal_email(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Notes a fault unless this (normal) text could be an e-mail address. Only mail that arrives proves more.
pub(super) fn check_email(pointer: &str, email: &str, faults: &mut Faults) {
    let (name, domain) = email.rsplit_once('@').unwrap_or_default();
    if name.is_empty() || domain.is_empty() || email.contains(|c: char| c.is_whitespace() || c.is_control()) {
        faults.add(pointer, FieldCode::BadFormat, "must be an e-mail address, such as name@example.com");
    }
    check_text(pointer, email, EMAIL_BYTES, faults);
}

/// Notes a fault unless this is long enough to be a password. What it is made of is its owner's business (NIST SP 800-63B §3.1.1.2).
pub(super) fn check_password(pointer: &str, password: &str, faults: &mut Faults) {
    if password.chars().count() < PASSWORD_CHARACTERS {
        let detail = format!("must have at least {PASSWORD_CHARACTERS} characters");
        faults.add(pointer, FieldCode::OutOfRange, detail);
    }
    if password.len() > PASSWORD_BYTES {
        let detail = format!("must have at most {PASSWORD_BYTES} bytes");
        faults.add(pointer, FieldCode::TooLong, detail);
    }
}

/// Whether anybody could have this (normal) address and this password. Others are refused before they are looked up, hashed or remembered:
/// they may be as large as a request.
pub(super) fn may_sign_in(email: &str, password: &str) -> bool {
    let mut faults = Faults::new();
    check_email("", email, &mut faults);
    faults.is_empty() && password.len() <= PASSWORD_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(check: impl FnOnce(&mut Faults)) -> bool {
        let mut faults = Faults::new();
        check(&mut faults);
        faults.is_empty()
    }

    #[test]
    fn an_address_has_a_name_and_a_place() {
        for good in ["a@b", "first.last+tag@mail.example.com", "ü@example.com"] {
            assert!(passes(|faults| check_email("", good, faults)), "{good}");
        }
        for bad in ["", "a", "@b", "a@", "a b@c", "a@b\u{0}", "a\n@b"] {
            assert!(!passes(|faults| check_email("", bad, faults)), "{bad:?}");
        }
        assert_eq!(normal_email(" Me@Example.COM "), "me@example.com");
    }

    #[test]
    fn what_nobody_has_does_not_sign_in() {
        assert!(may_sign_in("a@b", "short"));
        for (email, password) in
            [("a\0@b", "x"), ("a", "x"), (&format!("{}@b", "a".repeat(254)), "x"), ("a@b", &"x".repeat(1025))]
        {
            assert!(!may_sign_in(email, password), "{email:?}");
        }
    }

    #[test]
    fn length_is_all_a_password_needs() {
        assert!(passes(|faults| check_password("", "ten chars!", faults)));
        assert!(!passes(|faults| check_password("", "nine char", faults)));
        assert!(!passes(|faults| check_password("", &"x".repeat(1025), faults)));
    }
}
