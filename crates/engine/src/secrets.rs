//! What must not be readable in a stolen database: sealed values, and the key that seals them.

use crate::sources::random;
use crate::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

/// Bytes of the random nonce in front of each sealed value: long enough never to repeat by chance.
const NONCE_BYTES: usize = 24;

/// Seals and opens secrets with XChaCha20-Poly1305.
#[derive(Clone)]
pub struct Sealer {
    cipher: XChaCha20Poly1305,
}

impl Sealer {
    /// A sealer with this key.
    pub fn new(key: [u8; 32]) -> Self {
        Self { cipher: XChaCha20Poly1305::new(&Key::from(key)) }
    }

    /// Seals `plain`. It opens again only for the same `purpose`, so that a sealed value moved to another column is worth nothing.
    ///
    /// # Panics
    /// `plain` is larger than 256 GiB.
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE_BYTES] = random();
        let payload = Payload { msg: plain, aad: purpose.as_bytes() };
        let sealed = self
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .expect("shorter than the cipher's limit of 256 GiB");
        [nonce.as_slice(), &sealed].concat()
    }

    /// Opens what [`Sealer::seal`] made for this `purpose`.
    ///
    /// # Errors
    /// [`Error::Internal`] when it was sealed with another key or for another purpose, or was changed.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        let refused = || {
            Error::Internal(format!("a sealed value ({purpose}) does not open: was the secret key changed?"))
        };
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or_else(refused)?;
        let payload = Payload { msg: sealed, aad: purpose.as_bytes() };
        self.cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| refused())
    }
}

/// Why there is no key to seal secrets with.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Not 32 bytes in base64.
    #[error("a secret key is 32 random bytes in base64, such as `openssl rand -base64 32` prints")]
    Malformed,
    /// Others than its owner may read the file.
    #[error("{path} can be read by others (mode {mode:o}): a copy may exist; run `chmod 600` on it if not")]
    Exposed {
        /// The file.
        path: String,
        /// Its permission bits.
        mode: u32,
    },
    /// The file cannot be read or made.
    #[error("the secret key file {path}: {error}")]
    File {
        /// The file.
        path: String,
        /// Why not.
        error: io::Error,
    },
}

/// Reads a key from text: 32 bytes in base64, white space around it allowed.
///
/// # Errors
/// [`KeyError::Malformed`].
pub fn parse_key(text: &str) -> std::result::Result<[u8; 32], KeyError> {
    let bytes = STANDARD.decode(text.trim()).map_err(|_| KeyError::Malformed)?;
    bytes.try_into().map_err(|_| KeyError::Malformed)
}

/// The key in this file, which is made (mode 0600, random) where there is none. Of several processes that make it at once, all get the same.
///
/// # Errors
/// The file can be read by others, holds no key, or cannot be read or made.
pub fn load_or_create_key_file(path: &Path) -> std::result::Result<[u8; 32], KeyError> {
    let failed = |error| KeyError::File { path: path.display().to_string(), error };
    match File::open(path) {
        Ok(file) => read_key(path, &file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            create_key(path).map_err(failed)?;
            read_key(path, &File::open(path).map_err(failed)?)
        }
        Err(error) => Err(failed(error)),
    }
}

fn read_key(path: &Path, file: &File) -> std::result::Result<[u8; 32], KeyError> {
    let failed = |error| KeyError::File { path: path.display().to_string(), error };
    let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyError::Exposed { path: path.display().to_string(), mode });
    }
    parse_key(&io::read_to_string(file).map_err(failed)?)
}

/// Writes a whole file under a name of its own first, then gives it its place unless another process was faster.
fn create_key(path: &Path) -> io::Result<()> {
    let unique = u64::from_be_bytes(random());
    let draft = path.with_added_extension(format!("{unique:016x}"));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let placed = writeln!(file, "{}", STANDARD.encode(random::<32>()))
        .and_then(|()| file.sync_all())
        .and_then(|()| match std::fs::hard_link(&draft, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            placed => placed,
        });
    std::fs::remove_file(&draft)?;
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens_only_for_its_purpose_and_key() {
        let sealer = Sealer::new([7; 32]);
        let closed = sealer.seal("signing key", b"secret");
        assert_eq!(sealer.open("signing key", &closed).unwrap(), b"secret");
        assert_ne!(closed, sealer.seal("signing key", b"secret"));
        assert!(sealer.open("webhook", &closed).is_err());
        assert!(Sealer::new([8; 32]).open("signing key", &closed).is_err());
        let mut changed = closed.clone();
        changed[30] ^= 1;
        assert!(sealer.open("signing key", &changed).is_err());
        assert!(sealer.open("signing key", &closed[..20]).is_err());
    }

    #[test]
    fn a_key_file_is_made_once_and_kept_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        let keys: Vec<_> = std::thread::scope(|scope| {
            let makers: Vec<_> =
                (0..4).map(|_| scope.spawn(|| load_or_create_key_file(&path).unwrap())).collect();
            makers.into_iter().map(|maker| maker.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);

        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(load_or_create_key_file(&path).unwrap_err().to_string().contains("mode 640"));
    }

    #[test]
    fn a_key_is_32_bytes_in_base64() {
        assert_eq!(parse_key(" AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n").unwrap(), [0; 32]);
        for text in ["", "short", "AAAA", "not base64 at all, certainly!"] {
            assert!(parse_key(text).is_err(), "{text}");
        }
    }
}
