//! Passwords: argon2id, with the parameters OWASP's password storage cheat sheet names first (19 MiB, 2 passes, 1 lane).

use crate::sources::random;
use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher as _, PasswordVerifier as _, Version};

/// Memory, KiB.
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// The hash of no password, as costly to check as any: an unknown user takes as long as a wrong password.
pub(super) const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes a password with a salt of its own. Takes tens of milliseconds: run it on the [`super::hasher::Hasher`].
pub(super) fn hash(password: &str) -> String {
    let params = Params::new(MEMORY, PASSES, LANES, None).expect("within argon2's limits");
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash: PasswordHash = argon2
        .hash_password_with_salt(password.as_bytes(), &random::<16>())
        .expect("a password far below argon2's limit and a salt of the recommended length");
    hash.to_string()
}

/// Whether this is the password of this hash. Takes tens of milliseconds: run it on the [`super::hasher::Hasher`].
pub(super) fn verify(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_salted_and_knows_its_password() {
        let stored = hash("correct horse");
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_ne!(stored, hash("correct horse"));
        assert!(verify("correct horse", &stored));
        assert!(!verify("Correct horse", &stored));
    }

    #[test]
    fn nobodys_hash_is_well_formed_and_costs_as_much() {
        let (nobodys, real) = (PasswordHash::new(NOBODYS).unwrap(), hash("x"));
        let real = PasswordHash::new(&real).unwrap();
        assert_eq!(
            (nobodys.algorithm, nobodys.version, &nobodys.params),
            (real.algorithm, real.version, &real.params)
        );
        assert_eq!(nobodys.hash.unwrap().len(), real.hash.unwrap().len());
        assert!(!verify("", NOBODYS));
    }
}
