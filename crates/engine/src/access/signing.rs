//! The keys that sign access tokens: sealed in the store, opened once, kept in memory.

use super::jwt::{self, SigningKey};
use crate::secrets::Sealer;
use crate::sources::random;
use crate::{Engine, Error, Result};
use domain::{Timestamp, UserId};
use std::sync::{Arc, PoisonError, RwLock};
use storage::signing_keys::SigningKeyRow;

/// What private keys are sealed for.
const PURPOSE: &str = "signing key";

/// The opened keys, the newest first; empty before the first use.
#[derive(Default)]
pub(super) struct SigningKeys {
    opened: RwLock<Arc<Vec<SigningKey>>>,
}

/// A public key that verifies our tokens (RFC 7517, RFC 8037).
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct Jwk {
    /// Always `OKP`.
    pub kty: &'static str,
    /// Always `Ed25519`.
    pub crv: &'static str,
    /// The public key, base64url.
    pub x: String,
    /// The id that tokens name.
    pub kid: String,
    /// Always `EdDSA`.
    pub alg: &'static str,
    /// Always `sig`.
    #[serde(rename = "use")]
    pub usage: &'static str,
}

/// The public keys that verify our tokens.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct Jwks {
    /// The newest first.
    pub keys: Vec<Jwk>,
}

/// A new key as it is stored.
pub(super) fn new_row(sealer: &Sealer, now: Timestamp) -> Result<SigningKeyRow> {
    let kid = format!("{:016x}", u64::from_be_bytes(random()));
    let private_key = jwt::new_private_key();
    let key = open(kid.clone(), &private_key)?;
    Ok(SigningKeyRow {
        kid,
        public_key: key.public_key(),
        sealed_private_key: sealer.seal(PURPOSE, &private_key),
        created_at: now.into(),
        retired_at: None,
    })
}

fn open(kid: String, private_key: &[u8]) -> Result<SigningKey> {
    SigningKey::new(kid, private_key)
        .ok_or_else(|| Error::Internal("a signing key is not of Ed25519".to_owned()))
}

impl Engine {
    /// The public keys that verify our access tokens.
    ///
    /// # Errors
    /// The store cannot be read, or a key does not open.
    pub async fn jwks(&self) -> Result<Jwks> {
        let public = |key: &SigningKey| Jwk {
            kty: "OKP",
            crv: "Ed25519",
            x: key.x.clone(),
            kid: key.kid.clone(),
            alg: "EdDSA",
            usage: "sig",
        };
        Ok(Jwks { keys: self.signing_keys().await?.iter().map(public).collect() })
    }

    /// Whether the secret key opens what is sealed in the database. With another, nobody could sign in.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn opens_sealed_secrets(&self) -> Result<bool> {
        let rows = self.store().read(storage::signing_keys::in_use).await?;
        let sealer = &self.shared.sealer;
        Ok(rows.iter().all(|row| sealer.open(PURPOSE, &row.sealed_private_key).is_ok()))
    }

    /// An access token for this user.
    pub(super) async fn sign_access_token(&self, user: UserId, now: Timestamp) -> Result<String> {
        let keys = self.signing_keys().await?;
        let key = keys.first().ok_or_else(|| Error::Internal("there is no signing key".to_owned()))?;
        jwt::sign(key, &self.shared.issuer, user, now)
    }

    /// Who an access token speaks for; none if it is not good.
    pub(super) async fn verify_access_token(&self, token: &str) -> Result<Option<UserId>> {
        let Some(kid) = jwt::kid(token) else { return Ok(None) };
        let mut keys = self.signing_keys().await?;
        if !keys.iter().any(|key| key.kid == kid) {
            // Another replica may have made it.
            keys = self.load_signing_keys().await?;
        }
        let key = keys.iter().find(|key| key.kid == kid);
        Ok(key.and_then(|key| jwt::verify(key, &self.shared.issuer, token, self.now())))
    }

    async fn signing_keys(&self) -> Result<Arc<Vec<SigningKey>>> {
        let opened = &self.shared.access.signing_keys.opened;
        let keys = Arc::clone(&opened.read().unwrap_or_else(PoisonError::into_inner));
        if keys.is_empty() { self.load_signing_keys().await } else { Ok(keys) }
    }

    async fn load_signing_keys(&self) -> Result<Arc<Vec<SigningKey>>> {
        let rows = self.store().read(storage::signing_keys::in_use).await?;
        let opened = rows.into_iter().map(|row| {
            let private_key = self.shared.sealer.open(PURPOSE, &row.sealed_private_key)?;
            open(row.kid, &private_key)
        });
        let keys = Arc::new(opened.collect::<Result<Vec<_>>>()?);
        let place = &self.shared.access.signing_keys.opened;
        *place.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&keys);
        Ok(keys)
    }
}
