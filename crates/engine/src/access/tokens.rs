//! Opaque tokens: 32 random bytes behind a prefix. Only their hash is stored.

use crate::sources::random;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// What an access key starts with; the number is the format's version.
pub(super) const ACCESS_KEY: &str = "sk-1-";
/// What a refresh token starts with.
pub(super) const REFRESH: &str = "rt-1-";

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
        if !["sk-", "rt-"].iter().any(|prefix| token.starts_with(prefix)) {
            return token;
        }
    }
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
    fn an_api_key_does_not_look_like_an_access_key() {
        assert_eq!(api_key().len(), 43);
        let mut drawn = ["sk-a-b", "rt-1-b", "skab-"].into_iter().map(str::to_owned);
        assert_eq!(without_prefix(|| drawn.next().expect("a draw")), "skab-");
    }
}
