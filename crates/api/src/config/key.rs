//! The server's secret key.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretBox};
use serde::{Deserialize, Deserializer, de};

/// 32 bytes, written in base64 or hexadecimal.
#[derive(Clone)]
pub struct SecretKey(SecretBox<Bytes>);

#[derive(Clone)]
struct Bytes([u8; 32]);

impl secrecy::zeroize::Zeroize for Bytes {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

impl secrecy::CloneableSecret for Bytes {}

impl SecretKey {
    /// A key of these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(SecretBox::new(Box::new(Bytes(bytes))))
    }

    /// The key in base64 or as 64 hexadecimal digits; none for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let engines = [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD];
        let base64 = || engines.iter().find_map(|engine| engine.decode(text).ok());
        let bytes = if text.len() == 64 { hexadecimal(text) } else { base64() };
        bytes?.try_into().ok().map(Self::new)
    }

    /// The bytes themselves.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0.expose_secret().0
    }
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).map(|digit| digit as u8);
    let digits: Vec<u8> = text.as_bytes().iter().map(digit).collect::<Option<_>>()?;
    Some(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(hidden)")
    }
}

impl<'de> Deserialize<'de> for SecretKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("not a key"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_32_bytes_in_either_writing() {
        let bytes = [0xab; 32];
        for text in [STANDARD.encode(bytes), URL_SAFE_NO_PAD.encode(bytes), "ab".repeat(32), "AB".repeat(32)]
        {
            assert_eq!(SecretKey::parse(&text).unwrap().bytes(), &bytes, "{text}");
        }
        for text in ["", "password", &"ab".repeat(31), &"zz".repeat(32), &STANDARD.encode([1; 33])] {
            assert!(SecretKey::parse(text).is_none(), "{text}");
        }
    }
}
