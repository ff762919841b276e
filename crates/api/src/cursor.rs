//! Where the next page starts: opaque, signed, and bound to the list it came from.
//!
//! base64url of `version ‖ MAC ‖ position`. The MAC is HMAC-SHA256, truncated to 128 bits (RFC 2104 §5), over the
//! version, a digest of what the list was asked for, and the position.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::code::Code;
use crate::problem::Problem;

const VERSION: u8 = 1;
const MAC_BYTES: usize = 16;
/// Longer than any cursor this server makes.
const MAX_TEXT: usize = 4096;

/// Signs cursors. Replicas that share the secret key read each other's.
#[derive(Clone)]
pub struct Cursors {
    key: [u8; 32],
}

impl Cursors {
    /// Cursors signed with a key derived from the server's secret key.
    pub fn new(secret_key: &[u8; 32]) -> Self {
        let mut mac = keyed(secret_key);
        mac.update(b"list cursors");
        Self { key: mac.finalize().into_bytes().into() }
    }

    /// The cursor of the page that starts after `position`. `list` is everything the order and the choice of items
    /// depend on: its name, the project, the filter and the sort.
    pub fn seal(&self, list: &impl Serialize, position: &impl Serialize) -> String {
        let position = serde_json::to_vec(position).expect("a position is plain data");
        let mut bytes = vec![VERSION];
        bytes.extend(self.mac(list, &position));
        bytes.extend(position);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The position in a cursor of this very list: none without a cursor, a problem for any other text.
    pub fn open<P: DeserializeOwned>(
        &self,
        list: &impl Serialize,
        cursor: Option<&str>,
    ) -> Result<Option<P>, Problem> {
        let Some(cursor) = cursor else { return Ok(None) };
        let refused = "not a cursor of this list with this filter and order; start again without one";
        let position =
            self.verified(list, cursor).and_then(|position| serde_json::from_slice(&position).ok());
        position.map(Some).ok_or_else(|| Problem::new(Code::InvalidCursor, refused))
    }

    fn verified(&self, list: &impl Serialize, cursor: &str) -> Option<Vec<u8>> {
        let bytes =
            if cursor.len() <= MAX_TEXT { URL_SAFE_NO_PAD.decode(cursor).ok()? } else { return None };
        let (version, rest) = bytes.split_first()?;
        let (mac, position) = rest.split_at_checked(MAC_BYTES)?;
        let valid = *version == VERSION && self.signing(list, position).verify_truncated_left(mac).is_ok();
        valid.then(|| position.to_vec())
    }

    fn mac(&self, list: &impl Serialize, position: &[u8]) -> Vec<u8> {
        self.signing(list, position).finalize().into_bytes()[..MAC_BYTES].to_vec()
    }

    fn signing(&self, list: &impl Serialize, position: &[u8]) -> Hmac<Sha256> {
        let list = serde_json::to_vec(list).expect("what a list is asked for is plain data");
        let mut mac = keyed(&self.key);
        mac.update(&[VERSION]);
        mac.update(&Sha256::digest(list));
        mac.update(position);
        mac
    }
}

fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cursors() -> Cursors {
        Cursors::new(&[7; 32])
    }

    #[test]
    fn no_cursor_is_the_first_page() {
        assert_eq!(cursors().open::<u8>(&"issues", None).unwrap(), None);
    }

    proptest! {
        #[test]
        fn a_position_comes_back(list: String, impact: i64, id: [u8; 16]) {
            let cursor = cursors().seal(&list, &(impact, id));
            prop_assert!(cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
            prop_assert_eq!(cursors().open(&list, Some(&cursor)).unwrap(), Some((impact, id)));
        }

        #[test]
        fn another_list_or_server_refuses_it(list: String, other: String, position: u32) {
            prop_assume!(list != other);
            let cursor = cursors().seal(&list, &position);
            prop_assert!(cursors().open::<u32>(&other, Some(&cursor)).is_err());
            prop_assert!(Cursors::new(&[8; 32]).open::<u32>(&list, Some(&cursor)).is_err());
        }

        #[test]
        fn a_changed_cursor_is_refused(position: u32, at: prop::sample::Index, with in "[A-Za-z0-9_-]") {
            let cursor = cursors().seal(&"issues", &position);
            let at = at.index(cursor.len());
            let changed = format!("{}{with}{}", &cursor[..at], &cursor[at + 1..]);
            prop_assume!(changed != cursor);
            prop_assert_eq!(cursors().open::<u32>(&"issues", Some(&changed)).unwrap_err().code(), Code::InvalidCursor);
        }

        #[test]
        fn any_text_is_refused(text: String) {
            prop_assert!(cursors().open::<u32>(&"issues", Some(&text)).is_err());
        }
    }
}
