//! Opaque tokens: 32 random bytes behind a prefix. Only their hash is stored.

use crate::sources::random;
use crate::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Faults, FieldCode};
use sha2::{Digest as _, Sha256};
use storage::{StoreError, Tx, Unique};

/// What an access key starts with; the number is the format's version.
pub(super) const ACCESS_KEY: &str = "sk-1-";
/// What a refresh token starts with.
pub(super) const REFRESH: &str = "rt-1-";
/// What every access key starts with, in whatever format.
const ACCESS_KEYS: &str = "sk-";
/// What every refresh token starts with.
const REFRESH_TOKENS: &str = "rt-";
/// Characters of a token that was made elsewhere: as many as 24 random bytes have at the least.
const GIVEN: std::ops::RangeInclusive<usize> = 32..=256;

/// A new token: the prefix and 43 URL-safe characters.
pub(super) fn new(prefix: &str) -> String {
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(random::<32>()))
}

/// A new API key: 43 URL-safe characters that nobody takes for another kind of token.
pub(super) fn api_key() -> String {
    without_prefix(|| new(""))
}

/// The first token that does not start like one of another kind.
fn without_prefix(mut draw: impl FnMut() -> String) -> String {
    loop {
        let token = draw();
        if !is_of_another_kind(&token) {
            return token;
        }
    }
}

fn is_of_another_kind(api_key: &str) -> bool {
    [ACCESS_KEYS, REFRESH_TOKENS].iter().any(|prefix| api_key.starts_with(prefix))
}

/// Whether a token has the form of an access key, `sk-…-…`, of whatever version.
pub(super) fn is_access_key(token: &str) -> bool {
    token.strip_prefix(ACCESS_KEYS).is_some_and(|rest| rest.contains('-'))
}

/// Notes what is wrong with an access key that was made elsewhere.
pub(super) fn check_access_key(token: &str, faults: &mut Faults) {
    check_given(token, faults);
    if !is_access_key(token) {
        faults.add(
            "/token",
            FieldCode::BadFormat,
            "an access key begins with “sk-” and has another “-” after that",
        );
    }
}

/// Notes what is wrong with an API key that was made elsewhere.
pub(super) fn check_api_key(token: &str, faults: &mut Faults) {
    check_given(token, faults);
    if is_of_another_kind(token) {
        faults.add(
            "/token",
            FieldCode::BadFormat,
            "an API key does not begin as an access key or a refresh token does",
        );
    }
}

fn check_given(token: &str, faults: &mut Faults) {
    if !GIVEN.contains(&token.len()) {
        let detail = format!("must have {} to {} characters", GIVEN.start(), GIVEN.end());
        faults.add("/token", FieldCode::OutOfRange, detail);
    }
    if !token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) {
        faults.add("/token", FieldCode::BadFormat, "must have letters, digits, “-” and “_” only");
    }
}

/// Refuses a token that was made elsewhere and is known here already, whosever it is and whether or not it still opens anything.
pub(super) fn refuse_known(tx: &mut Tx<'_>, token: &str) -> Result<()> {
    let hash = hash(token);
    let known =
        storage::access_keys::is_known(tx, &hash)? || storage::api_keys::by_hash(tx, &hash)?.is_some();
    if known { Err(token_taken()) } else { Ok(()) }
}

/// What a token that comes twice at the same moment is refused with.
pub(super) fn taken(error: StoreError) -> Error {
    match error {
        StoreError::Taken(Unique::Other) => token_taken(),
        other => other.into(),
    }
}

fn token_taken() -> Error {
    Error::conflict("token_taken", "a key with this token is known here already")
}

/// SHA-256 of a token. It has 256 random bits, so neither salt nor a slow hash would add anything.
pub(super) fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_its_shape_and_is_new_every_time() {
        let token = new(ACCESS_KEY);
        assert_eq!(token.len(), "sk-1-".len() + 43);
        assert!(token[5..].bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
        assert_ne!(token, new(ACCESS_KEY));
    }

    #[test]
    fn a_token_from_elsewhere_keeps_the_form_of_its_kind() {
        let wrong = |check: fn(&str, &mut Faults), token: &str| {
            let mut faults = Faults::new();
            check(token, &mut faults);
            !faults.is_empty()
        };
        let letters = "a".repeat(40);
        for form in ["sk-1-", "sk-a_b-"] {
            assert!(!wrong(check_access_key, &format!("{form}{letters}")), "{form}");
        }
        assert!(!wrong(check_api_key, &letters));
        for token in
            [letters.clone(), format!("sk-{letters}"), "sk-1-short".to_owned(), format!("sk-1-{letters} ")]
        {
            assert!(wrong(check_access_key, &token), "{token}");
        }
        for token in [
            format!("sk-{letters}"),
            format!("rt-1-{letters}"),
            "short".to_owned(),
            "é".repeat(40),
            "a".repeat(257),
        ] {
            assert!(wrong(check_api_key, &token), "{token}");
        }
    }

    #[test]
    fn an_api_key_does_not_look_like_an_access_key() {
        assert_eq!(api_key().len(), 43);
        let mut drawn = ["sk-a-b", "rt-1-b", "skab-"].into_iter().map(str::to_owned);
        assert_eq!(without_prefix(|| drawn.next().expect("a draw")), "skab-");
    }
}
